package io.teahouse.endpoint.netreport;

import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.OutgoingDatagram;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.ClientHandshake;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Opaque;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * Asks relays at which address they see us (iroh QUIC spec, section 3.3), as a machine: datagrams and time go in, datagrams,
 * events and the time of the next call come out.
 *
 * <p>After each call that changes something ({@link #ask}, {@link #finish}, {@link #onNetworkChange},
 * {@link #receive}, {@link #handleTimeout}) ask
 * {@link #pollOutgoing} and {@link #pollEvent} until nothing more comes, then wait for the next datagram or {@link
 * #nextTimeoutNanos}. All targets see the address of one socket, or of one for each family.
 *
 * <p>A relay that has answered stays connected, which keeps the way through NATs open, and tells when the address changes,
 * until {@link #finish}.
 *
 * <p>Not thread-safe. Bounded: {@link #MAX_TARGETS} targets, of which {@link #MAX_ASKING} are asked at a time.
 */
public final class AddressDiscoveryClient {
    /** How many relays are asked at a time: five with two families. The others wait. */
    public static final int MAX_ASKING = 10;

    /** How many there may be, those that wait and those that have answered together. */
    public static final int MAX_TARGETS = 64;

    /** How long a relay may take to answer, from when it is its turn. */
    public static final Duration LIMIT = Duration.ofSeconds(3);

    /** When nothing has to be done. */
    public static final long NEVER = Connection.NEVER;

    private static final Opaque PROTOCOL = Opaque.ofUtf8("/iroh-qad/0");

    private final DiscoveryConfig config;
    private final SecureRandom random;
    private final ConnectionIdSource ids;
    private final Queue<DiscoveryTarget> waiting = new ArrayDeque<>();
    private final List<Probe> probes = new ArrayList<>();
    private final Queue<DiscoveryEvent> events = new ArrayDeque<>();

    /**
     * Creates one that asks nobody yet.
     *
     * @param config how relays are asked
     * @param random for secrets and connection ids
     */
    public AddressDiscoveryClient(DiscoveryConfig config, SecureRandom random) {
        this.config = config;
        this.random = random;
        var key = new byte[ConnectionIdSource.KEY_LENGTH];
        random.nextBytes(key);
        this.ids = new ConnectionIdSource(random, key);
    }

    /**
     * Asks a relay. One that is asked already, or that has answered and is not {@linkplain #finish finished}, is not asked
     * again.
     *
     * @param target   whom
     * @param nowNanos now
     * @return whether there is room for it
     */
    public boolean ask(DiscoveryTarget target, long nowNanos) {
        if (waiting.contains(target) || find(target).isPresent()) {
            return true;
        }
        // Those that only have to take their leave count too.
        if (waiting.size() + probes.size() >= MAX_TARGETS) {
            return false;
        }
        waiting.add(target);
        startNext(nowNanos);
        return true;
    }

    /**
     * Has no more to do with a relay: nothing more is heard of it here, and it is told.
     *
     * @param target   which, known or not
     * @param nowNanos now
     */
    public void finish(DiscoveryTarget target, long nowNanos) {
        waiting.remove(target);
        find(target).ifPresent(probe -> probe.finish(nowNanos));
        tidy(nowNanos);
    }

    /**
     * Has no more to do with any relay.
     *
     * @param nowNanos now
     */
    public void finishAll(long nowNanos) {
        waiting.clear();
        probes.stream().filter(Probe::isOpen).forEach(probe -> probe.finish(nowNanos));
    }

    /**
     * Takes in that the network has changed, perhaps: relays that have answered are made to say so if they see another address
     * now. Otherwise they notice when the next word comes that keeps the connection, within 25 s.
     */
    public void onNetworkChange() {
        probes.stream()
                .filter(probe -> probe.isOpen() && !probe.isAsking())
                .forEach(probe -> probe.connection.onNetworkChange());
    }

    /**
     * Takes a datagram in, if it comes from one of the relays that were asked.
     *
     * @param datagram backed by an array, which is changed: packets are opened in place
     * @param from     from whom, and to which of our addresses
     * @param mark     how it was marked
     * @param nowNanos now
     * @return whether it does; else it is left alone, and for somebody else with whom the socket is shared
     */
    public boolean receive(ByteBuffer datagram, NetworkPath from, Ecn mark, long nowNanos) {
        boolean ours = false;
        for (var probe : probes) {
            // A relay does not move, and what comes from elsewhere cannot be its.
            if (probe.target.address().equals(from.remote())) {
                ours = true;
                probe.connection.receive(datagram.duplicate(), from, mark, nowNanos);
                probe.collect(events::add);
            }
        }
        if (ours) {
            tidy(nowNanos);
        }
        return ours;
    }

    /**
     * {@return the next datagram to send now, or empty}
     *
     * @param nowNanos now
     */
    public Optional<OutgoingDatagram> pollOutgoing(long nowNanos) {
        for (var probe : probes) {
            var next = probe.connection.pollOutgoing(nowNanos);
            if (next.isPresent()) {
                return next;
            }
        }
        return Optional.empty();
    }

    /**
     * {@return when {@link #handleTimeout} has to be called, or {@link #NEVER}}
     *
     * @param nowNanos now
     */
    public long nextTimeoutNanos(long nowNanos) {
        return probes.stream()
                .mapToLong(probe -> probe.nextTimeoutNanos(nowNanos))
                .min()
                .orElse(NEVER);
    }

    /**
     * Does what has to be done by now.
     *
     * @param nowNanos now
     */
    public void handleTimeout(long nowNanos) {
        probes.forEach(probe -> probe.handleTimeout(nowNanos, events::add));
        tidy(nowNanos);
    }

    /**
     * {@return what has happened since it was asked for the last time, one after the other; or empty}
     */
    public Optional<DiscoveryEvent> pollEvent() {
        return Optional.ofNullable(events.poll());
    }

    /**
     * {@return how far a relay is away: the shortest round trip so far; empty if it has not answered}
     *
     * @param target which
     */
    public Optional<Duration> roundTrip(DiscoveryTarget target) {
        return find(target).filter(probe -> !probe.isAsking()).map(Probe::roundTrip);
    }

    /**
     * {@return whether nothing is left to do, not even to tell relays that they are not needed any longer}
     */
    public boolean isIdle() {
        return waiting.isEmpty() && probes.isEmpty();
    }

    private Optional<Probe> find(DiscoveryTarget target) {
        return probes.stream()
                .filter(probe -> probe.isOpen() && probe.target.equals(target))
                .findFirst();
    }

    /** Forgets who is done with, and lets the next ones have their turn. */
    private void tidy(long nowNanos) {
        probes.removeIf(probe -> {
            if (probe.isOver()) {
                probe.connection.destroy();
            }
            return probe.isOver();
        });
        startNext(nowNanos);
    }

    private void startNext(long nowNanos) {
        while (!waiting.isEmpty() && probes.stream().filter(Probe::isAsking).count() < MAX_ASKING) {
            var target = waiting.remove();
            probes.add(new Probe(target, connect(target, nowNanos), nowNanos + LIMIT.toNanos()));
        }
    }

    private Connection connect(DiscoveryTarget target, long nowNanos) {
        // Without tickets: a connection is made rarely, and the next one may well go to another server of that name.
        var tls = ClientConfig.builder(PeerVerifier.certified(config.anchors(), target.serverName()), List.of(PROTOCOL))
                .withoutTickets()
                .build();
        return Connection.client(
                config.connections(),
                ids,
                parameters -> {
                    var handshake = new ClientHandshake(tls, parameters, random);
                    handshake.start(Optional.empty(), config.timeZero().plusNanos(nowNanos));
                    return handshake;
                },
                Optional.empty(),
                NetworkPath.to(target.address()),
                random,
                nowNanos);
    }
}
