package io.teahouse.quic.traversal;

import io.teahouse.quic.frame.AddressFrame;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The client's part in getting through NATs: it knows where the server may be, says where it may be itself, and begins
 * rounds of probes (iroh QUIC spec, section 4.2).
 *
 * <p>Not thread-safe. Bounded: as many addresses of the server as we have announced, the others are ignored; and
 * {@link ProbeBudget} limits how many probes go out.
 */
public final class ClientTraversal {
    /** When nothing is to be done. */
    public static final long NEVER = ProbeRound.NEVER;

    private final int maxServerAddresses;
    private final int maxOwnAddresses;
    private final long initialRttNanos;
    private final Map<Long, InetSocketAddress> serverAddresses = new HashMap<>();
    private final ProbeBudget budget = new ProbeBudget();
    private Optional<ProbeRound> round = Optional.empty();
    private long roundNumber;

    /**
     * Creates one that has begun no round.
     *
     * @param maxServerAddresses how many addresses we have announced to take
     * @param maxOwnAddresses    how many the server has announced to take
     * @param initialRttNanos    what probes are spaced by, ten of them in it
     */
    public ClientTraversal(int maxServerAddresses, int maxOwnAddresses, long initialRttNanos) {
        this.maxServerAddresses = maxServerAddresses;
        this.maxOwnAddresses = maxOwnAddresses;
        this.initialRttNanos = initialRttNanos;
    }

    /**
     * Takes in an address of the server; it is probed with the others if a round is on.
     *
     * @param frame    from the server; a number that is known gets the new address
     * @param nowNanos now
     * @return whether it is news
     */
    public boolean onAddAddress(AddressFrame.AddAddress frame, long nowNanos) {
        boolean known = serverAddresses.containsKey(frame.sequence());
        if (!known && serverAddresses.size() == maxServerAddresses) {
            return false;
        }
        var before = serverAddresses.put(frame.sequence(), frame.address());
        if (frame.address().equals(before)) {
            return false;
        }
        if (before != null) {
            forget(before);
        }
        round.ifPresent(current -> current.add(frame.address(), nowNanos));
        return true;
    }

    /**
     * Takes in that the server is no longer reached at an address.
     *
     * @param frame from the server
     * @return whether it was known
     */
    public boolean onRemoveAddress(AddressFrame.RemoveAddress frame) {
        var removed = serverAddresses.remove(frame.sequence());
        if (removed == null) {
            return false;
        }
        forget(removed);
        return true;
    }

    /**
     * {@return where the server may be reached}
     */
    public Collection<InetSocketAddress> serverAddresses() {
        return List.copyOf(serverAddresses.values());
    }

    /**
     * Begins a round; the one before is over.
     *
     * @param ownAddresses where we may be reached; at least one
     * @param nowNanos     now
     * @return what to tell the server
     */
    public List<AddressFrame.ReachOut> startRound(Collection<InetSocketAddress> ownAddresses, long nowNanos) {
        if (ownAddresses.isEmpty()) {
            throw new IllegalArgumentException("ownAddresses: none (expected: one at least)");
        }
        roundNumber++;
        var started = new ProbeRound(initialRttNanos, nowNanos);
        serverAddresses.values().forEach(address -> started.add(address, nowNanos));
        round = Optional.of(started);
        return ownAddresses.stream()
                .distinct()
                .limit(maxOwnAddresses)
                .map(address -> new AddressFrame.ReachOut(roundNumber, address))
                .toList();
    }

    /**
     * {@return where to send a probe now, each with new data}
     *
     * @param nowNanos now
     */
    public List<InetSocketAddress> pollProbes(long nowNanos) {
        return round.map(current -> current.pollDue(nowNanos, budget)).orElse(List.of());
    }

    /**
     * Takes in that a probe was sent.
     *
     * @param address where to
     * @param data    what its PATH_CHALLENGE had in it
     */
    public void onProbeSent(InetSocketAddress address, long data) {
        round.ifPresent(current -> current.onSent(address, data));
    }

    /**
     * {@return whether an answer shows that its sender can be reached where it comes from, so that a path can be
     * opened}
     *
     * @param from where it comes from
     * @param data what the PATH_RESPONSE has in it
     */
    public boolean onResponse(InetSocketAddress from, long data) {
        return round.map(current -> current.onResponse(from, data)).orElse(false);
    }

    /**
     * {@return when {@link #pollProbes} has something, or {@link #NEVER}}
     */
    public long deadlineNanos() {
        return round.map(ProbeRound::deadlineNanos).orElse(NEVER);
    }

    /** An address may be known by two numbers. */
    private void forget(InetSocketAddress address) {
        if (!serverAddresses.containsValue(address)) {
            round.ifPresent(current -> current.remove(address));
        }
    }
}
