package io.teahouse.quic;

import io.teahouse.quic.frame.AckFrame;
import io.teahouse.quic.frame.AddressFrame;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Does what a peer's frames say, for frames that the packet may have. Not thread-safe. */
final class FrameHandler {
    private static final long NANOS_PER_MICRO = 1000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final ConnectionState state;
    private final HandshakeDriver handshake;
    private final PathFrames pathFrames;

    FrameHandler(ConnectionState state, HandshakeDriver handshake) {
        this.state = state;
        this.handshake = handshake;
        this.pathFrames = new PathFrames(state);
    }

    /** Whether a frame only tries a path out, so that it does not say that the peer has moved there. */
    static boolean isProbing(Frame frame) {
        return switch (frame) {
            case ConnectionFrame.Padding _,
                    PathFrame.PathChallenge _,
                    PathFrame.PathResponse _,
                    PathFrame.NewConnectionId _,
                    PathFrame.PathNewConnectionId _,
                    AddressFrame.ObservedAddress _ -> true;
            default -> false;
        };
    }

    /** Takes in a frame of a packet of a path, which came from wherever. */
    void handle(Frame frame, EncryptionLevel level, Path<PacketContent> path, NetworkPath from, long nowNanos)
            throws TransportException {
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
            case ConnectionFrame connectionFrame -> onConnectionFrame(connectionFrame, level, path, nowNanos);
            case PathFrame pathFrame -> pathFrames.handle(pathFrame, path, from, nowNanos);
            case AddressFrame.ObservedAddress report ->
                path.reports()
                        .onReport(report)
                        .ifPresent(address -> state.tell(new ConnectionEvent.AddressObserved(address)));
            case AddressFrame other -> state.traversal.onFrame(other, nowNanos);
        }
    }

    private void onAck(AckFrame ack, EncryptionLevel level, long nowNanos) throws TransportException {
        var space = Spaces.of(level);
        long delayNanos = space == EncryptionLevel.ONE_RTT ? delayNanos(ack.delay()) : 0;
        var known =
                space == EncryptionLevel.ONE_RTT ? state.paths.find(ack.pathId()) : Optional.of(state.paths.initial());
        if (known.isEmpty()) {
            requireUsed(ack.pathId(), ack);
            return; // forgotten
        }
        var outcome = known.get().recovery().onAcknowledged(space, ack, delayNanos, nowNanos);
        if (space == EncryptionLevel.ONE_RTT && state.keys.oneRtt().isPresent()) {
            state.keys.oneRtt().get().onAcknowledged(ack.pathId(), ack.ranges().largest());
        }
        if (!outcome.acknowledged().isEmpty()) {
            known.get().onAcknowledged();
        }
        outcome.acknowledged().forEach(packet -> state.onAcknowledged(packet.content()));
        state.trace.onLost(space, known.get().id(), outcome.lost(), nowNanos);
        state.trace.onRecovery(known.get(), nowNanos);
        state.onLost(outcome.lost());
    }

    private void requireUsed(long pathId, AckFrame ack) throws TransportException {
        if (!state.paths.numbers.isUsed(pathId)) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION,
                    ack.type().code(),
                    "acknowledgement on path %d: never used (expected: one of ours)".formatted(pathId));
        }
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

    private void onConnectionFrame(
            ConnectionFrame frame, EncryptionLevel level, Path<PacketContent> path, long nowNanos)
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
            case ConnectionFrame.HandshakeDone _ -> {
                state.onConfirmed();
                state.control.openWanted(nowNanos);
            }
            case ConnectionFrame.ImmediateAck _ -> path.acks().onImmediateAck(nowNanos);
            case ConnectionFrame.AckFrequency frequency ->
                state.paths.all().forEach(any -> any.acks().onAckFrequency(frequency));
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

    private static String text(ByteBuffer reason) {
        return StandardCharsets.UTF_8.decode(reason).toString();
    }
}
