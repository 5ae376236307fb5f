package io.teahouse.relay.client;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.teahouse.core.EndpointId;
import io.teahouse.core.RelayUrl;
import io.teahouse.relay.protocol.Datagrams;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Looks after the relays of an endpoint: the home relay, to which there is always a connection or an attempt to come, and
 * others, which are dialled when something is to be sent through them and let go when they have not been used for 60 s.
 *
 * <p>What happens on the connections goes to one inbox. How it stands with each relay can be {@linkplain #state seen} and
 * {@linkplain #awaitState waited for}; no state lasts without an attempt to come. Safe for use by many threads.
 */
public final class RelayLinks implements AutoCloseable {
    /** Relays that are looked after at the same time; what is to be sent through another is dropped. */
    public static final int MAX_RELAYS = 64;

    private final RelayClient client;
    private final RelayInbox inbox;
    private final EventLoop loop;
    private final SecureRandom random = new SecureRandom();
    private final ScheduledFuture<?> sleepTimer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<RelayUrl, RelayLink> links = new HashMap<>(); // guarded by lock
    private Optional<RelayUrl> home = Optional.empty(); // guarded by lock
    private boolean closed; // guarded by lock
    private long droppedWithoutLink; // guarded by lock
    private long droppedOfForgotten; // guarded by lock

    /**
     * Begins with no relay.
     *
     * @param client dials; is to be closed after this
     * @param inbox  where the events of all connections go
     */
    public RelayLinks(RelayClient client, RelayInbox inbox) {
        this.client = client;
        this.inbox = inbox;
        loop = client.settings().loops().next();
        var watch = new SleepWatch(now(), wallMillis());
        sleepTimer = loop.scheduleWithFixedDelay(
                () -> {
                    if (watch.slept(now(), wallMillis())) {
                        networkChanged(Set.of());
                    }
                },
                SleepWatch.PERIOD_NANOS,
                SleepWatch.PERIOD_NANOS,
                TimeUnit.NANOSECONDS);
    }

    private long now() {
        return client.settings().nowNanos().getAsLong();
    }

    private long wallMillis() {
        return client.settings().wallClock().millis();
    }

    /**
     * Makes a relay the home relay; the one that was stays until it has not been used for 60 s.
     *
     * @param relay which; empty for none
     */
    public void home(Optional<RelayUrl> relay) {
        lock.lock();
        try {
            var before = home;
            if (closed || before.equals(relay)) {
                return;
            }
            home = relay;
            relay.flatMap(this::link).ifPresent(link -> link.setHome(true));
            before.map(links::get).ifPresent(old -> old.setHome(false));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sends datagrams through a relay, which is dialled if need be. Never waits. The bytes are copied.
     *
     * @param relay       which; what is sent while there is no connection is kept for 3 s, up to 64 frames and 256 KiB of them
     * @param destination whom to
     * @param datagrams   what
     * @return false if nothing was taken: the queue is full, or too many relays are looked after
     * @throws IllegalArgumentException if the datagrams are not {@linkplain Datagrams#isDeliverable deliverable}
     */
    public boolean send(RelayUrl relay, EndpointId destination, Datagrams datagrams) {
        RelayConnection.requireDeliverable(datagrams);
        Optional<RelayLink> link;
        lock.lock();
        try {
            link = closed ? Optional.empty() : link(relay);
            if (link.isEmpty()) {
                droppedWithoutLink++;
            }
        } finally {
            lock.unlock();
        }
        return link.isPresent() && link.get().send(destination, datagrams);
    }

    /** Returns the link, which is made if there is room for it. Under the lock. */
    private Optional<RelayLink> link(RelayUrl relay) {
        var known = links.get(relay);
        if (known != null) {
            known.touch();
            return Optional.of(known);
        }
        if (links.size() >= MAX_RELAYS) {
            forgetIdle();
        }
        // The home relay always has room.
        if (links.size() >= MAX_RELAYS && !isHome(relay)) {
            return Optional.empty();
        }
        var made = new RelayLink(
                client,
                relay,
                loop,
                client.settings().nowNanos(),
                new LinkMachine(random::nextDouble),
                inbox::put,
                this::onChange);
        links.put(relay, made);
        return Optional.of(made);
    }

    private boolean isHome(RelayUrl relay) {
        return home.filter(relay::equals).isPresent();
    }

    private void forgetIdle() {
        links.entrySet().removeIf(entry -> {
            boolean idle = entry.getValue().state() instanceof LinkState.Idle && !isHome(entry.getKey());
            if (idle) {
                droppedOfForgotten += entry.getValue().dropped();
                entry.getValue().close();
            }
            return idle;
        });
    }

    private void onChange() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * {@return how it stands with a relay}
     *
     * @param relay which; one that is not looked after is idle
     */
    public LinkState state(RelayUrl relay) {
        lock.lock();
        try {
            var link = links.get(relay);
            return link == null ? new LinkState.Idle() : link.state();
        } finally {
            lock.unlock();
        }
    }

    /**
     * {@return how it stands with all relays that are looked after}
     */
    public Map<RelayUrl, LinkState> states() {
        lock.lock();
        try {
            var all = new TreeMap<RelayUrl, LinkState>();
            links.forEach((relay, link) -> all.put(relay, link.state()));
            return all;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until it stands otherwise with a relay than it did.
     *
     * @param relay which
     * @param known the state that the caller knows
     * @return another state
     * @throws InterruptedException when the thread is interrupted
     */
    public LinkState awaitState(RelayUrl relay, LinkState known) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (state(relay).equals(known)) {
                changed.await();
            }
            return state(relay);
        } finally {
            lock.unlock();
        }
    }

    /**
     * {@return the connection to a relay, if there is one}
     *
     * @param relay which
     */
    public Optional<RelayConnection> connection(RelayUrl relay) {
        lock.lock();
        try {
            return Optional.ofNullable(links.get(relay)).flatMap(RelayLink::connection);
        } finally {
            lock.unlock();
        }
    }

    /**
     * {@return frames that were dropped because there was no connection, or no room for another relay}
     */
    public long dropped() {
        lock.lock();
        try {
            return droppedWithoutLink
                    + droppedOfForgotten
                    + links.values().stream().mapToLong(RelayLink::dropped).sum();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes note that the network has changed: connections from an address that is no longer ours end at once, the others are
     * pinged, and who waits dials now. That the machine slept is noticed without being told.
     *
     * @param ours the addresses of this machine; empty if they are not known
     */
    public void networkChanged(Set<InetAddress> ours) {
        lock.lock();
        try {
            links.values().forEach(link -> link.networkChanged(ours));
        } finally {
            lock.unlock();
        }
    }

    /** Lets all relays go; does not wait until they have heard it, which the client's own end does. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            sleepTimer.cancel(false);
            links.values().forEach(RelayLink::close);
        } finally {
            lock.unlock();
        }
    }
}
