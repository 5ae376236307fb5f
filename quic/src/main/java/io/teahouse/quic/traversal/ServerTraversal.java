package io.teahouse.quic.traversal;

import io.teahouse.quic.frame.AddressFrame;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The server's part in getting through NATs: it says where it may be reached, and probes where the client asks it to
 * (iroh QUIC spec, section 4.2).
 *
 * <p>Not thread-safe. Bounded: as many addresses of the client in a round as we have announced; more is an error; and
 * {@link ProbeBudget} limits how many probes go out.
 */
public final class ServerTraversal {
    /** When nothing is to be done. */
    public static final long NEVER = ProbeRound.NEVER;

    private final int maxClientAddresses;
    private final int maxOwnAddresses;
    private final boolean reachesIpv6;
    private final long initialRttNanos;
    private final Map<InetSocketAddress, Long> ownAddresses = new LinkedHashMap<>();
    private long nextSequence;
    private final ProbeBudget budget = new ProbeBudget();
    private Optional<ProbeRound> round = Optional.empty();
    private long roundNumber;

    /**
     * Creates one that was told of no round.
     *
     * @param maxClientAddresses how many addresses we have announced to take
     * @param maxOwnAddresses    how many the client has announced to take
     * @param reachesIpv6        whether our socket can send to IPv6; if not, such addresses are ignored
     * @param initialRttNanos    what probes are spaced by, ten of them in it
     */
    public ServerTraversal(int maxClientAddresses, int maxOwnAddresses, boolean reachesIpv6, long initialRttNanos) {
        this.maxClientAddresses = maxClientAddresses;
        this.maxOwnAddresses = maxOwnAddresses;
        this.reachesIpv6 = reachesIpv6;
        this.initialRttNanos = initialRttNanos;
    }

    /**
     * Takes in where we may be reached.
     *
     * @param addresses all of them; only as many are told as the client takes
     * @return what to tell the client: what is gone, and what is new
     */
    public List<AddressFrame> setOwnAddresses(Collection<InetSocketAddress> addresses) {
        var wanted = new LinkedHashSet<>(addresses);
        var frames = new ArrayList<AddressFrame>();
        ownAddresses.entrySet().removeIf(entry -> {
            boolean gone = !wanted.contains(entry.getKey());
            if (gone) {
                frames.add(new AddressFrame.RemoveAddress(entry.getValue()));
            }
            return gone;
        });
        for (InetSocketAddress address : wanted) {
            if (!ownAddresses.containsKey(address) && ownAddresses.size() < maxOwnAddresses) {
                ownAddresses.put(address, nextSequence);
                frames.add(new AddressFrame.AddAddress(nextSequence, address));
                nextSequence++;
            }
        }
        return frames;
    }

    /**
     * {@return whether an address that was told still holds}
     *
     * @param sequence its number
     */
    public boolean announces(long sequence) {
        return ownAddresses.containsValue(sequence);
    }

    /**
     * Takes in that the client wants to be probed; the first address of a new round ends the one before.
     *
     * @param frame    from the client
     * @param nowNanos now
     * @throws TransportException if there are more addresses in a round than we take
     */
    public void onReachOut(AddressFrame.ReachOut frame, long nowNanos) throws TransportException {
        if (frame.round() < roundNumber) {
            return; // overtaken
        }
        if (frame.round() > roundNumber || round.isEmpty()) {
            roundNumber = frame.round();
            round = Optional.of(new ProbeRound(initialRttNanos, nowNanos));
        }
        var current = round.orElseThrow();
        if (frame.address().getAddress() instanceof Inet6Address && !reachesIpv6) {
            return;
        }
        if (!current.contains(frame.address()) && current.size() == maxClientAddresses) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION,
                    frame.type().code(),
                    "addresses in round %d: more than %d (expected: no more)"
                            .formatted(roundNumber, maxClientAddresses));
        }
        current.add(frame.address(), nowNanos);
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
     * {@return whether an answer comes from where it was probed; the client will open a path there}
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
}
