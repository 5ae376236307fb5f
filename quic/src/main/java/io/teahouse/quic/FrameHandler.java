package io.teahouse.quic;

import io.teahouse.quic.frame.AckFrame;
import io.teahouse.quic.frame.AddressFrame;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Does what a peer's frames say, for frames that the packet may have. Not thread-safe. */
final class FrameHandler {
    private static final long NANOS_PER_MICRO = 1000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final ConnectionState state;
    private final HandshakeDriver handshake;

    FrameHandler(ConnectionState state, HandshakeDriver handshake) {
        this.state = state;
        this.handshake = handshake;
    }

    /** Whether a frame only tries a path out, so that it does not say that the peer has moved there. */
    static boolean isProbing(Frame frame) {
        return switch (frame) {
            case ConnectionFrame.Padding _,
                    PathFrame.PathChallenge _,
                    PathFrame.PathResponse _,
                    PathFrame.NewConnectionId _,
                    AddressFrame.ObservedAddress _ -> true;
            default -> false;
        };
    }

    void handle(Frame frame, EncryptionLevel level, NetworkPath from, long nowNanos) throws TransportException {
        if (!state.isOpen()) {
            // We have closed: only whether the peer has, too, matters now.
            if (frame instanceof ConnectionFrame.TransportClose || frame instanceof ConnectionFrame.ApplicationClose) {
                onClose(frame, nowNanos);
            }
            return;
        }
        if (state.spaces.find(level).isEmpty()) {
            return; // an earlier frame of the packet has ended its level
        }
        switch (frame) {
            case AckFrame ack -> onAck(ack, level, nowNanos);
            case StreamFrame streamFrame -> state.streams.onFrame(streamFrame);
            case ConnectionFrame connectionFrame -> onConnectionFrame(connectionFrame, level, nowNanos);
            case PathFrame pathFrame -> onPathFrame(pathFrame, from);
            case AddressFrame.ObservedAddress report ->
                state.addressReports
                        .onReport(report)
                        .ifPresent(address -> state.tell(new ConnectionEvent.AddressObserved(address)));
            case AddressFrame other -> throw notAgreedOn(other);
        }
    }

    private void onAck(AckFrame ack, EncryptionLevel level, long nowNanos) throws TransportException {
        var space = Spaces.of(level);
        long delayNanos = space == EncryptionLevel.ONE_RTT ? delayNanos(ack.delay()) : 0;
        var outcome = state.path.recovery().onAcknowledged(space, ack, delayNanos, nowNanos);
        if (space == EncryptionLevel.ONE_RTT && state.keys.oneRtt().isPresent()) {
            state.keys.oneRtt().get().onAcknowledged(0, ack.ranges().largest());
        }
        outcome.acknowledged().forEach(packet -> state.onAcknowledged(packet.content()));
        state.onLost(outcome.lost());
    }

    /** How long the peer has held an acknowledgement back, not above what it has said it would. */
    private long delayNanos(long delay) {
        long exponent = number(IntegerParameter.ACK_DELAY_EXPONENT);
        long maxNanos = number(IntegerParameter.MAX_ACK_DELAY) * NANOS_PER_MILLI;
        long most = ((maxNanos / NANOS_PER_MICRO) >> exponent) + 1;
        return Math.min(maxNanos, (Math.min(delay, most) << exponent) * NANOS_PER_MICRO);
    }

    private long number(IntegerParameter parameter) {
        return state.peer.orElseGet(() -> TransportParameters.builder().build()).get(parameter);
    }

    private void onConnectionFrame(ConnectionFrame frame, EncryptionLevel level, long nowNanos)
            throws TransportException {
        switch (frame) {
            case ConnectionFrame.Padding _, ConnectionFrame.Ping _, ConnectionFrame.DataBlocked _ -> {}
            case ConnectionFrame.Crypto crypto -> {
                state.spaces.get(level).crypto().onFrame(crypto);
                handshake.advance(level, nowNanos);
            }
            case ConnectionFrame.NewToken newToken -> {
                var token = newToken.token();
                var copy = ByteBuffer.allocate(token.remaining()).put(token).flip();
                state.tell(new ConnectionEvent.TokenReceived(copy.asReadOnlyBuffer()));
            }
            case ConnectionFrame.MaxData maxData -> state.streams.onMaxData(maxData);
            case ConnectionFrame.TransportClose _, ConnectionFrame.ApplicationClose _ -> onClose(frame, nowNanos);
            case ConnectionFrame.HandshakeDone _ -> state.onConfirmed();
            case ConnectionFrame.ImmediateAck _ -> state.path.acks().onImmediateAck(nowNanos);
            case ConnectionFrame.AckFrequency frequency -> state.path.acks().onAckFrequency(frequency);
            case ConnectionFrame.Datagram datagram -> state.datagramsIn.add(datagram.data());
        }
    }

    private void onClose(Frame frame, long nowNanos) {
        switch (frame) {
            case ConnectionFrame.TransportClose close ->
                state.onPeerClosed(new CloseCause.PeerTransport(close.code(), text(close.reason())), nowNanos);
            case ConnectionFrame.ApplicationClose close ->
                state.onPeerClosed(new CloseCause.PeerApplication(close.code(), text(close.reason())), nowNanos);
            default -> throw new IllegalArgumentException("frame: " + frame.type());
        }
    }

    private void onPathFrame(PathFrame frame, NetworkPath from) throws TransportException {
        switch (frame) {
            case PathFrame.NewConnectionId(var issued) -> state.remoteIds.onIssued(issued);
            case PathFrame.RetireConnectionId(long sequence) -> {
                state.localIds.onRetired(sequence);
                state.issueIds();
            }
            case PathFrame.PathChallenge(long data) -> state.path.responses().onChallenge(from, data);
            case PathFrame.PathResponse(long data) -> {
                if (state.path.challenges().onResponse(data)) {
                    state.path.onValidated();
                }
            }
            default -> throw notAgreedOn(frame);
        }
    }

    private static TransportException notAgreedOn(Frame frame) {
        return new TransportException(
                TransportError.PROTOCOL_VIOLATION,
                frame.type().code(),
                "%s frame: on a connection without it (expected: only once agreed on)".formatted(frame.type()));
    }

    private static String text(ByteBuffer reason) {
        return StandardCharsets.UTF_8.decode(reason).toString();
    }
}
