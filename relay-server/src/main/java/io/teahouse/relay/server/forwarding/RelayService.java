package io.teahouse.relay.server.forwarding;

import io.teahouse.relay.protocol.ServerHandshake;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.limit.FairRate;
import io.teahouse.relay.server.metrics.Figure;
import io.teahouse.relay.server.metrics.RelayCounter;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of a relay have in common: the registry, the rules, and the numbers they are given.
 *
 * <p>Safe for use by many threads.
 */
public final class RelayService {
    /** Connection ids are unique in the process, not only in one relay. */
    private static final AtomicLong CONNECTION_IDS = new AtomicLong();

    /** What clients are told when the relay closes. */
    static final String GOING_DOWN = "relay is going down";

    /** How long a client is told to try to come back to a relay that restarts: 30 s. */
    static final long TRY_FOR_MILLIS = 30_000;

    private final OpenConnections open = new OpenConnections();
    private final ClientRegistry registry = new ClientRegistry();
    private final Set<Admission> admissions = ConcurrentHashMap.newKeySet();
    private final SecureRandom random = new SecureRandom();
    private final AccessFailures accessFailures = new AccessFailures();
    private final UniqueKeys uniqueKeys = new UniqueKeys(InstantSource.system());
    private final long writeStallNanos;
    private final List<ForwardingLoop> loops;
    private final AtomicInteger moves = new AtomicInteger();
    private final Tenants tenants;
    private volatile Optional<ReceiveLimit> clientReceiveLimit;
    private volatile Optional<ReceiveLimit> receiveLimit = Optional.empty();
    private volatile @Nullable FairRate rate;
    private volatile AccessControl access;
    private volatile boolean closing;

    /** Of which clock does not matter: {@link System#nanoTime}; meaningful once draining. */
    private volatile long drainedAtNanos;

    private volatile boolean draining;

    /**
     * Creates a service without clients.
     *
     * @param access             who may use the relay
     * @param clientReceiveLimit how much each client may send
     * @param receiveLimit       how much all of them may send together
     * @param isolateProjects    whether clients of different projects cannot reach each other
     * @param writeStall         how long a client's socket may take no byte
     * @param loops              the event loops that carry datagrams
     */
    public RelayService(
            AccessControl access,
            Optional<ReceiveLimit> clientReceiveLimit,
            Optional<ReceiveLimit> receiveLimit,
            boolean isolateProjects,
            Duration writeStall,
            List<ForwardingLoop> loops) {
        this.access = access;
        this.clientReceiveLimit = clientReceiveLimit;
        this.writeStallNanos = writeStall.toNanos();
        this.loops = List.copyOf(loops);
        this.tenants = new Tenants(this, this.loops, isolateProjects);
        tenants.apply(access.projects());
        setReceiveLimit(receiveLimit);
    }

    /**
     * {@return who is connected}
     */
    public ClientRegistry registry() {
        return registry;
    }

    /**
     * Changes how much each client may send, those that are connected included.
     *
     * @param limit the new limit; empty for none
     */
    public void setClientReceiveLimit(Optional<ReceiveLimit> limit) {
        clientReceiveLimit = limit;
        registry.forEach(ClientConnection::onReceiveLimitChanged);
    }

    /**
     * Changes how much all clients may send together.
     *
     * @param limit the new limit; empty for none
     */
    public void setReceiveLimit(Optional<ReceiveLimit> limit) {
        if (!limit.equals(receiveLimit)) {
            receiveLimit = limit;
            rate = limit.map(FairRate::new).orElse(null);
        }
    }

    /**
     * Changes who may use the relay, and of which project clients are; whoever may not stay under the new rules is disconnected
     * at once.
     *
     * @param rules the new rules
     */
    public void setAccess(AccessControl rules) {
        // First the projects: whoever the new rules let in is of one that is known.
        tenants.apply(rules.projects());
        access = rules;
        registry.forEach(ClientConnection::onAccessChanged);
    }

    /**
     * {@return what the metrics show of projects, those of one name next to each other}
     */
    public List<Figure> projectFigures() {
        return tenants.figures();
    }

    /**
     * Ends the connections of all clients, not all at once: each is told to come back after a time of its own, and is closed
     * when that time has come. Whoever is admitted in the meantime is treated likewise.
     *
     * @param spread  over what time
     * @param timeout how long to wait, longer than that
     * @throws InterruptedException when the waiting thread is interrupted
     */
    public void drain(Duration spread, Duration timeout) throws InterruptedException {
        drainedAtNanos = System.nanoTime() + spread.toNanos();
        draining = true;
        registry.forEach(ClientConnection::onDraining);
        open.awaitNone(timeout);
    }

    boolean isDraining() {
        return draining;
    }

    /** Returns after what time, of what is left of draining, the next client is to go. */
    long nextDrainDelayNanos() {
        long leftNanos = drainedAtNanos - System.nanoTime();
        return leftNanos <= 0 ? 0 : ThreadLocalRandom.current().nextLong(leftNanos);
    }

    /**
     * Tells all clients that the relay goes down, closes their connections, and waits until that is done. Whoever comes
     * after that, or is about to be admitted, is turned away likewise.
     *
     * @param timeout how long to wait at most
     * @throws InterruptedException when the waiting thread is interrupted
     */
    public void closeAll(Duration timeout) throws InterruptedException {
        // First the word, then the deed: an admission that does not hear it any more is in the registry by then.
        closing = true;
        for (var admission : admissions) {
            admission.loop().eventLoop().execute(admission::goAway);
        }
        registry.forEach(ClientConnection::goAway);
        open.awaitNone(timeout);
    }

    /** Takes note that a connection speaks the relay protocol from now on. */
    void onUpgraded(Admission admission) {
        open.opened();
        admissions.add(admission);
    }

    /** Takes note that an admission has led to a client, or to nothing. */
    void onAdmissionOver(Admission admission) {
        admissions.remove(admission);
    }

    boolean isClosing() {
        return closing;
    }

    /** Takes note that such a connection is closed. */
    void onClosed(ServerLoop loop) {
        loop.counters().increment(RelayCounter.HTTP_CONNECTIONS_CLOSED);
        open.closed();
    }

    Optional<ReceiveLimit> clientReceiveLimit() {
        return clientReceiveLimit;
    }

    /** Returns what all clients share, if they are held to a rate together. */
    @Nullable
    FairRate rate() {
        return rate;
    }

    Tenants tenants() {
        return tenants;
    }

    AccessControl access() {
        return access;
    }

    AccessFailures accessFailures() {
        return accessFailures;
    }

    /** Returns who has been here today. */
    UniqueKeys uniqueKeys() {
        return uniqueKeys;
    }

    long writeStallNanos() {
        return writeStallNanos;
    }

    /** Returns how many loops carry datagrams. */
    int loops() {
        return loops.size();
    }

    /** Returns the loop for the next client: each in its turn. */
    ForwardingLoop nextLoop() {
        return loops.get(Math.floorMod(moves.getAndIncrement(), loops.size()));
    }

    static long nextConnectionId() {
        return CONNECTION_IDS.incrementAndGet();
    }

    byte[] newChallenge() {
        var challenge = new byte[ServerHandshake.CHALLENGE_LENGTH];
        random.nextBytes(challenge);
        return challenge;
    }
}
