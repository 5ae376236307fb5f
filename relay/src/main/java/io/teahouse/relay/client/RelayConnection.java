package io.teahouse.relay.client;

import io.netty.channel.Channel;
import io.teahouse.core.EndpointId;
import io.teahouse.core.RelayUrl;
import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.ProtocolVersion;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a relay that has let us in. Made by {@link RelayClient#connect}.
 *
 * <p>What is sent waits in a bounded queue for the network; what comes waits in a {@link RelayInbox} for the program. Pings are
 * sent and answered by themselves, and silence is noticed. A connection that ended stays ended: dial again, or
 * leave that to {@link RelayLinks}. Safe for use by many threads.
 */
public final class RelayConnection implements AutoCloseable {
    /** How long {@link #close} waits for the relay's goodbye at most, with some room: 3 s. */
    private static final long MAX_CLOSE_SECONDS = 3;

    private final RelayUrl url;
    private final EndpointId endpointId;
    private final ProtocolVersion version;
    private final boolean challenged;
    private final Channel channel;
    private final SendQueue queue;
    private final ConnectionHandler handler;
    private final LongSupplier nowNanos;
    private final Optional<RelayInbox> inbox;
    private final SocketAddress localAddress;
    private final SocketAddress remoteAddress;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile @Nullable ConnectionEnd end;
    private volatile @Nullable Duration firstRoundTrip;

    RelayConnection(
            RelayUrl url,
            EndpointId endpointId,
            ProtocolVersion version,
            boolean challenged,
            Channel channel,
            SendQueue queue,
            ConnectionHandler handler,
            LongSupplier nowNanos,
            Optional<RelayInbox> inbox) {
        this.url = url;
        this.endpointId = endpointId;
        this.version = version;
        this.challenged = challenged;
        this.channel = channel;
        this.queue = queue;
        this.handler = handler;
        this.nowNanos = nowNanos;
        this.inbox = inbox;
        this.localAddress = channel.localAddress();
        this.remoteAddress = channel.remoteAddress();
    }

    /**
     * {@return which relay it is}
     */
    public RelayUrl url() {
        return url;
    }

    /**
     * {@return who we are to the relay}
     */
    public EndpointId endpointId() {
        return endpointId;
    }

    /**
     * {@return the version of the protocol that is spoken}
     */
    public ProtocolVersion version() {
        return version;
    }

    /**
     * {@return whether the relay sent a challenge, and did not take the proof in the request's header: so it is without TLS, and
     * where a proxy ends TLS in front of the relay}
     */
    public boolean wasChallenged() {
        return challenged;
    }

    /**
     * {@return our address on this connection}
     */
    public SocketAddress localAddress() {
        return localAddress;
    }

    /**
     * {@return the address that was dialled: the relay's or a proxy's}
     */
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    /**
     * Sends datagrams if there is room in the queue. Never waits. The bytes are copied.
     *
     * @param destination whom to
     * @param datagrams   what
     * @return false if the queue is full or the connection has ended: nothing was taken then
     * @throws IllegalArgumentException if the datagrams are not {@linkplain Datagrams#isDeliverable deliverable}
     */
    public boolean trySend(EndpointId destination, Datagrams datagrams) {
        requireDeliverable(datagrams);
        return switch (queue.offer(destination, datagrams, nowNanos.getAsLong())) {
            case TAKEN -> true;
            case TAKEN_FIRST -> {
                channel.eventLoop().execute(handler::drain);
                yield true;
            }
            case FULL, CLOSED -> false;
        };
    }

    /**
     * Sends datagrams, and waits for room in the queue as long as it takes. The bytes are copied.
     *
     * @param destination whom to
     * @param datagrams   what
     * @throws IOException              when the connection has ended
     * @throws InterruptedException     when the thread is interrupted
     * @throws IllegalArgumentException if the datagrams are not {@linkplain Datagrams#isDeliverable deliverable}
     */
    public void send(EndpointId destination, Datagrams datagrams) throws IOException, InterruptedException {
        while (!trySend(destination, datagrams)) {
            var ended = end;
            if (ended != null) {
                throw new IOException("relay %s: %s".formatted(RelayClient.label(url), ended));
            }
            queue.awaitRoom(datagrams);
        }
    }

    static void requireDeliverable(Datagrams datagrams) {
        if (!datagrams.isDeliverable()) {
            throw new IllegalArgumentException("datagrams: %d bytes (expected: 1 or more, and what one frame can carry)"
                    .formatted(datagrams.contents().remaining()));
        }
    }

    /**
     * Waits for the next event. Behind {@link RelayEvent.Ended} it is that one again and again.
     *
     * @return the event
     * @throws InterruptedException  when the thread is interrupted
     * @throws IllegalStateException if the events go to an inbox that others share
     */
    public RelayEvent receive() throws InterruptedException {
        var ended = end;
        if (ended != null) {
            return receive(Duration.ZERO).orElse(new RelayEvent.Ended(ended));
        }
        return ownInbox().take().event();
    }

    /**
     * Waits for the next event, for some time.
     *
     * @param patience how long to wait at most
     * @return the event; empty if none came
     * @throws InterruptedException  when the thread is interrupted
     * @throws IllegalStateException if the events go to an inbox that others share
     */
    public Optional<RelayEvent> receive(Duration patience) throws InterruptedException {
        return ownInbox().poll(patience).map(RelayInbox.Item::event);
    }

    private RelayInbox ownInbox() {
        return inbox.orElseThrow(
                () -> new IllegalStateException("events go to a shared inbox (expected: to be taken from there)"));
    }

    /** Pings now, and gives the connection up soon if there is no answer: for when the network has changed. Does not wait. */
    public void check() {
        onLoop(handler::checkNow);
    }

    /**
     * {@return why the connection ended; empty while it has not}
     */
    public Optional<ConnectionEnd> end() {
        return Optional.ofNullable(end);
    }

    /**
     * {@return how long the first ping took; empty while it is not answered, and so the relay has not proved that it hears us}
     */
    public Optional<Duration> firstRoundTrip() {
        return Optional.ofNullable(firstRoundTrip);
    }

    /**
     * {@return what was carried and dropped so far}
     */
    public ConnectionFigures figures() {
        Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
        for (var reason : DropReason.values()) {
            dropped.put(
                    reason,
                    switch (reason) {
                        case INBOX_FULL -> handler.droppedInboxFull.get();
                        case RECEIVED_EMPTY -> handler.droppedEmpty.get();
                        case TOO_OLD, CONNECTION_ENDED -> queue.dropped(reason);
                    });
        }
        return new ConnectionFigures(
                queue.sentFrames(), handler.receivedFrames.get(), handler.receivedBytes.get(), dropped);
    }

    /**
     * Sends what waits, says goodbye and waits until the relay has heard it, 3 s at most. What was received can still be taken.
     */
    @Override
    public void close() {
        beginClose();
        try {
            if (!over.await(MAX_CLOSE_SECONDS, TimeUnit.SECONDS)) {
                channel.close();
            }
        } catch (InterruptedException _) {
            channel.close();
            Thread.currentThread().interrupt();
        }
    }

    void beginClose() {
        onLoop(handler::beginClose);
    }

    /** Ends the connection without a goodbye, since it leads nowhere. */
    void abandon(String why) {
        onLoop(() -> handler.abandon(why));
    }

    private void onLoop(Runnable task) {
        if (!channel.eventLoop().isShuttingDown()) {
            channel.eventLoop().execute(task);
        }
    }

    /** Takes note of an event, before the program hears of it. On the event loop. */
    void onEvent(RelayEvent event) {
        switch (event) {
            case RelayEvent.Proved(var roundTrip) -> firstRoundTrip = roundTrip;
            case RelayEvent.Ended(var why) -> {
                end = why;
                over.countDown();
            }
            case RelayEvent.Received _,
                    RelayEvent.EndpointGone _,
                    RelayEvent.ConditionChanged _,
                    RelayEvent.Restarting _ -> {}
        }
    }

    @Override
    public String toString() {
        return "connection to relay " + RelayClient.label(url);
    }
}
