package io.teahouse.relay.client;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.teahouse.core.EndpointId;
import io.teahouse.core.RelayUrl;
import io.teahouse.relay.protocol.Datagrams;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What {@link RelayLinks} has with one relay: a connection, an attempt, or a pause, as {@link LinkMachine} decides. What is to be
 * sent while there is no connection waits here, bounded by {@link #MAX_FRAMES}, {@link #MAX_BYTES} and {@link #MAX_AGE_NANOS}; the
 * oldest goes first.
 *
 * <p>All but {@link #send} and what only tells is confined to one event loop.
 */
final class RelayLink {
    /** Frames that wait for a connection. */
    static final int MAX_FRAMES = 64;

    /** Bytes of their contents: 256 KiB. */
    static final int MAX_BYTES = 1 << 18;

    /** How long they wait: 3 s. */
    static final long MAX_AGE_NANOS = 3_000_000_000L;

    /** How often the machine is told that the relay is in use: every second, which is enough to let it go after 60. */
    private static final long WANTED_EVERY_NANOS = 1_000_000_000L;

    private static final LinkState NOT_DIALLED = new LinkState.Waiting(Duration.ZERO, LinkMachine.NOT_DIALLED);

    private record Pending(EndpointId destination, Datagrams datagrams, long sinceNanos) {}

    private final RelayClient client;
    private final RelayUrl url;
    private final EventLoop loop;
    private final LongSupplier nowNanos;
    private final LinkMachine machine;
    private final ConnectionHandler.Sink sink;
    private final Runnable changed;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>(); // guarded by itself
    private int pendingBytes; // guarded by pending
    private long dropped; // guarded by pending
    private volatile @Nullable RelayConnection connection;
    private volatile LinkState shown = NOT_DIALLED;
    private volatile long wantedNanos;
    private @Nullable Dial dial;
    private @Nullable ScheduledFuture<?> timer;
    private boolean closed;

    RelayLink(
            RelayClient client,
            RelayUrl url,
            EventLoop loop,
            LongSupplier nowNanos,
            LinkMachine machine,
            ConnectionHandler.Sink sink,
            Runnable changed) {
        this.client = client;
        this.url = url;
        this.loop = loop;
        this.nowNanos = nowNanos;
        this.machine = machine;
        this.sink = sink;
        this.changed = changed;
    }

    /** Takes note that the relay is going to be used, so that nobody takes it for idle until the loop hears of it. */
    void touch() {
        if (shown instanceof LinkState.Idle) {
            shown = NOT_DIALLED;
        }
    }

    LinkState state() {
        return shown;
    }

    Optional<RelayConnection> connection() {
        return Optional.ofNullable(connection);
    }

    long dropped() {
        synchronized (pending) {
            return dropped;
        }
    }

    /** Sends, or keeps until there is a connection; returns whether it was taken. By any thread. */
    boolean send(EndpointId destination, Datagrams datagrams) {
        var open = connection;
        if (open != null) {
            long now = nowNanos.getAsLong();
            if (now - wantedNanos > WANTED_EVERY_NANOS) {
                wantedNanos = now;
                onLoop(() -> machine.wanted(now));
            }
            return open.trySend(destination, datagrams);
        }
        keep(destination, datagrams);
        onLoop(() -> {
            machine.wanted(nowNanos.getAsLong());
            turn();
            flushPending();
        });
        return true;
    }

    private void keep(EndpointId destination, Datagrams datagrams) {
        var bytes = ByteBuffer.allocate(datagrams.contents().remaining());
        bytes.put(datagrams.contents()).flip();
        var copy = new Datagrams(datagrams.ecn(), datagrams.segmentSize(), bytes);
        synchronized (pending) {
            pending.add(new Pending(destination, copy, nowNanos.getAsLong()));
            pendingBytes += bytes.remaining();
            while (pending.size() > MAX_FRAMES || pendingBytes > MAX_BYTES) {
                pendingBytes -= pending.remove().datagrams().contents().remaining();
                dropped++;
            }
        }
    }

    private void flushPending() {
        var open = connection;
        if (open == null) {
            return;
        }
        synchronized (pending) {
            long now = nowNanos.getAsLong();
            for (Pending next; (next = pending.poll()) != null; ) {
                if (now - next.sinceNanos > MAX_AGE_NANOS || !open.trySend(next.destination, next.datagrams)) {
                    dropped++;
                }
            }
            pendingBytes = 0;
        }
    }

    void setHome(boolean home) {
        onLoop(() -> {
            machine.setHome(home, nowNanos.getAsLong());
            turn();
        });
    }

    /** Takes note that the network has changed; which addresses are ours now, if that is known. */
    void networkChanged(Set<InetAddress> ours) {
        onLoop(() -> {
            var open = connection;
            if (open == null) {
                machine.onNetworkChanged(nowNanos.getAsLong());
            } else if (!ours.isEmpty()
                    && open.localAddress() instanceof InetSocketAddress local
                    && !ours.contains(local.getAddress())) {
                open.abandon("our address is no longer ours");
            } else {
                open.check();
            }
            turn();
        });
    }

    void close() {
        onLoop(() -> {
            closed = true;
            letGo();
            if (timer != null) {
                timer.cancel(false);
            }
        });
    }

    private void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else if (!loop.isShuttingDown()) {
            loop.execute(task);
        }
    }

    private void turn() {
        if (closed) {
            return;
        }
        switch (machine.onDeadline(nowNanos.getAsLong())) {
            case NOTHING -> {}
            case DIAL -> startDial();
            case LET_GO, GIVE_UP -> letGo();
        }
        show();
        arm();
    }

    private void show() {
        var now = machine.shown();
        if (!now.equals(shown)) {
            shown = now;
            changed.run();
        }
    }

    private void arm() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        long next = machine.nextDeadlineNanos();
        if (next != Long.MAX_VALUE) {
            timer = loop.schedule(this::turn, Math.max(0, next - nowNanos.getAsLong()), TimeUnit.NANOSECONDS);
        }
    }

    private void letGo() {
        var attempt = dial;
        dial = null;
        if (attempt != null) {
            attempt.cancel();
        }
        var open = connection;
        connection = null;
        if (open != null) {
            open.beginClose();
        }
    }

    private void startDial() {
        try {
            var own = new Attempt();
            own.dial = client.dial(url, Optional.empty(), own, own);
            dial = own.dial;
        } catch (RelayConnectException e) {
            machine.onEnded(words(e), nowNanos.getAsLong());
        }
    }

    private static String words(RelayConnectException failure) {
        return "%s: %s".formatted(failure.stage(), failure.why());
    }

    /** One attempt and what comes of it; what comes after the link has let it go is not heard. */
    private final class Attempt implements Dial.Ending, ConnectionHandler.Sink {
        private @Nullable Dial dial;

        @Override
        public void connected(RelayConnection made) {
            onLoop(() -> {
                if (closed || RelayLink.this.dial != dial) {
                    made.beginClose();
                    return;
                }
                RelayLink.this.dial = null;
                if (made.end().isPresent()) {
                    machine.onConnected();
                    machine.onEnded(made.end().get().detail(), nowNanos.getAsLong());
                } else {
                    connection = made;
                    machine.onConnected();
                    flushPending();
                }
                turn();
            });
        }

        @Override
        public void failed(RelayConnectException failure) {
            onLoop(() -> {
                if (RelayLink.this.dial == dial) {
                    RelayLink.this.dial = null;
                    machine.onEnded(words(failure), nowNanos.getAsLong());
                    turn();
                }
            });
        }

        @Override
        public boolean accept(RelayConnection from, RelayEvent event) {
            onLoop(() -> {
                if (connection == from) {
                    note(event);
                }
            });
            return sink.accept(from, event);
        }
    }

    private void note(RelayEvent event) {
        switch (event) {
            case RelayEvent.Proved _ -> machine.onProved(nowNanos.getAsLong());
            case RelayEvent.Restarting restarting -> machine.onRestarting(restarting.reconnectIn());
            case RelayEvent.Ended(var end) -> {
                connection = null;
                machine.onEnded(end.detail(), nowNanos.getAsLong());
            }
            case RelayEvent.Received _, RelayEvent.EndpointGone _, RelayEvent.ConditionChanged _ -> {
                return;
            }
        }
        turn();
    }
}
