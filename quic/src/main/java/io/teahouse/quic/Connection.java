package io.teahouse.quic;

import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.packet.PacketNumber;
import io.teahouse.quic.packet.PacketWriter;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.quic.parameter.ParameterEncoder;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.path.ProbeTimeout;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.stream.ApplicationStreams;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.tls.EncryptionLevel;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.message.Opaque;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A QUIC connection, as a machine: datagrams and time go in, datagrams, events and the time of the next call come out.
 *
 * <p>After each call that changes something ({@link #receive}, {@link #handleTimeout}, {@link #close}, and what is done
 * with streams and datagrams) ask {@link #pollOutgoing} and {@link #pollEvent} until nothing more comes, then wait for the
 * next datagram or {@link #nextTimeoutNanos}. Once that is never and {@link #isOver}, the connection can be forgotten.
 *
 * <p>Uses path 0 only. Not thread-safe.
 */
public final class Connection {
    /** When nothing has to be done. */
    public static final long NEVER = Long.MAX_VALUE;

    private final ConnectionState state;
    private final HandshakeDriver handshake;
    private final Receiver receiver;
    private final Sender sender;

    private Connection(ConnectionState state, Function<Opaque, Handshake> tls, Optional<Opaque> remembered) {
        this.state = state;
        var parameters = state.ids.addTo(state.config.parameters());
        if (state.role == Role.SERVER) {
            parameters.statelessResetToken(state.idSource.tokenOf(state.ids.own()));
        }
        var encoded = Opaque.copyOf(ParameterEncoder.encode(parameters.build(), state.random));
        this.handshake = new HandshakeDriver(state, tls.apply(encoded), remembered);
        this.receiver = new Receiver(state, handshake);
        this.sender = new Sender(state);
    }

    /**
     * {@return a client's connection, which has a first datagram to send}
     *
     * @param config     what it is like
     * @param idSource   makes its ids
     * @param tls        makes the client's side of the handshake of our transport parameters, and has it started
     * @param remembered the server's transport parameters of the connection that the ticket is from, if TLS was started
     *                   with one: early data keeps to them
     * @param network    where the server is; from where it is reached is best left open
     * @param random     for what must not be guessed
     * @param nowNanos   now
     */
    public static Connection client(
            ConnectionConfig config,
            ConnectionIdSource idSource,
            Function<Opaque, Handshake> tls,
            Optional<Opaque> remembered,
            NetworkPath network,
            RandomGenerator random,
            long nowNanos) {
        var ids = HandshakeIds.ofClient(idSource.next(), idSource.next());
        var state = new ConnectionState(Role.CLIENT, config, random, ids, idSource, network, nowNanos);
        var connection = new Connection(state, tls, remembered);
        connection.handshake.start(nowNanos);
        return connection;
    }

    /**
     * {@return a server's connection, which has to be given the client's first datagram next}
     *
     * @param config        what it is like
     * @param idSource      makes its ids
     * @param tls           makes the server's side of the handshake of our transport parameters
     * @param ids           of that first datagram
     * @param addressProven whether the client has shown a token
     * @param network       where the client's first datagram came from and went to
     * @param random        for what must not be guessed
     * @param nowNanos      now
     */
    public static Connection server(
            ConnectionConfig config,
            ConnectionIdSource idSource,
            Function<Opaque, Handshake> tls,
            HandshakeIds ids,
            boolean addressProven,
            NetworkPath network,
            RandomGenerator random,
            long nowNanos) {
        var state = new ConnectionState(Role.SERVER, config, random, ids, idSource, network, nowNanos);
        if (addressProven) {
            state.path.onValidated();
        }
        return new Connection(state, tls, Optional.empty());
    }

    // The network.

    /**
     * Takes a datagram in.
     *
     * @param datagram backed by an array, which is changed: packets are opened in place
     * @param from     from whom, and to which of our addresses
     * @param mark     how it was marked
     * @param nowNanos now
     */
    public void receive(ByteBuffer datagram, NetworkPath from, Ecn mark, long nowNanos) {
        if (state.closing.state() != ClosingState.State.CLOSED) {
            receiver.receive(datagram, from, mark, nowNanos);
        }
    }

    /**
     * {@return the next datagram to send now, or empty}
     *
     * @param nowNanos now
     */
    public Optional<OutgoingDatagram> pollOutgoing(long nowNanos) {
        return sender.next(nowNanos);
    }

    /**
     * {@return when {@link #handleTimeout} has to be called, or {@link #NEVER}}
     *
     * @param nowNanos now
     */
    public long nextTimeoutNanos(long nowNanos) {
        if (!state.isOpen()) {
            return state.closing.deadlineNanos();
        }
        var recovery = state.path.recovery();
        long next = Math.min(state.idle.deadlineNanos(), state.keepAliveAtNanos);
        next = Math.min(next, recovery.nextDeadline(!sender.mayAnswer()).atNanos());
        if (!sender.mayAnswer()) {
            return next; // the rest waits for the peer
        }
        for (var level : EncryptionLevel.values()) {
            // A server has 0-RTT packets before it can acknowledge them.
            if (level != EncryptionLevel.ZERO_RTT && state.keys.canSeal(level)) {
                next = Math.min(next, state.spaces.get(level).acks().deadlineNanos());
            }
        }
        next = Math.min(next, state.path.challenges().deadlineNanos());
        if (state.confirmed && state.path.isUsable()) {
            next = Math.min(next, state.path.mtu().deadlineNanos());
        }
        return sender.waitsForPace() ? Math.min(next, recovery.nextSendNanos(nowNanos)) : next;
    }

    /**
     * Does what has to be done by now; before its time it does nothing.
     *
     * @param nowNanos now
     */
    public void handleTimeout(long nowNanos) {
        if (!state.isOpen()) {
            state.closing.handleDeadline(nowNanos);
            return;
        }
        if (state.idle.deadlineNanos() <= nowNanos) {
            state.onGone(new CloseCause.Idle());
            return;
        }
        var recovery = state.path.recovery();
        var deadline = recovery.nextDeadline(!sender.mayAnswer());
        if (deadline.atNanos() <= nowNanos && deadline.reason() == ProbeTimeout.Reason.LOSS) {
            state.onLost(recovery.detectLost(deadline.level(), nowNanos));
        } else if (deadline.atNanos() <= nowNanos && deadline.reason() == ProbeTimeout.Reason.PROBE) {
            recovery.probeTimeout().onProbe();
            // What has waited longest goes again, and whatever becomes of it, it is answered.
            state.onLost(recovery.oldestUnacknowledged(deadline.level(), 2));
            state.probes.put(deadline.level(), 2);
        }
        if (state.keepAliveAtNanos <= nowNanos) {
            state.restartKeepAlive(nowNanos);
            if (state.connected) {
                state.pending.add(new ConnectionFrame.Ping());
            }
        }
    }

    /**
     * {@return our connection ids by which the peer's packets find this connection; they change as it goes}
     */
    public Collection<ConnectionId> ids() {
        return state.localIds.active();
    }

    /** Whether a genuine packet of the peer's was seen. */
    boolean hasHeardPeer() {
        return state.path.lastReceivedNanos() != Long.MIN_VALUE;
    }

    /**
     * {@return where a client's first packets go, before it knows one of {@link #ids}}
     */
    public ConnectionId initialId() {
        return state.ids.initialKeys();
    }

    // The application.

    /**
     * {@return what has happened since it was asked for the last time, one after the other; or empty}
     */
    public Optional<ConnectionEvent> pollEvent() {
        return Optional.ofNullable(state.events.poll());
    }

    /**
     * {@return the streams}
     */
    public ApplicationStreams streams() {
        return state.streams.application();
    }

    /**
     * {@return how large a datagram of the application's may be now; negative if the peer takes none}
     */
    public int maxDatagramSize() {
        long peers = state.peer
                .map(parameters -> parameters.get(IntegerParameter.MAX_DATAGRAM_FRAME_SIZE))
                .orElse(0L);
        int overhead = PacketWriter.shortOverhead(ConnectionId.MAX_LENGTH, PacketNumber.MAX_LENGTH);
        return (int) Math.min(peers, state.path.mtu().mtuBytes() - overhead) - DATAGRAM_HEADER;
    }

    /** Bytes of a DATAGRAM frame beside its data, at most. */
    private static final int DATAGRAM_HEADER = 5;

    /**
     * Sends a datagram, if there is not too much else to send.
     *
     * @param data copied
     * @return whether it is small enough
     */
    public boolean sendDatagram(ByteBuffer data) {
        if (data.remaining() > maxDatagramSize()) {
            return false;
        }
        state.datagramsOut.add(data);
        return true;
    }

    /**
     * {@return a datagram of the peer's, or empty}
     */
    public Optional<ByteBuffer> pollDatagram() {
        return state.datagramsIn.poll();
    }

    /**
     * Ends the connection.
     *
     * @param code     the application's
     * @param reason   for a person
     * @param nowNanos now
     */
    public void close(long code, String reason, long nowNanos) {
        state.close(
                new ConnectionFrame.ApplicationClose(code, ConnectionState.utf8(reason)),
                new CloseCause.Local(code),
                nowNanos);
    }

    /**
     * {@return whether the handshake is complete}
     */
    public boolean isConnected() {
        return state.connected;
    }

    /**
     * {@return whether nothing is left to do, not even to tell the peer that it is over}
     */
    public boolean isOver() {
        return state.closing.state() == ClosingState.State.CLOSED;
    }

    /** Wipes secrets; to be called when the connection is forgotten. */
    public void destroy() {
        handshake.close();
    }

    /**
     * {@return keying material that both sides can make and nobody else}
     *
     * @param label   in ASCII, at most 249 characters
     * @param context any
     * @param length  how many bytes are wanted
     */
    public byte[] exportKeyingMaterial(String label, byte[] context, int length) {
        return handshake.exportKeyingMaterial(label, context, length);
    }

    /**
     * {@return what the peer has said of itself, once it has}
     */
    public Optional<TransportParameters> peerParameters() {
        return state.peer;
    }

    /**
     * {@return at which address the peer sees us, if it has said so}
     */
    public Optional<InetSocketAddress> observedAddress() {
        return state.addressReports.address();
    }

    /**
     * {@return the shortest round trip so far, if one was measured}
     */
    public Optional<Duration> minRoundTrip() {
        var rtt = state.path.recovery().rtt();
        return rtt.hasSample() ? Optional.of(Duration.ofNanos(rtt.minNanos())) : Optional.empty();
    }

    /**
     * {@return the peer's address, and at which of our own it finds us}
     */
    public NetworkPath network() {
        return state.path.network();
    }
}
