package io.teahouse.endpoint.netreport.io;

import static java.lang.System.Logger.Level.DEBUG;

import io.teahouse.endpoint.netreport.AddressDiscoveryClient;
import io.teahouse.endpoint.netreport.DiscoveryConfig;
import io.teahouse.endpoint.netreport.DiscoveryEvent;
import io.teahouse.endpoint.netreport.DiscoveryTarget;
import io.teahouse.quic.io.PacketTransport;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.security.cert.TrustAnchor;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Asks relays for our address, on a socket that is used for nothing else: runs an {@link AddressDiscoveryClient} with a thread
 * of its own.
 *
 * <p>Safe for use by many threads.
 */
public final class AddressDiscovery implements AutoCloseable {
    /** How long relays are told, at the end, that they are not needed any longer; they notice by themselves, too. */
    private static final Duration FAREWELL = Duration.ofMillis(50);

    private static final System.Logger LOG = System.getLogger(AddressDiscovery.class.getName());

    private final PacketTransport transport;
    private final Consumer<DiscoveryEvent> listener;
    private final long zeroNanos = System.nanoTime();
    private final AddressDiscoveryClient client;
    private final Queue<Call<?>> calls = new ConcurrentLinkedQueue<>();
    private final Thread thread;

    /** Read once for all datagrams that came together: opening the first takes time that is not the network's. */
    private long nowNanos;

    private volatile boolean ending;
    private volatile boolean ended;

    private AddressDiscovery(PacketTransport transport, Set<TrustAnchor> anchors, Consumer<DiscoveryEvent> listener) {
        this.transport = transport;
        this.listener = listener;
        this.client =
                new AddressDiscoveryClient(new DiscoveryConfig(anchors, false, Instant.now()), new SecureRandom());
        this.thread = Thread.ofPlatform().name("address-discovery").daemon().unstarted(this::run);
    }

    /**
     * {@return one that asks nobody yet}
     *
     * @param transport the socket; closed with it
     * @param anchors   who is trusted to issue certificates of relays, one at least
     * @param listener  is told what comes of it, one event after the other; must not wait
     */
    public static AddressDiscovery start(
            PacketTransport transport, Set<TrustAnchor> anchors, Consumer<DiscoveryEvent> listener) {
        var discovery = new AddressDiscovery(transport, anchors, listener);
        discovery.thread.start();
        return discovery;
    }

    /**
     * Asks a relay, as {@link AddressDiscoveryClient#ask} does.
     *
     * @param target whom
     * @return whether there was room for it
     */
    public CompletableFuture<Boolean> ask(DiscoveryTarget target) {
        return call(() -> client.ask(target, nowNanos), false);
    }

    /**
     * Has no more to do with a relay, as {@link AddressDiscoveryClient#finish}.
     *
     * @param target which
     */
    public void finish(DiscoveryTarget target) {
        call(
                () -> {
                    client.finish(target, nowNanos);
                    return true;
                },
                true);
    }

    /** Has relays say at once if they see another address now, as {@link AddressDiscoveryClient#onNetworkChange}. */
    public void onNetworkChange() {
        call(
                () -> {
                    client.onNetworkChange();
                    return true;
                },
                true);
    }

    /**
     * {@return how far a relay is away: the shortest round trip so far; empty if it has not answered}
     *
     * @param target which
     */
    public CompletableFuture<Optional<Duration>> roundTrip(DiscoveryTarget target) {
        return call(() -> client.roundTrip(target), Optional.empty());
    }

    /** Takes leave of all relays and closes the socket. Does not wait for them. */
    @Override
    public void close() {
        ending = true;
        transport.wakeUp();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What another thread wants of the client. */
    private record Call<T>(Supplier<T> action, T otherwise, CompletableFuture<T> result) {
        void run() {
            result.complete(action.get());
        }

        void cancel() {
            result.complete(otherwise);
        }
    }

    private <T> CompletableFuture<T> call(Supplier<T> action, T otherwise) {
        var call = new Call<>(action, otherwise, new CompletableFuture<>());
        calls.add(call);
        transport.wakeUp();
        if (ended) {
            cancelCalls();
        }
        return call.result();
    }

    private void cancelCalls() {
        for (var call = calls.poll(); call != null; call = calls.poll()) {
            call.cancel();
        }
    }

    private void run() {
        try (transport) {
            while (!ending) {
                turn(client.nextTimeoutNanos(nowNanos));
            }
            client.finishAll(readClock());
            long end = readClock() + FAREWELL.toNanos();
            while (!client.isIdle() && readClock() < end) {
                turn(Math.min(end, client.nextTimeoutNanos(nowNanos)));
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.log(DEBUG, "address discovery: the socket is beyond use: {0}", e.getMessage());
        } finally {
            ended = true;
            cancelCalls();
        }
    }

    private long readClock() {
        nowNanos = System.nanoTime() - zeroNanos;
        return nowNanos;
    }

    /** Waits until there is something to do, and does it. */
    private void turn(long untilNanos) throws IOException {
        long waitNanos =
                untilNanos == AddressDiscoveryClient.NEVER ? Long.MAX_VALUE : Math.max(0, untilNanos - readClock());
        var batch = new Batch();
        transport.receive(batch::take, waitNanos);
        readClock();
        for (var call = calls.poll(); call != null; call = calls.poll()) {
            call.run();
        }
        client.handleTimeout(nowNanos);
        while (transport.canSend()) {
            var next = client.pollOutgoing(readClock());
            if (next.isEmpty()) {
                break;
            }
            transport.send(next.get().data(), next.get().network(), next.get().mark());
        }
        transport.flush();
        for (var event = client.pollEvent(); event.isPresent(); event = client.pollEvent()) {
            listener.accept(event.get());
        }
    }

    /** Datagrams that came together. */
    private final class Batch {
        private boolean first = true;

        void take(ByteBuffer datagram, NetworkPath from, Ecn mark) {
            if (first) {
                first = false;
                readClock();
            }
            client.receive(datagram, from, mark, nowNanos);
        }
    }
}
