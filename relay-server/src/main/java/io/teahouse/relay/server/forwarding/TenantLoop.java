package io.teahouse.relay.server.forwarding;

import io.teahouse.relay.server.limit.FairRate;
import io.teahouse.relay.server.limit.SharedRate;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop has of one {@link Tenant}: what was counted there, how much of the shared rates is taken and not yet
 * used, and the clients that are not read from until there is more.
 *
 * <p>Rates are shared by all loops, so a loop takes from them in portions of up to 64 KiB, one atomic step each. Once there is
 * none to take each client that sends is held back, and they are read from again one after another, those that wait longest
 * first, as the rate allows: no client waits for longer than it takes to read from each of them once. Confined to the loop, but
 * for the counts, which any thread may read.
 */
final class TenantLoop {
    /** How many bytes a client is expected to bring that is read from again: some 10 datagrams. What it brings counts. */
    private static final int BYTES_OF_A_READ = 16 << 10;

    private static final long MIN_WAIT_NANOS = 2_000_000;
    private static final long MAX_WAIT_NANOS = 100_000_000;

    /** Room on both sides of the counts, so that two loops never write to one cache line. */
    private static final int PADDING = 8;

    private static final int RECEIVED = PADDING;
    private static final int SENT = PADDING + 1;
    private static final int DROPPED = PADDING + 2;

    private final Tenant tenant;
    private final RelayService service;
    private final ForwardingLoop loop;
    private final long[] counts = new long[PADDING + 3 + PADDING];

    /** In the order in which they came; at most all clients of the loop. */
    private final Set<Intake> held = new LinkedHashSet<>(0);

    /** What is taken and not used; below 0 for what was read and not taken. */
    private long left;

    private @Nullable Reserved reserved;
    private boolean lookingAgain;

    /** A portion that is taken and will be there at some time, of rates that may have been replaced until then. */
    private record Reserved(
            @Nullable SharedRate ofTenant, @Nullable FairRate ofAll, long bytes, long readyNanos) {}

    TenantLoop(Tenant tenant, RelayService service, ForwardingLoop loop) {
        this.tenant = tenant;
        this.service = service;
        this.loop = loop;
    }

    // ---- counts --------------------------------------------------------------------------------------------------

    void countReceived(long bytes) {
        counts[RECEIVED] += bytes;
    }

    void countSent(long bytes) {
        counts[SENT] += bytes;
    }

    void countDropped(int frames) {
        counts[DROPPED] += frames;
    }

    /** Returns how many bytes of datagrams came from clients. Any thread. */
    long received() {
        return counts[RECEIVED];
    }

    /** Returns how many bytes of datagrams were handed on to clients. Any thread. */
    long sent() {
        return counts[SENT];
    }

    /** Returns how many datagram frames were not handed on. Any thread. */
    long dropped() {
        return counts[DROPPED];
    }

    // ---- rates ---------------------------------------------------------------------------------------------------

    /** Returns whether clients are held to a rate together. */
    boolean isLimited() {
        return tenant.rate() != null || service.rate() != null;
    }

    /**
     * Takes what was read from a client out of the rates; returns whether the client may be read from at once. If not, it is to
     * be held back, and hears {@link Intake#onShareToRead} when it may be read from again.
     */
    boolean take(int bytes, Intake client, long nowNanos) {
        left -= bytes;
        if (left > 0) {
            return true;
        }
        long waitNanos = draw(nowNanos);
        if (waitNanos == 0) {
            return true;
        }
        held.add(client);
        lookAgainIn(waitNanos);
        return false;
    }

    /** Forgets a client that is held back, since it has gone. */
    void forget(Intake client) {
        held.remove(client);
    }

    /**
     * Takes from the rates what was read, and a portion; returns how long to wait until that is there. Whoever has to wait takes
     * the portion all the same, and with it a place before those who come later, on other loops.
     */
    private long draw(long nowNanos) {
        var ofTenant = tenant.rate();
        var ofAll = service.rate();
        if (ofTenant == null && ofAll == null) {
            left = 0;
            reserved = null;
            return 0;
        }
        if (reserved != null && (reserved.ofTenant != ofTenant || reserved.ofAll != ofAll)) {
            reserved = null;
        }
        long owed = Math.max(0, -left);
        left = 0;
        take(ofTenant, ofAll, owed, nowNanos);
        if (reserved == null) {
            reserved = reserve(ofTenant, ofAll, nowNanos);
        }
        long waitNanos = Math.max(0, reserved.readyNanos - nowNanos);
        if (waitNanos == 0) {
            left = reserved.bytes;
            reserved = null;
        }
        return waitNanos;
    }

    private Reserved reserve(@Nullable SharedRate ofTenant, @Nullable FairRate ofAll, long nowNanos) {
        long bytes = Math.min(
                ofTenant == null ? Integer.MAX_VALUE : ofTenant.portionBytes(),
                ofAll == null ? Integer.MAX_VALUE : ofAll.portionBytes());
        long waitNanos = Math.max(
                ofTenant == null ? 0 : ofTenant.waitNanos(nowNanos),
                ofAll == null ? 0 : ofAll.waitNanos(tenant.part(), nowNanos));
        take(ofTenant, ofAll, bytes, nowNanos);
        return new Reserved(ofTenant, ofAll, bytes, nowNanos + waitNanos);
    }

    private void take(@Nullable SharedRate ofTenant, @Nullable FairRate ofAll, long bytes, long nowNanos) {
        if (bytes > 0 && ofTenant != null) {
            var _ = ofTenant.take(bytes, nowNanos);
        }
        if (bytes > 0 && ofAll != null) {
            ofAll.take(tenant.part(), bytes, nowNanos);
        }
    }

    private void lookAgainIn(long waitNanos) {
        if (!lookingAgain) {
            lookingAgain = true;
            // Not one of the loop's timers: their tick is too long.
            loop.eventLoop()
                    .schedule(
                            this::lookAgain,
                            Math.clamp(waitNanos, MIN_WAIT_NANOS, MAX_WAIT_NANOS),
                            TimeUnit.NANOSECONDS);
        }
    }

    /** Has as many clients read from again as there is rate for. */
    private void lookAgain() {
        lookingAgain = false;
        long waitNanos = left > 0 ? 0 : draw(loop.nanos());
        var waiting = held.iterator();
        for (long toGive = isLimited() ? left : Long.MAX_VALUE;
                toGive > 0 && waiting.hasNext();
                toGive -= BYTES_OF_A_READ) {
            var client = waiting.next();
            waiting.remove();
            client.onShareToRead();
        }
        if (!held.isEmpty()) {
            lookAgainIn(waitNanos);
        }
    }
}
