package io.teahouse.quic;

import io.teahouse.quic.parameter.AddressDiscovery;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.stream.StreamLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What connections are like, for all that one side has.
 *
 * @param idleTimeout      after how long without a word a connection is over; zero for never
 * @param keepAlive        after how long something is sent so that the peer does not think so; zero for never
 * @param streams          how much the peer may send, and how much is kept for it
 * @param datagramBytes    how many bytes of datagrams wait to be read, or sent, each; 0 if none are taken
 * @param addressDiscovery our part in telling each other addresses
 * @param fixedBitMayBeZero whether we say that the fixed bit need not be set
 * @param initialRtt       taken for the round trip until one was measured
 * @param handshakeTimeout after how long a connection is over that is not confirmed, whatever comes; zero for never
 * @param multipath        what is done with several paths; empty to stay on one
 * @param timeZero         the wall clock at 0 on the clock of nanoseconds; TLS needs it for certificates and tickets
 * @param traces           is told what connections do
 */
public record ConnectionConfig(
        Duration idleTimeout,
        Duration keepAlive,
        StreamLimits streams,
        int datagramBytes,
        Optional<AddressDiscovery> addressDiscovery,
        boolean fixedBitMayBeZero,
        Duration initialRtt,
        Duration handshakeTimeout,
        Optional<MultipathConfig> multipath,
        Instant timeZero,
        ConnectionTrace.Source traces) {
    /** As long as a connection may be idle. */
    public static final Duration DEFAULT_HANDSHAKE_TIMEOUT = Duration.ofSeconds(30);

    /** How long acknowledgements wait at most. */
    static final long MAX_ACK_DELAY_NANOS = 25_000_000;
    /** How soon they can be had. */
    static final long MIN_ACK_DELAY_NANOS = 1_000_000;

    /** How many connection ids of the peer's are kept. */
    static final int ACTIVE_IDS = 5;

    /** A DATAGRAM frame as large as any datagram, as iroh endpoints announce it. */
    private static final int MAX_DATAGRAM_FRAME = 65_535;

    private static final int NANOS_PER_MICRO = 1000;

    /**
     * What is like this, on one path.
     *
     * @param idleTimeout      after how long without a word a connection is over; zero for never
     * @param keepAlive        after how long something is sent so that the peer does not think so; zero for never
     * @param streams          how much the peer may send, and how much is kept for it
     * @param datagramBytes    how many bytes of datagrams wait to be read, or sent, each; 0 if none are taken
     * @param addressDiscovery our part in telling each other addresses
     * @param fixedBitMayBeZero whether we say that the fixed bit need not be set
     * @param initialRtt       taken for the round trip until one was measured
     * @param timeZero         the wall clock at 0 on the clock of nanoseconds
     */
    public ConnectionConfig(
            Duration idleTimeout,
            Duration keepAlive,
            StreamLimits streams,
            int datagramBytes,
            Optional<AddressDiscovery> addressDiscovery,
            boolean fixedBitMayBeZero,
            Duration initialRtt,
            Instant timeZero) {
        this(
                idleTimeout,
                keepAlive,
                streams,
                datagramBytes,
                addressDiscovery,
                fixedBitMayBeZero,
                initialRtt,
                DEFAULT_HANDSHAKE_TIMEOUT,
                Optional.empty(),
                timeZero,
                ConnectionTrace.Source.NONE);
    }

    /**
     * {@return what iroh endpoints do: 30 s of silence, a word every 5 s}
     *
     * @param timeZero the wall clock at 0 on the clock of nanoseconds
     */
    public static ConnectionConfig defaults(Instant timeZero) {
        return new ConnectionConfig(
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                StreamLimits.DEFAULT,
                1_250_000,
                Optional.of(AddressDiscovery.BOTH),
                true,
                Duration.ofMillis(333),
                timeZero);
    }

    /**
     * {@return the same with other limits for streams}
     *
     * @param limits how much the peer may send, and how much is kept for it
     */
    public ConnectionConfig withStreams(StreamLimits limits) {
        return with(limits, multipath, traces);
    }

    /**
     * {@return the same, but somebody is told what connections do}
     *
     * @param source makes the trace of each connection
     */
    public ConnectionConfig withTraces(ConnectionTrace.Source source) {
        return with(streams, multipath, source);
    }

    /**
     * {@return the same with several paths}
     *
     * @param paths what is done with them
     */
    public ConnectionConfig withMultipath(MultipathConfig paths) {
        return with(streams, Optional.of(paths), traces);
    }

    private ConnectionConfig with(StreamLimits limits, Optional<MultipathConfig> paths, ConnectionTrace.Source source) {
        return new ConnectionConfig(
                idleTimeout,
                keepAlive,
                limits,
                datagramBytes,
                addressDiscovery,
                fixedBitMayBeZero,
                initialRtt,
                handshakeTimeout,
                paths,
                timeZero,
                source);
    }

    /** What of this the peer is told; connection ids and reset token are missing. */
    TransportParameters.Builder parameters() {
        var builder = TransportParameters.builder()
                .set(IntegerParameter.MAX_IDLE_TIMEOUT, idleTimeout.toMillis())
                .set(IntegerParameter.INITIAL_MAX_DATA, streams.connectionWindow())
                .set(IntegerParameter.INITIAL_MAX_STREAM_DATA_BIDI_LOCAL, streams.streamWindow())
                .set(IntegerParameter.INITIAL_MAX_STREAM_DATA_BIDI_REMOTE, streams.streamWindow())
                .set(IntegerParameter.INITIAL_MAX_STREAM_DATA_UNI, streams.streamWindow())
                .set(IntegerParameter.INITIAL_MAX_STREAMS_BIDI, streams.bidirectionalStreams())
                .set(IntegerParameter.INITIAL_MAX_STREAMS_UNI, streams.unidirectionalStreams())
                .set(IntegerParameter.ACTIVE_CONNECTION_ID_LIMIT, ACTIVE_IDS)
                .set(IntegerParameter.MAX_DATAGRAM_FRAME_SIZE, datagramBytes == 0 ? 0 : MAX_DATAGRAM_FRAME)
                .minAckDelayMicros(MIN_ACK_DELAY_NANOS / NANOS_PER_MICRO);
        addressDiscovery.ifPresent(builder::addressDiscovery);
        multipath.ifPresent(paths -> {
            builder.initialMaxPathId(paths.paths() - 1L);
            if (paths.candidates() > 0) {
                builder.natTraversalAddresses(paths.candidates());
            }
        });
        if (fixedBitMayBeZero) {
            builder.greaseQuicBit();
        }
        return builder;
    }
}
