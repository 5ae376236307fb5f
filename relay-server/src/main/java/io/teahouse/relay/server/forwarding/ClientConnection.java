package io.teahouse.relay.server.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.FrameCodec;
import io.teahouse.relay.protocol.FrameLayout;
import io.teahouse.relay.protocol.KeepAlive;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.protocol.RelayProtocolException;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.server.time.Timer;
import io.teahouse.relay.websocket.CloseCode;
import io.teahouse.relay.websocket.WebSocketException;
import io.teahouse.relay.websocket.WebSocketReader;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One admitted client: reads what it sends and forwards it, and writes what it is to receive.
 *
 * <p>Put in place by {@link Admission}. Its reading half hands datagrams to {@link DatagramForwarder}; its writing half is
 * a {@link SendQueue}, filled by other clients and emptied at the end of each turn of the event loop. {@link Intake} says how
 * fast it is read from, {@link KeepAlive} and {@link WriteProgress} decide when the client is given up. Confined to the thread
 * of its {@link ForwardingLoop}, save for the methods that say otherwise.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter implements SendQueue.Outlet {
    private static final System.Logger LOG = System.getLogger(ClientConnection.class.getName());

    /** Shortest and longest silence before a ping; each connection draws its own, in whole seconds. */
    private static final int MIN_PING_PERIOD_SECONDS = 16;

    private static final int MAX_PING_PERIOD_SECONDS = 20;

    private static final byte[] STATUS_HEALTHY = FrameCodec.encode(new RelayFrame.Status(RelayFrame.Status.HEALTHY));
    private static final byte[] STATUS_DISPLACED =
            FrameCodec.encode(new RelayFrame.Status(RelayFrame.Status.SAME_ENDPOINT_ID_CONNECTED));
    private static final byte[] STATUS_RATE_LIMITED =
            FrameCodec.encode(new RelayFrame.Status(RelayFrame.Status.RATE_LIMITED));
    private static final byte[] HEALTH_HEALTHY = FrameCodec.encode(new RelayFrame.Health(RelayFrame.Health.HEALTHY));
    private static final byte[] HEALTH_DISPLACED =
            FrameCodec.encode(new RelayFrame.Health(RelayFrame.Health.SAME_ENDPOINT_ID_CONNECTED));

    private final RelayService service;
    private final ForwardingLoop loop;
    private final LoopCounters counters;
    private final Channel channel;
    private final EndpointId endpointId;
    private final Grant grant;
    private final ProtocolVersion version;
    private final WebSocketReader reader;
    private final TenantLoop tenant;
    private final Intake intake;
    private final SendQueue queue;
    private final DatagramForwarder forwarder;
    private final KeepAlive pings;
    private final WriteProgress progress;

    private final Timer timer = new Timer() {
        @Override
        protected void onDeadline(long nowNanos) {
            onTime(nowNanos);
        }
    };

    /** By number of loop: the batch that a loop is filling for this client; each slot belongs to that loop. */
    private final Handovers.@Nullable Batch[] openHandovers;

    private final long sinceMillis = System.currentTimeMillis();
    private final AtomicInteger handoverBytes = new AtomicInteger();
    private @Nullable RegisteredEndpoint endpoint;

    private boolean toldRateLimited;

    /** How many of the bytes that were handed on to this client its tenant knows of. */
    private long sentBytesCounted;

    private boolean flushing;

    /** Whether something was written to the channel since it was flushed. */
    private boolean unflushed;

    private boolean over;

    ClientConnection(
            RelayService service,
            ForwardingLoop loop,
            Channel channel,
            EndpointId endpointId,
            Grant grant,
            ProtocolVersion version,
            WebSocketReader reader) {
        this.service = service;
        this.loop = loop;
        this.counters = loop.counters();
        this.channel = channel;
        this.endpointId = endpointId;
        this.grant = grant;
        this.version = version;
        this.reader = reader;
        this.progress = new WriteProgress(service.writeStallNanos());
        this.tenant = grant.tenant().on(loop);
        this.intake = new Intake(loop, channel, tenant);
        this.queue = new SendQueue(channel.alloc(), this, loop.backlogMemory(), counters);
        this.forwarder = new DatagramForwarder(endpointId, loop, grant.tenant(), channel.alloc());
        this.openHandovers = new Handovers.@Nullable Batch[service.loops() > 1 ? service.loops() : 0];
        int period = ThreadLocalRandom.current().nextInt(MIN_PING_PERIOD_SECONDS, MAX_PING_PERIOD_SECONDS + 1);
        this.pings = KeepAlive.pingingAfterSilence(TimeUnit.SECONDS.toNanos(period), loop.nanos());
    }

    EndpointId endpointId() {
        return endpointId;
    }

    long connectionId() {
        return grant.connectionId();
    }

    /** Returns the name of the project whose client this is, if it is any project's. Any thread. */
    Optional<String> project() {
        return grant.tenant().project();
    }

    Realm realm() {
        return grant.tenant().realm();
    }

    ForwardingLoop loop() {
        return loop;
    }

    SendQueue queue() {
        return queue;
    }

    boolean isOver() {
        return over;
    }

    /** Returns how many bytes of datagrams came from this client. Any thread; may be some moments old. */
    long receivedBytes() {
        return forwarder.receivedBytes();
    }

    /** Returns how many bytes of datagrams were handed on to this client. Any thread; may be some moments old. */
    long sentBytes() {
        return queue.sentBytes();
    }

    /** Returns what can be told of it. */
    ClientInfo info() {
        return new ClientInfo(
                endpointId,
                connectionId(),
                endpoint != null && endpoint.active == this,
                grant.client(),
                version,
                project(),
                Instant.ofEpochMilli(sinceMillis),
                receivedBytes(),
                sentBytes(),
                queue.backlogFrames(),
                queue.backlogBytes());
    }

    private RelayCounter connectionsOfVersion() {
        return switch (version) {
            case V1 -> RelayCounter.CONNECTIONS_V1;
            case V2 -> RelayCounter.CONNECTIONS_V2;
        };
    }

    /**
     * Enters the registry, behind the message that tells the client so: nobody can reach it before, and whatever reaches
     * it leaves behind that message. Called once, when this handler is in place.
     */
    void begin() {
        endpoint = service.registry().register(this);
        counters.increment(RelayCounter.ACCEPTS);
        counters.add(RelayCounter.UNIQUE_CLIENT_KEYS, service.uniqueKeys().add(endpointId));
        counters.add(connectionsOfVersion(), 1);
        onReceiveLimitChanged();
        // That message is still to be flushed.
        unflushed = true;
        flushSoon();
        setTimer();
    }

    // ---- reading -------------------------------------------------------------------------------------------------

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var in = (ByteBuf) message;
        try {
            read(in);
        } finally {
            in.release();
        }
    }

    /** Reads everything that came in one go; the bytes still belong to the caller. */
    void read(ByteBuf in) {
        if (over) {
            return;
        }
        long nowNanos = loop.nanos();
        loop.onRead(in.readableBytes(), nowNanos);
        if (intake.onRead(in.readableBytes(), nowNanos)) {
            onTooMuch(in.readableBytes(), nowNanos);
        }
        long receivedBefore = forwarder.receivedBytes();
        try {
            WebSocketReader.Event event;
            while (!over && (event = reader.next(in)) != WebSocketReader.Event.NEED_MORE) {
                handle(event, nowNanos);
            }
        } catch (WebSocketException e) {
            breach(e.closeCode(), e.getMessage());
        }
        tenant.countReceived(forwarder.receivedBytes() - receivedBefore);
        if (!over && intake.onReadOver()) {
            counters.increment(RelayCounter.PINGS_HELD_BACK);
        }
    }

    private void handle(WebSocketReader.Event event, long nowNanos) {
        switch (event) {
            case BINARY -> handleMessage(nowNanos);
            case PING -> {
                intake.onPing(nowNanos);
                // Who does not read gets no more answers than the channel takes (RFC 6455, section 5.5.3, allows for
                // that).
                if (channel.isWritable()) {
                    write(ServerFrames.pong(reader.controlPayload()));
                    flushSoon();
                }
            }
            case CLOSE -> end(ServerFrames.echo(reader.controlPayload()));
            case PONG, NEED_MORE -> {}
        }
    }

    private void handleMessage(long nowNanos) {
        pings.onFrame(nowNanos);
        if (forwarder.forward(reader, nowNanos)) {
            return;
        }
        int length = reader.length();
        if (length > FrameLayout.MAX_MESSAGE_TO_RECEIVE) {
            breach(CloseCode.TOO_BIG, "message of %d bytes".formatted(length));
            return;
        }
        try {
            switch (FrameCodec.decodeFromClient(reader.unmaskedCopy(), version)) {
                case RelayFrame.Ping(long payload) -> {
                    counters.increment(RelayCounter.OTHER_PACKETS_RECV);
                    counters.increment(RelayCounter.GOT_PING);
                    counters.increment(RelayCounter.SENT_PONG);
                    send(FrameCodec.encode(new RelayFrame.Pong(payload)), nowNanos);
                    intake.onPing(nowNanos);
                }
                case RelayFrame.Pong(long payload) -> {
                    counters.increment(RelayCounter.OTHER_PACKETS_RECV);
                    pings.onPong(payload, nowNanos);
                }
                case RelayFrame.SendDatagrams datagrams -> forwarder.forward(datagrams, nowNanos);
            }
        } catch (RelayProtocolException e) {
            if (e.isUnknownType()) {
                counters.increment(RelayCounter.UNKNOWN_FRAMES);
            }
            breach(CloseCode.PROTOCOL_ERROR, e.getMessage());
        }
    }

    private void onTooMuch(int bytes, long nowNanos) {
        counters.add(RelayCounter.BYTES_RX_RATELIMITED, bytes);
        if (!toldRateLimited) {
            toldRateLimited = true;
            counters.increment(RelayCounter.CONNS_RX_RATELIMITED);
            if (version == ProtocolVersion.V2) {
                send(STATUS_RATE_LIMITED, nowNanos);
            }
        }
    }

    /** Changes what this client may send, from the next read on. */
    void onReceiveLimitChanged() {
        intake.setLimit(grant.tenant().limits().clientReceive().or(service::clientReceiveLimit));
    }

    // ---- writing -------------------------------------------------------------------------------------------------

    /** Sends a frame that is no datagram, ahead of datagrams that wait. */
    void send(byte[] message, long nowNanos) {
        queue.addControl(message, nowNanos);
        flushSoon();
    }

    /** Has what is in the queue written once the turn of the loop is over. */
    void flushSoon() {
        if (!flushing && !over) {
            flushing = true;
            loop.flushAtTurnEnd(this);
        }
    }

    void onTurnEnd(long nowNanos) {
        flushing = false;
        if (over) {
            return;
        }
        queue.drain(nowNanos);
        if (unflushed) {
            // Only then: under TLS each flush leaves something in the channel, if only the note that there was nothing.
            unflushed = false;
            channel.flush();
        }
        checkProgress(nowNanos);
    }

    /** Takes note that all connections of the loop have written what they had. */
    void onTurnOver(long nowNanos) {
        queue.measureTurn(nowNanos);
        countSent();
    }

    private void countSent() {
        tenant.countSent(queue.sentBytes() - sentBytesCounted);
        sentBytesCounted = queue.sentBytes();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable() && !queue.isEmpty()) {
            flushSoon();
        }
    }

    @Override
    public boolean isOpen() {
        return channel.isWritable();
    }

    @Override
    public void write(ByteBuf batch) {
        unflushed = true;
        channel.write(batch, channel.voidPromise());
    }

    private void checkProgress(long nowNanos) {
        var outbound = channel.unsafe().outboundBuffer();
        if (outbound == null) {
            return;
        }
        long before = progress.nextDeadlineNanos();
        if (progress.isStalled(
                outbound.totalPendingWriteBytes(), outbound.current(), outbound.currentProgress(), nowNanos)) {
            counters.increment(RelayCounter.WRITE_TIMEOUTS);
            abort("took no byte for too long");
        } else if (progress.nextDeadlineNanos() != before) {
            setTimer();
        }
    }

    // ---- what other connections and the server say; those marked so may come from other threads ------------------

    /** Runs something on this connection's loop. Any thread. */
    void runOnLoop(Consumer<ClientConnection> what) {
        if (loop.eventLoop().inEventLoop()) {
            what.accept(this);
        } else {
            loop.eventLoop().execute(() -> what.accept(this));
        }
    }

    void onDisplaced() {
        counters.increment(RelayCounter.CLIENTS_INACTIVE_ADDED);
        send(version == ProtocolVersion.V2 ? STATUS_DISPLACED : HEALTH_DISPLACED, loop.nanos());
    }

    void onReactivated() {
        counters.increment(RelayCounter.CLIENTS_INACTIVE_REMOVED);
        send(version == ProtocolVersion.V2 ? STATUS_HEALTHY : HEALTH_HEALTHY, loop.nanos());
    }

    void onEvicted() {
        counters.increment(RelayCounter.CLIENTS_INACTIVE_REMOVED);
        send(version == ProtocolVersion.V2 ? STATUS_DISPLACED : HEALTH_DISPLACED, loop.nanos());
        close(CloseCode.POLICY_VIOLATION, "too many connections of this endpoint id");
    }

    void onGone(EndpointId gone) {
        // When the relay closes, the others have not gone away: it has.
        if (!over && !service.isClosing()) {
            queue.addGone(FrameCodec.encode(new RelayFrame.EndpointGone(gone)), loop.nanos());
            flushSoon();
        }
    }

    /** Ends this if the rules that hold now would not have let it in, and else obeys the limits of its project. */
    void onAccessChanged() {
        if (!service.tenants().has(grant.tenant()) || !grant.holdsUnder(service.access(), endpointId)) {
            close(CloseCode.POLICY_VIOLATION, "no longer allowed");
        } else if (!over) {
            onReceiveLimitChanged();
        }
    }

    /** Tells the client to come back after a time of its own, and ends this then. */
    void onDraining() {
        if (over) {
            return;
        }
        long delayNanos = service.nextDrainDelayNanos();
        send(
                FrameCodec.encode(new RelayFrame.Restarting(
                        TimeUnit.NANOSECONDS.toMillis(delayNanos), RelayService.TRY_FOR_MILLIS)),
                loop.nanos());
        loop.eventLoop().schedule(this::goAway, delayNanos, TimeUnit.NANOSECONDS);
    }

    /** Ends this, since the relay closes. */
    void goAway() {
        close(CloseCode.GOING_AWAY, RelayService.GOING_DOWN);
    }

    void onDisconnectRequest() {
        close(CloseCode.POLICY_VIOLATION, "disconnected by the relay");
    }

    /** Returns the batch that a loop is filling for this client, if any. That loop's thread. */
    Handovers.@Nullable Batch openHandover(int loopIndex) {
        return openHandovers[loopIndex];
    }

    /** Notes the batch that a loop is filling for this client. That loop's thread. */
    void setOpenHandover(int loopIndex, Handovers.@Nullable Batch batch) {
        openHandovers[loopIndex] = batch;
    }

    /** Returns whether so much more may be on its way here from other loops, and counts it in. Any thread. */
    boolean allowHandover(int bytes) {
        if (handoverBytes.get() > ForwardingLoop.MAX_HANDOVER_BYTES) {
            return false;
        }
        handoverBytes.addAndGet(bytes);
        return true;
    }

    /** Takes in a batch that another loop has filled. */
    void acceptHandover(Handovers.Batch batch) {
        handoverBytes.addAndGet(-batch.buffer.readableBytes());
        if (over) {
            Handovers.drop(batch, RelayCounter.DROPPED_RECEIVER_GONE, counters);
            return;
        }
        queue.addBatch(batch.buffer, batch.frames, batch.contents, batch.sinceNanos, loop.nanos());
        flushSoon();
    }

    // ---- time ----------------------------------------------------------------------------------------------------

    private void setTimer() {
        if (!over) {
            loop.setTimer(
                    timer,
                    Math.min(grant.endNanos(), Math.min(pings.nextDeadlineNanos(), progress.nextDeadlineNanos())));
        }
    }

    private void onTime(long nowNanos) {
        if (over) {
            return;
        }
        if (nowNanos >= grant.endNanos()) {
            close(CloseCode.POLICY_VIOLATION, "token has expired");
            return;
        }
        if (nowNanos >= progress.nextDeadlineNanos()) {
            queue.dropTooOld(nowNanos);
            checkProgress(nowNanos);
            if (over) {
                return;
            }
        }
        if (intake.waitsForShare()) {
            pings.onHeldBack(nowNanos);
        }
        long payload = ThreadLocalRandom.current().nextLong();
        switch (pings.onDeadline(nowNanos, payload)) {
            case SEND_PING -> send(FrameCodec.encode(new RelayFrame.Ping(payload)), nowNanos);
            case GIVE_UP -> {
                counters.increment(RelayCounter.PING_TIMEOUTS);
                abort("did not answer a ping");
            }
            case NOTHING -> {}
        }
        setTimer();
    }

    // ---- the end -------------------------------------------------------------------------------------------------

    private void breach(int closeCode, String message) {
        counters.increment(RelayCounter.PROTOCOL_ERRORS);
        LOG.log(System.Logger.Level.DEBUG, "client {0}: closed, {1}", endpointId.shortForm(), message);
        close(closeCode, message);
    }

    /** Tells the client why, and closes; what waits for it is written as far as its socket takes it. */
    void close(int closeCode, String reason) {
        end(ServerFrames.close(closeCode, reason));
    }

    /** Closes without a word: the client would not hear it. */
    void abort(String why) {
        LOG.log(System.Logger.Level.DEBUG, "client {0}: given up, it {1}", endpointId.shortForm(), why);
        leave();
        LingeringClose.closeNow(channel);
    }

    private void end(ByteBuf closeFrame) {
        if (over) {
            closeFrame.release();
            return;
        }
        long nowNanos = loop.nanos();
        queue.drain(nowNanos);
        queue.measureTurn(nowNanos);
        leave();
        LingeringClose.begin(this, channel, service, loop, closeFrame);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leave();
        service.onClosed(loop);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.log(System.Logger.Level.DEBUG, () -> "client " + endpointId.shortForm() + ": connection lost", cause);
        leave();
        ctx.close();
    }

    /** Takes this connection out of everything that knows it; once. */
    private void leave() {
        if (over) {
            return;
        }
        over = true;
        loop.setTimer(timer, Timer.NEVER);
        intake.close();
        reader.close();
        queue.close();
        countSent();
        if (endpoint != null) {
            counters.increment(RelayCounter.DISCONNECTS);
            counters.add(connectionsOfVersion(), -1);
            if (service.registry().unregister(this, endpoint, forwarder.sentTo())) {
                counters.increment(RelayCounter.CLIENTS_INACTIVE_REMOVED);
            }
        }
        grant.end(endpointId);
    }
}
