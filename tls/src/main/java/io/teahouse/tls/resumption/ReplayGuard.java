package io.teahouse.tls.resumption;

import io.teahouse.tls.message.Opaque;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/**
 * Lets the data of a 0-RTT packet in once (RFC 8446, section 8): a client has to come within {@link #WINDOW} of the time that
 * its ticket's age says, and its ClientHello must not have been seen since.
 *
 * <p>What is kept of a ClientHello is its binder, for two to four windows, and at most {@value #HELLOS_MAX} of them for two:
 * when there are more, early data is refused, and the client sends it again after the handshake. So much is promised:
 * this process takes the data of one ClientHello once. Several processes with the same {@link TicketKeys} do not exist, and a
 * client may still send the same data in another ClientHello, so that applications take only what may be done twice.
 *
 * <p>Any thread may call; one is meant for all connections of a server.
 */
public final class ReplayGuard {
    /** How much the ages may differ, by clocks that drift and by the time on the way (RFC 8446, section 8.3). */
    public static final Duration WINDOW = Duration.ofSeconds(10);

    /** Binders that are kept for two windows; all together take some 10 MB at worst. */
    public static final int HELLOS_MAX = 1 << 15;

    private Set<Opaque> newer = new HashSet<>();
    private Set<Opaque> older = new HashSet<>();
    private Instant newerSince = Instant.MIN;

    /** Creates one that has seen nothing. */
    public ReplayGuard() {}

    /**
     * {@return whether the data that comes with a ClientHello may be taken; it may not a second time}
     *
     * @param binder   that was verified
     * @param ageError by how much the ticket's age is wrong, {@link ServerTicket#ageError}
     * @param now      the time
     */
    public synchronized boolean admits(Opaque binder, Duration ageError, Instant now) {
        if (ageError.compareTo(WINDOW) > 0) {
            return false;
        }
        forget(now);
        if (newer.size() >= HELLOS_MAX || older.contains(binder)) {
            return false;
        }
        return newer.add(binder);
    }

    /** One ClientHello may come from one window too early to one too late, so that it has to be known for two. */
    private void forget(Instant now) {
        Duration span = WINDOW.multipliedBy(2);
        if (newerSince.equals(Instant.MIN) || !now.isBefore(newerSince.plus(span))) {
            boolean isLongAgo = newerSince.equals(Instant.MIN) || !now.isBefore(newerSince.plus(span.multipliedBy(2)));
            older = isLongAgo ? new HashSet<>() : newer;
            newer = new HashSet<>();
            newerSince = now;
        }
    }
}
