package io.teahouse.relay.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.teahouse.core.EndpointId;
import io.teahouse.relay.client.RelayEvent.Condition;
import io.teahouse.relay.protocol.ClientHandshake;
import io.teahouse.relay.protocol.FrameCodec;
import io.teahouse.relay.protocol.FrameLayout;
import io.teahouse.relay.protocol.KeepAlive;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.protocol.RelayProtocolException;
import io.teahouse.relay.websocket.CloseCode;
import io.teahouse.relay.websocket.Opcode;
import io.teahouse.relay.websocket.WebSocketException;
import io.teahouse.relay.websocket.WebSocketReader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Speaks the relay protocol from the moment that the upgrade is through: proves the key, then answers pings, watches over
 * silence and writes, and tells what came (iroh relay spec, sections 3.3, 4.3, 4.7 and 5.1).
 *
 * <p>A machine: {@link ConnectionHandler} feeds it with bytes and time and does what {@link Owner} is told. What
 * leaves out of turn is bounded too: while the network takes nothing, only the latest ping is answered. Confined to one thread.
 */
@SansIo
final class RelaySession implements AutoCloseable {
    /** A write of which the network takes nothing for so long is the end: 15 s. */
    static final long MAX_STALL_NANOS = 15_000_000_000L;

    /** How long we wait for the relay's goodbye after ours: 2 s. */
    static final long MAX_CLOSING_NANOS = 2_000_000_000L;

    /** A time that never comes. */
    static final long NEVER = Long.MAX_VALUE;

    /** Characters that are kept of what a relay says in words. */
    static final int MAX_WORDS = 200;

    /** Does what is to be done, at once. */
    interface Owner {
        /** Takes a frame on its way, which belongs to the owner from now on. */
        void write(ByteBuf frame);

        /** Returns whether the network takes more at present. */
        boolean isWritable();

        /** The relay has let us in. */
        void confirmed();

        /** The relay has not let us in: close the connection. */
        void refused(RelayConnectException.Stage stage, String why);

        /** Something happened; {@link RelayEvent.Ended} is the last, and the connection is to be closed behind it. */
        void event(RelayEvent event);
    }

    /** Silence before a ping: 15 s. */
    private static final long PING_PERIOD_NANOS = 15_000_000_000L;

    private enum State {
        HANDSHAKE,
        OPEN,
        /** We have said goodbye. */
        CLOSING,
        OVER
    }

    private final Owner owner;
    private final ByteBufAllocator allocator;
    private final ClientHandshake handshake;
    private final ProtocolVersion version;
    private final MaskKeys masks;
    private final LongSupplier payloads;
    private final WebSocketReader reader;
    private State state = State.HANDSHAKE;
    private KeepAlive keepAlive = KeepAlive.pingingAtOnce(PING_PERIOD_NANOS, 0);
    private long stallNanos = NEVER;
    private long closingNanos = NEVER;

    private boolean challenged;

    // Answers that the network did not take yet: of each kind the latest.
    private boolean owesPong;
    private long owedPong;
    private byte[] owedWebSocketPong = new byte[0];
    private boolean owesWebSocketPong;

    /**
     * Creates a session whose upgrade is through.
     *
     * @param handshake begun
     * @param payloads  random, for pings
     */
    RelaySession(
            Owner owner,
            ByteBufAllocator allocator,
            ClientHandshake handshake,
            ProtocolVersion version,
            MaskKeys masks,
            LongSupplier payloads) {
        this.owner = owner;
        this.allocator = allocator;
        this.handshake = handshake;
        this.version = version;
        this.masks = masks;
        this.payloads = payloads;
        this.reader = new WebSocketReader(allocator, false, FrameLayout.MAX_MESSAGE_TO_RECEIVE);
    }

    /** Takes in bytes of the relay, which stay the caller's. */
    void onBytes(ByteBuf in, long nowNanos) {
        try {
            while (state != State.OVER) {
                switch (reader.next(in)) {
                    case NEED_MORE -> {
                        return;
                    }
                    case BINARY -> onMessage(reader.unmaskedCopy(), nowNanos);
                    case PING -> answerWebSocketPing(reader.controlPayload());
                    case PONG -> {} // nobody asked; harmless
                    case CLOSE -> onClose(reader.controlPayload());
                }
            }
        } catch (WebSocketException e) {
            fail(e.closeCode(), e.getMessage());
        } catch (RelayProtocolException e) {
            fail(CloseCode.PROTOCOL_ERROR, e.getMessage());
        }
    }

    private void onMessage(ByteBuffer message, long nowNanos) throws RelayProtocolException {
        switch (state) {
            case HANDSHAKE -> onHandshakeMessage(message, nowNanos);
            case OPEN -> {
                var frame = FrameCodec.decodeFromRelay(message, version);
                keepAlive.onFrame(nowNanos);
                onFrame(frame, nowNanos);
            }
            case CLOSING, OVER -> {}
        }
    }

    private void onHandshakeMessage(ByteBuffer message, long nowNanos) {
        switch (handshake.handleMessage(message)) {
            case ClientHandshake.Step.SendAuth(byte[] answer) -> {
                challenged = true;
                owner.write(ClientFrames.frame(allocator, Opcode.BINARY, answer, masks.next()));
            }
            case ClientHandshake.Step.Confirmed _ -> {
                state = State.OPEN;
                keepAlive = KeepAlive.pingingAtOnce(PING_PERIOD_NANOS, nowNanos);
                owner.confirmed();
                onDeadline(nowNanos); // the first ping
            }
            case ClientHandshake.Step.Denied(var reason) ->
                refuse(
                        RelayConnectException.Stage.DENIED,
                        "the relay denied our authentication (%s)"
                                .formatted(ClientFrames.printable(reason, MAX_WORDS)));
            case ClientHandshake.Step.Failed(var reason) -> {
                owner.write(ClientFrames.close(allocator, CloseCode.PROTOCOL_ERROR, reason, masks.next()));
                refuse(RelayConnectException.Stage.HANDSHAKE, reason);
            }
        }
    }

    /** Returns whether the relay sent a challenge. */
    boolean wasChallenged() {
        return challenged;
    }

    private void onFrame(RelayFrame.FromRelay frame, long nowNanos) {
        switch (frame) {
            case RelayFrame.ReceivedDatagrams(EndpointId source, var datagrams) ->
                owner.event(new RelayEvent.Received(source, datagrams));
            case RelayFrame.Ping(long payload) -> {
                owesPong = true;
                owedPong = payload;
                payDebts();
            }
            case RelayFrame.Pong(long payload) -> {
                if (keepAlive.onPong(payload, nowNanos)) {
                    owner.event(new RelayEvent.Proved(Duration.ofNanos(keepAlive.roundTripNanos())));
                }
            }
            case RelayFrame.EndpointGone(var endpoint) -> owner.event(new RelayEvent.EndpointGone(endpoint));
            case RelayFrame.Restarting(long reconnectIn, long tryFor) ->
                owner.event(new RelayEvent.Restarting(Duration.ofMillis(reconnectIn), Duration.ofMillis(tryFor)));
            case RelayFrame.Status(int code) -> owner.event(conditionOf(code));
            case RelayFrame.Health(var words) -> owner.event(conditionOf(words));
        }
    }

    private static RelayEvent conditionOf(int code) {
        return switch (code) {
            case RelayFrame.Status.HEALTHY -> new RelayEvent.ConditionChanged(Condition.HEALTHY, "healthy again");
            case RelayFrame.Status.SAME_ENDPOINT_ID_CONNECTED ->
                new RelayEvent.ConditionChanged(
                        Condition.SAME_ENDPOINT_ID_CONNECTED, "another connection with the same endpoint id took over");
            case RelayFrame.Status.RATE_LIMITED ->
                new RelayEvent.ConditionChanged(Condition.RATE_LIMITED, "the relay limits what we send");
            default -> new RelayEvent.ConditionChanged(Condition.OTHER, "status %d".formatted(code));
        };
    }

    private static RelayEvent conditionOf(String words) {
        var condition = switch (words) {
            case RelayFrame.Health.HEALTHY -> Condition.HEALTHY;
            case RelayFrame.Health.SAME_ENDPOINT_ID_CONNECTED -> Condition.SAME_ENDPOINT_ID_CONNECTED;
            default -> Condition.OTHER;
        };
        return new RelayEvent.ConditionChanged(condition, ClientFrames.printable(words, MAX_WORDS));
    }

    private void answerWebSocketPing(byte[] payload) {
        owesWebSocketPong = true;
        owedWebSocketPong = payload;
        payDebts();
    }

    private void payDebts() {
        if (owesPong && owner.isWritable()) {
            owesPong = false;
            write(new RelayFrame.Pong(owedPong));
        }
        if (owesWebSocketPong && owner.isWritable()) {
            owesWebSocketPong = false;
            owner.write(ClientFrames.frame(allocator, Opcode.PONG, owedWebSocketPong, masks.next()));
        }
    }

    private void write(RelayFrame.FromClient frame) {
        owner.write(ClientFrames.frame(allocator, Opcode.BINARY, FrameCodec.encode(frame), masks.next()));
    }

    private void onClose(byte[] payload) {
        var words = ClientFrames.closeText(payload);
        if (state == State.HANDSHAKE) {
            refuse(RelayConnectException.Stage.HANDSHAKE, "the relay closed the connection (%s)".formatted(words));
        } else if (state == State.CLOSING) {
            end(ConnectionEnd.Cause.CLOSED_HERE, "closed");
        } else {
            owner.write(ClientFrames.close(allocator, CloseCode.NORMAL, "", masks.next()));
            end(ConnectionEnd.Cause.CLOSED_BY_RELAY, "the relay closed the connection (%s)".formatted(words));
        }
    }

    /** Takes note that the stream has ended. */
    void onEnd() {
        lost(ConnectionEnd.Cause.STREAM_ENDED, "the connection ended without a close frame");
    }

    /** Takes note that the socket or TLS failed. */
    void onFailure(String why) {
        lost(ConnectionEnd.Cause.NETWORK_ERROR, why);
    }

    private void lost(ConnectionEnd.Cause cause, String why) {
        switch (state) {
            case HANDSHAKE -> refuse(RelayConnectException.Stage.HANDSHAKE, why);
            case OPEN -> end(cause, why);
            case CLOSING -> end(ConnectionEnd.Cause.CLOSED_HERE, "closed");
            case OVER -> {}
        }
    }

    private void fail(int closeCode, String why) {
        if (state == State.CLOSING) {
            end(ConnectionEnd.Cause.CLOSED_HERE, "closed");
            return;
        }
        owner.write(ClientFrames.close(allocator, closeCode, why, masks.next()));
        if (state == State.HANDSHAKE) {
            refuse(RelayConnectException.Stage.HANDSHAKE, why);
        } else {
            end(ConnectionEnd.Cause.PROTOCOL_ERROR, "the relay broke the protocol: " + why);
        }
    }

    /** Says goodbye, and waits for the relay's. */
    void beginClose(long nowNanos) {
        switch (state) {
            case HANDSHAKE -> refuse(RelayConnectException.Stage.HANDSHAKE, "closed before it was open");
            case OPEN -> {
                state = State.CLOSING;
                closingNanos = nowNanos + MAX_CLOSING_NANOS;
                owner.write(ClientFrames.close(allocator, CloseCode.NORMAL, "", masks.next()));
            }
            case CLOSING, OVER -> {}
        }
    }

    /** Pings now, with the short limit: the network may have changed. */
    void checkNow(long nowNanos) {
        if (state == State.OPEN) {
            keepAlive.checkNow(nowNanos);
            onDeadline(nowNanos);
        }
    }

    /** Takes note that something is on its way into the network, where nothing was. */
    void onWriteBegun(long nowNanos) {
        stallNanos = nowNanos + MAX_STALL_NANOS;
    }

    /** Takes note that the network took something; whether there is more on its way. */
    void onWriteProgress(boolean more, long nowNanos) {
        stallNanos = more ? nowNanos + MAX_STALL_NANOS : NEVER;
    }

    /** Takes note that the network takes something again. */
    void onWritable() {
        if (state == State.OPEN || state == State.HANDSHAKE) {
            payDebts();
        }
    }

    /** Returns when {@link #onDeadline} is to be called, or {@link #NEVER}. */
    long nextDeadlineNanos() {
        return switch (state) {
            case HANDSHAKE -> stallNanos;
            case OPEN -> Math.min(stallNanos, keepAlive.nextDeadlineNanos());
            case CLOSING -> closingNanos;
            case OVER -> NEVER;
        };
    }

    /** Takes in the passing of time; calling it early does nothing. */
    void onDeadline(long nowNanos) {
        if (state == State.CLOSING && nowNanos >= closingNanos) {
            end(ConnectionEnd.Cause.CLOSED_HERE, "closed");
        } else if ((state == State.OPEN || state == State.HANDSHAKE) && nowNanos >= stallNanos) {
            lost(
                    ConnectionEnd.Cause.WRITE_STALLED,
                    "the network took nothing for %d s".formatted(MAX_STALL_NANOS / 1_000_000_000));
        } else if (state == State.OPEN) {
            switch (keepAlive.onDeadline(nowNanos, payloads.getAsLong())) {
                case NOTHING -> {}
                case SEND_PING -> write(new RelayFrame.Ping(keepAlive.pingPayload()));
                case GIVE_UP -> end(ConnectionEnd.Cause.PING_UNANSWERED, "the relay did not answer a ping");
            }
        }
    }

    private void refuse(RelayConnectException.Stage stage, String why) {
        close();
        owner.refused(stage, why);
    }

    private void end(ConnectionEnd.Cause cause, String detail) {
        close();
        owner.event(new RelayEvent.Ended(new ConnectionEnd(cause, detail)));
    }

    /** Gives back what is held; nothing is said any more. */
    @Override
    public void close() {
        state = State.OVER;
        reader.close();
    }
}
