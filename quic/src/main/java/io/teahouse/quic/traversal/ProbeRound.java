package io.teahouse.quic.traversal;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One attempt to reach some addresses: probes go to all of them at the same growing intervals until they are answered
 * (iroh QUIC spec, section 4.4).
 *
 * <p>An address that joins later is probed at once, and then with the others. Not thread-safe. Bounded: as many
 * addresses as the caller lets in, and for each no more probes than there are times.
 */
final class ProbeRound {
    static final long NEVER = Long.MAX_VALUE;

    /** How often all addresses are probed. */
    static final int PROBES = 9;

    private static final int DIVISOR = 10;
    private static final long MAX_GAP_NANOS = 2_000_000_000;

    /** An address, and the data of the probes that went there. */
    private static final class Target {
        final Set<Long> sent = new HashSet<>();
        boolean reached;
    }

    private final long baseNanos;
    private final Map<InetSocketAddress, Target> targets = new LinkedHashMap<>();
    /** Addresses that have joined and were not probed yet. */
    private final Set<InetSocketAddress> joined = new HashSet<>();

    private int probed;
    private long nextForAllNanos;
    private long deadlineNanos;

    ProbeRound(long initialRttNanos, long nowNanos) {
        this.baseNanos = initialRttNanos / DIVISOR;
        this.nextForAllNanos = nowNanos;
        this.deadlineNanos = nowNanos;
    }

    int size() {
        return targets.size();
    }

    boolean contains(InetSocketAddress address) {
        return targets.containsKey(address);
    }

    void add(InetSocketAddress address, long nowNanos) {
        if (targets.putIfAbsent(address, new Target()) == null && probed > 0) {
            joined.add(address);
            deadlineNanos = Math.min(deadlineNanos, nowNanos);
        }
    }

    void remove(InetSocketAddress address) {
        targets.remove(address);
        joined.remove(address);
    }

    /** The addresses to probe now, as far as the budget goes; the times of the next probes are then set. */
    List<InetSocketAddress> pollDue(long nowNanos, ProbeBudget budget) {
        if (nowNanos < deadlineNanos) {
            return List.of();
        }
        var due = new ArrayList<InetSocketAddress>();
        boolean all = nowNanos >= nextForAllNanos;
        targets.forEach((address, target) -> {
            if (!target.reached && (all || joined.contains(address))) {
                due.add(address);
            }
        });
        joined.clear();
        if (all) {
            probed++;
            nextForAllNanos = probed == PROBES ? NEVER : nowNanos + gapAfter(probed);
        }
        deadlineNanos = nextForAllNanos;
        return due.subList(0, budget.take(due.size(), nowNanos));
    }

    void onSent(InetSocketAddress address, long data) {
        var target = targets.get(address);
        if (target != null) {
            target.sent.add(data);
        }
    }

    /** Whether an answer comes from where a probe with its data went; then that address is not probed any more. */
    boolean onResponse(InetSocketAddress from, long data) {
        var target = targets.get(from);
        if (target == null || target.reached || !target.sent.contains(data)) {
            return false;
        }
        target.reached = true;
        return true;
    }

    long deadlineNanos() {
        boolean somethingToReach = targets.values().stream().anyMatch(target -> !target.reached);
        return somethingToReach ? deadlineNanos : NEVER;
    }

    /** The base twice, then doubling, and before the last one a pause. */
    private long gapAfter(int probes) {
        if (probes == PROBES - 1) {
            return MAX_GAP_NANOS;
        }
        return Math.min(MAX_GAP_NANOS, baseNanos << Math.max(0, probes - 2));
    }
}
