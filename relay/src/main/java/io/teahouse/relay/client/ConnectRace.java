package io.teahouse.relay.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Decides which addresses of a host are tried when, so that one family that does not work costs a quarter of a second and not
 * half a minute (RFC 8305; iroh relay spec, section 2.1).
 *
 * <p>Both families are looked up at once. The first attempt waits for the preferred one up to {@link #HEAD_START_NANOS}; each
 * further attempt follows {@link #STAGGER_NANOS} behind the one before, or at once when none is pending, and takes the other
 * family if it can. The first connection wins. Fed and asked by {@link Dial}; confined to one thread.
 *
 * @param <A> an address, of which nothing needs to be known
 */
@SansIo
final class ConnectRace<A> {
    /** How long the preferred family's answer is waited for when the other one's is there: 50 ms. */
    static final long HEAD_START_NANOS = 50_000_000L;

    /** Between two attempts while the first is pending: 250 ms. */
    static final long STAGGER_NANOS = 250_000_000L;

    /** How long an attempt may take: 4 s, in which TCP asks three times. */
    static final long MAX_ATTEMPT_NANOS = 4_000_000_000L;

    /** How long a look-up may take: 3 s. */
    static final long MAX_LOOKUP_NANOS = 3_000_000_000L;

    /** Addresses of each family that are tried; the resolver's first ones. */
    static final int MAX_ADDRESSES = 8;

    /** Reasons that are told when all has failed. */
    private static final int MAX_REASONS = 4;

    /** What is to be done. */
    sealed interface Action<A> {
        /** Connect to an address. */
        record Start<A>(int attempt, A address) implements Action<A> {}

        /** Give up an attempt. */
        record Cancel<A>(int attempt) implements Action<A> {}

        /** Go on with the connection of this attempt; all others are cancelled. */
        record Won<A>(int attempt) implements Action<A> {}

        /** Nothing is left to try. */
        record Failed<A>(boolean resolved, String why) implements Action<A> {}
    }

    private final List<AddressFamily> order;
    private final Map<AddressFamily, ArrayDeque<A>> untried = new EnumMap<>(AddressFamily.class);
    private final long lookupDeadlineNanos;
    /** Attempts under way, by number, oldest first, and when each is given up. */
    private final LinkedHashMap<Integer, Long> pending = new LinkedHashMap<>();

    private final Map<Integer, A> addresses = new LinkedHashMap<>();
    private final List<String> reasons = new ArrayList<>();
    private final Queue<Action<A>> actions = new ArrayDeque<>();
    private int attempts;
    private long nextStartNanos = Long.MAX_VALUE;
    private @Nullable AddressFamily lastTried;
    private boolean over;

    /**
     * Creates a race in which both families are being looked up.
     *
     * @param preferred the family to begin with
     */
    ConnectRace(AddressFamily preferred, long nowNanos) {
        order = List.of(preferred, preferred.other());
        lookupDeadlineNanos = nowNanos + MAX_LOOKUP_NANOS;
    }

    /** Takes in the addresses of a family; may be none. */
    void resolved(AddressFamily family, List<A> found, long nowNanos) {
        if (over || untried.containsKey(family)) {
            return; // too late
        }
        untried.put(family, new ArrayDeque<>(found.subList(0, Math.min(found.size(), MAX_ADDRESSES))));
        if (attempts == 0 && !found.isEmpty()) {
            nextStartNanos = family == order.getFirst() ? nowNanos : nowNanos + HEAD_START_NANOS;
        }
        onDeadline(nowNanos);
    }

    /** Takes note that the look-up of a family failed. */
    void lookupFailed(AddressFamily family, String why, long nowNanos) {
        if (!over && !untried.containsKey(family)) {
            addReason("%s: %s".formatted(family, why));
            resolved(family, List.of(), nowNanos);
        }
    }

    /** Takes note that an attempt has succeeded. */
    void connected(int attempt) {
        if (over || pending.remove(attempt) == null) {
            return;
        }
        over = true;
        for (int other : pending.keySet()) {
            actions.add(new Action.Cancel<>(other));
        }
        pending.clear();
        actions.add(new Action.Won<>(attempt));
    }

    /** Takes note that an attempt has failed. */
    void failed(int attempt, String why, long nowNanos) {
        if (over || pending.remove(attempt) == null) {
            return;
        }
        addReason("%s: %s".formatted(addresses.get(attempt), why));
        onDeadline(nowNanos);
    }

    /** Takes in the passing of time; calling it early does nothing. */
    void onDeadline(long nowNanos) {
        if (over) {
            return;
        }
        if (nowNanos >= lookupDeadlineNanos) {
            for (var family : order) {
                if (!untried.containsKey(family)) {
                    addReason("%s: look-up took longer than 3 s".formatted(family));
                    untried.put(family, new ArrayDeque<>());
                }
            }
        }
        giveUpSlowAttempts(nowNanos);
        startWhatIsDue(nowNanos);
        if (untried.size() == 2 && pending.isEmpty() && nothingUntried()) {
            over = true;
            var told = reasons.isEmpty() ? "the host has no addresses" : String.join("; ", reasons);
            actions.add(new Action.Failed<>(attempts > 0, told));
        }
    }

    private void giveUpSlowAttempts(long nowNanos) {
        for (var attempts = pending.entrySet().iterator(); attempts.hasNext(); ) {
            var attempt = attempts.next();
            if (nowNanos < attempt.getValue()) {
                return; // those behind it began later
            }
            attempts.remove();
            addReason("%s: no answer within 4 s".formatted(addresses.get(attempt.getKey())));
            actions.add(new Action.Cancel<>(attempt.getKey()));
        }
    }

    private void startWhatIsDue(long nowNanos) {
        boolean waitsForOther = attempts == 0 && !untried.containsKey(order.getFirst());
        boolean idle = pending.isEmpty() && !waitsForOther;
        if (nothingUntried() || (nowNanos < nextStartNanos && !idle)) {
            return;
        }
        var family = nextFamily();
        var address = untried.getOrDefault(family, new ArrayDeque<>()).remove();
        lastTried = family;
        attempts++;
        addresses.put(attempts, address);
        pending.put(attempts, nowNanos + MAX_ATTEMPT_NANOS);
        nextStartNanos = nowNanos + STAGGER_NANOS;
        actions.add(new Action.Start<>(attempts, address));
    }

    private AddressFamily nextFamily() {
        var wanted = lastTried == null ? order.getFirst() : lastTried.other();
        return hasUntried(wanted) ? wanted : wanted.other();
    }

    private boolean hasUntried(AddressFamily family) {
        return !untried.getOrDefault(family, new ArrayDeque<>()).isEmpty();
    }

    private boolean nothingUntried() {
        return !hasUntried(order.getFirst()) && !hasUntried(order.getLast());
    }

    private void addReason(String reason) {
        if (reasons.size() < MAX_REASONS) {
            reasons.add(reason);
        }
    }

    /** Returns the next thing to do, or null when there is nothing left to do now. */
    @Nullable
    Action<A> poll() {
        return actions.poll();
    }

    /** Returns when {@link #onDeadline} is to be called. */
    long nextDeadlineNanos() {
        if (over) {
            return Long.MAX_VALUE;
        }
        long deadline = untried.size() == 2 ? Long.MAX_VALUE : lookupDeadlineNanos;
        if (!nothingUntried()) {
            deadline = Math.min(deadline, nextStartNanos);
        }
        for (long giveUp : pending.values()) {
            return Math.min(deadline, giveUp); // the oldest
        }
        return deadline;
    }
}
