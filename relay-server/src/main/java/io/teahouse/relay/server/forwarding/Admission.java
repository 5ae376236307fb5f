package io.teahouse.relay.server.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.FrameLayout;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import io.teahouse.relay.protocol.ServerHandshake;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.AccessControl.Decision;
import io.teahouse.relay.server.access.ConnectRequest;
import io.teahouse.relay.server.access.Denial;
import io.teahouse.relay.server.access.RequestToken;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.server.time.Timer;
import io.teahouse.relay.websocket.CloseCode;
import io.teahouse.relay.websocket.WebSocketException;
import io.teahouse.relay.websocket.WebSocketReader;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Lets a client in: has it prove its key, asks access control, and has {@link MoveToForwarding} make it a client.
 *
 * <p>Put in place by the HTTP side, behind the 101 answer. {@link ServerHandshake} decides what is sent and accepted. All
 * of it, from the accept of the connection on, has one deadline; a decision that blocks is made on a virtual thread, and
 * what the client sends in the meantime waits. Confined to the connection's loop.
 */
public final class Admission extends ChannelInboundHandlerAdapter {
    private static final System.Logger LOG = System.getLogger(Admission.class.getName());
    private static final String NOT_AUTHORIZED = "not authorized";

    /** Told to those who are authorized otherwise. */
    private static final String PROJECT_FULL = "too many clients of this project";

    private final RelayService service;
    private final ServerLoop loop;
    private final Upgrade upgrade;
    private final ServerHandshake handshake;
    private final ArrayDeque<ByteBuf> unread = new ArrayDeque<>(0);
    private @Nullable ChannelHandlerContext context;
    private @Nullable WebSocketReader reader;
    private @Nullable Thread decider;
    private boolean deciding;
    private boolean over;

    private final Timer timer = new Timer() {
        @Override
        protected void onDeadline(long nowNanos) {
            fail(RelayCounter.HANDSHAKE_FAILED_DEADLINE, CloseCode.POLICY_VIOLATION, "not admitted in time");
        }
    };

    /**
     * Creates an admission that begins when it is added to a pipeline.
     *
     * @param service what the relay's connections have in common
     * @param loop    the connection's loop
     * @param upgrade the request that asked for it
     */
    public Admission(RelayService service, ServerLoop loop, Upgrade upgrade) {
        this.service = service;
        this.loop = loop;
        this.upgrade = upgrade;
        this.handshake = new ServerHandshake(service.newChallenge());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        reader = new WebSocketReader(ctx.alloc(), true, FrameLayout.MAX_MESSAGE_TO_RECEIVE);
    }

    /** Begins, once everything of HTTP has left the pipeline. */
    public void begin() {
        service.onUpgraded(this);
        if (service.isClosing()) {
            goAway();
            return;
        }
        loop.setTimer(timer, upgrade.deadlineNanos());
        var header = upgrade.headers().stream()
                .filter(line -> line.getKey().equalsIgnoreCase(KeyMaterialExporter.HEADER_NAME))
                .map(line -> line.getValue())
                .findFirst();
        perform(handshake.start(header, upgrade.exporter()));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        unread.add((ByteBuf) message);
        readOn();
    }

    private void readOn() {
        assert reader != null;
        while (!over && !deciding && !unread.isEmpty()) {
            var in = unread.peek();
            try {
                switch (reader.next(in)) {
                    case NEED_MORE -> unread.remove().release();
                    case BINARY -> perform(handshake.handleMessage(reader.unmaskedCopy()));
                    case PING -> {
                        if (context().channel().isWritable()) {
                            context().writeAndFlush(ServerFrames.pong(reader.controlPayload()));
                        }
                    }
                    case PONG -> {}
                    case CLOSE -> {
                        count(RelayCounter.HANDSHAKE_FAILED_CLOSED);
                        end(ServerFrames.echo(reader.controlPayload()));
                    }
                }
            } catch (WebSocketException e) {
                fail(RelayCounter.HANDSHAKE_FAILED_WEBSOCKET, e.closeCode(), e.getMessage());
            }
        }
    }

    private void perform(ServerHandshake.Step step) {
        switch (step) {
            case ServerHandshake.Step.SendChallenge(byte[] message) ->
                context().writeAndFlush(ServerFrames.binary(message));
            case ServerHandshake.Step.Authenticated authenticated -> decide(authenticated.endpointId());
            case ServerHandshake.Step.Deny(byte[] message, String reason) -> {
                context().write(ServerFrames.binary(message));
                fail(RelayCounter.HANDSHAKE_FAILED_BAD_AUTH, CloseCode.POLICY_VIOLATION, reason);
            }
            case ServerHandshake.Step.Fail(String reason) ->
                fail(RelayCounter.HANDSHAKE_FAILED_PROTOCOL, CloseCode.PROTOCOL_ERROR, reason);
        }
    }

    private void decide(EndpointId endpointId) {
        deciding = true;
        var request = new ConnectRequest(
                RelayService.nextConnectionId(),
                endpointId,
                upgrade.version(),
                upgrade.uri(),
                RequestToken.query(upgrade.uri()),
                upgrade.headers(),
                RequestToken.of(upgrade.headers(), upgrade.uri()),
                upgrade.remoteAddress());
        var access = service.access();
        var grant = new Grant(
                access,
                request.connectionId(),
                request.authToken(),
                service.accessFailures(),
                service.tenants().unnamed(),
                Timer.NEVER,
                request.remoteAddress());
        if (!access.mayBlock()) {
            onDecision(request.endpointId(), grant, ask(access, request));
            return;
        }
        // The answer to the request may be what was written last.
        context().flush();
        context().channel().config().setAutoRead(false);
        decider = Thread.ofVirtual().name("access-" + request.connectionId()).start(() -> {
            var decision = ask(access, request);
            try {
                loop.eventLoop().execute(() -> onDecision(request.endpointId(), grant, decision));
            } catch (RejectedExecutionException e) {
                // The relay has closed, and the loop is gone with it. Who was allowed has ended all the same.
                if (decision instanceof Decision.Allow) {
                    grant.endBefore(request.endpointId());
                }
            }
        });
    }

    private Decision ask(AccessControl access, ConnectRequest request) {
        try {
            return Objects.requireNonNull(access.onConnect(request), "decision");
        } catch (InterruptedException e) {
            // Nobody waits for the decision any more.
            return Decision.deny();
        } catch (Exception | Error e) {
            service.accessFailures().report("access control: failed, client is denied", e);
            return Decision.deny(Denial.RULE_FAILED);
        }
    }

    private void onDecision(EndpointId endpointId, Grant grant, Decision decision) {
        decider = null;
        deciding = false;
        switch (decision) {
            case Decision.Allow _ when over -> grant.endBefore(endpointId);
            case Decision.Allow allow -> admit(endpointId, grant, allow);
            case Decision.Deny deny -> {
                if (!over) {
                    deny(deny);
                }
            }
        }
    }

    private void deny(Decision.Deny denial) {
        count(RelayCounter.HANDSHAKE_FAILED_DENIED);
        count(denial.why().counter());
        if (denial.project().isPresent()) {
            service.tenants().find(denial.project()).ifPresent(Tenant::countDenied);
        }
        var words = denial.reason().orElse(NOT_AUTHORIZED);
        context().write(ServerFrames.binary(ServerHandshake.deny(words)));
        end(ServerFrames.close(CloseCode.POLICY_VIOLATION, words));
    }

    /** Has the client's tenant take it in, if there is room. */
    private void admit(EndpointId endpointId, Grant grant, Decision.Allow allow) {
        var tenant = service.tenants().find(allow.project());
        if (tenant.isEmpty()) {
            // The rules have changed since.
            grant.endBefore(endpointId);
            deny(new Decision.Deny(Optional.empty(), Denial.OTHER, Optional.empty()));
        } else if (!tenant.get().enter(endpointId)) {
            grant.endBefore(endpointId);
            deny(new Decision.Deny(Optional.of(PROJECT_FULL), Denial.PROJECT_FULL, allow.project()));
        } else {
            allow.flaw().ifPresent(flaw -> count(flaw.tolerated()));
            long end = allow.stay().map(stay -> loop.nanos() + stay.toNanos()).orElse(Timer.NEVER);
            move(endpointId, grant.within(tenant.get(), end));
        }
    }

    private void move(EndpointId endpointId, Grant grant) {
        assert reader != null;
        over = true;
        service.onAdmissionOver(this);
        loop.setTimer(timer, Timer.NEVER);
        var move = new MoveToForwarding(service, loop, endpointId, grant, upgrade.version(), reader, unread);
        context().pipeline().replace(this, null, move);
        move.begin(context().channel());
    }

    /** Ends this, since the relay closes. */
    void goAway() {
        end(ServerFrames.close(CloseCode.GOING_AWAY, RelayService.GOING_DOWN));
    }

    /** Returns the loop on whose thread all this happens. */
    ServerLoop loop() {
        return loop;
    }

    private void count(RelayCounter counter) {
        loop.counters().increment(counter);
    }

    private void fail(RelayCounter cause, int closeCode, String reason) {
        if (!over) {
            count(cause);
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "connection from {0}: handshake failed, {1}",
                    upgrade.remoteAddress(),
                    reason);
            end(ServerFrames.close(closeCode, reason));
        }
    }

    private void end(ByteBuf closeFrame) {
        if (over) {
            closeFrame.release();
            return;
        }
        leave();
        LingeringClose.begin(this, context().channel(), service, loop, closeFrame);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        lose();
        service.onClosed(loop);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.log(System.Logger.Level.DEBUG, () -> "connection from " + upgrade.remoteAddress() + ": lost", cause);
        lose();
        ctx.close();
    }

    private void lose() {
        if (!over) {
            count(RelayCounter.HANDSHAKE_FAILED_CLOSED);
        }
        leave();
    }

    private void leave() {
        if (over) {
            return;
        }
        over = true;
        service.onAdmissionOver(this);
        loop.setTimer(timer, Timer.NEVER);
        if (decider != null) {
            decider.interrupt();
        }
        if (reader != null) {
            reader.close();
        }
        for (ByteBuf in; (in = unread.poll()) != null; ) {
            in.release();
        }
    }

    private ChannelHandlerContext context() {
        assert context != null;
        return context;
    }
}
