package io.teahouse.quic;

import io.teahouse.quic.frame.AddressFrame;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.traversal.ClientTraversal;
import io.teahouse.quic.traversal.ServerTraversal;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SequencedMap;

/**
 * A connection's part in finding a way through NATs: what {@link ClientTraversal} or {@link ServerTraversal} wants done (iroh
 * QUIC spec, section 4).
 *
 * <p>Not thread-safe. Bounded as those two are, and by {@link #MAX_REFLEXIVE} addresses from which we were probed.
 */
final class Traversal {
    static final long NEVER = Long.MAX_VALUE;

    /** As many as there are answers owed at a time. */
    static final int MAX_REFLEXIVE = 32;

    private final ConnectionState state;
    private Optional<ClientTraversal> client = Optional.empty();
    private Optional<ServerTraversal> server = Optional.empty();
    private List<InetSocketAddress> candidates = List.of();
    private long round;

    /** Where a probe is due, once the round has said so. */
    private final Queue<InetSocketAddress> due = new ArrayDeque<>();

    /** What a client has asked those who have probed it from an address that nobody had named. */
    private final SequencedMap<InetSocketAddress, Long> reflexive = new LinkedHashMap<>();

    Traversal(ConnectionState state) {
        this.state = state;
    }

    void onPeerParameters(TransportParameters peer) {
        int own = state.config.multipath().map(MultipathConfig::candidates).orElse(0);
        if (!state.paths.several || own == 0 || peer.natTraversalAddresses().isEmpty()) {
            return;
        }
        int peers = peer.natTraversalAddresses().getAsInt();
        long initialRttNanos = state.config.initialRtt().toNanos();
        if (state.role == Role.CLIENT) {
            client = Optional.of(new ClientTraversal(own, peers, initialRttNanos));
        } else {
            boolean ipv6 = state.config.multipath().get().reachesIpv6();
            server = Optional.of(new ServerTraversal(own, peers, ipv6, initialRttNanos));
        }
    }

    boolean isAgreedOn() {
        return client.isPresent() || server.isPresent();
    }

    // What the application wants.

    /** Where we may be reached; a server tells its client. */
    void setCandidates(Collection<InetSocketAddress> addresses) {
        candidates = List.copyOf(addresses);
        announce();
    }

    /** Tells the client once it can be told. */
    void announce() {
        if (state.connected) {
            server.ifPresent(part -> state.pending.addAll(part.setOwnAddresses(candidates)));
        }
    }

    /** Begins a round of probes; whether that was possible. */
    boolean startRound(long nowNanos) {
        if (client.isEmpty() || !state.confirmed || !state.isOpen() || candidates.isEmpty()) {
            return false;
        }
        state.pending.removeIf(AddressFrame.ReachOut.class::isInstance);
        due.clear();
        var told = client.get().startRound(candidates, nowNanos);
        round = told.getFirst().round();
        state.pending.addAll(told);
        return true;
    }

    /** Where a server may be reached, as far as it has said so. */
    Collection<InetSocketAddress> serverAddresses() {
        return client.map(ClientTraversal::serverAddresses).orElse(List.of());
    }

    // What the peer says.

    void onFrame(AddressFrame frame, long nowNanos) throws TransportException {
        boolean changed = false;
        switch (frame) {
            case AddressFrame.AddAddress added ->
                changed = client.isPresent() && client.get().onAddAddress(added, nowNanos);
            case AddressFrame.RemoveAddress removed ->
                changed = client.isPresent() && client.get().onRemoveAddress(removed);
            case AddressFrame.ReachOut reachOut -> {
                if (server.isPresent()) {
                    server.get().onReachOut(reachOut, nowNanos);
                }
            }
            case AddressFrame.ObservedAddress _ -> throw new IllegalArgumentException("frame: " + frame.type());
        }
        if (changed) {
            state.tell(new ConnectionEvent.CandidatesChanged());
        }
    }

    /** Takes in an answer that is of no path: if it is to a probe, its sender can be reached where it comes from. */
    void onResponse(NetworkPath from, long data, long nowNanos) {
        if (!(from.remote() instanceof InetSocketAddress address)) {
            return;
        }
        Long asked = reflexive.get(address);
        boolean ofReflexive = asked != null && asked == data;
        boolean reached = client.filter(part -> part.onResponse(address, data)).isPresent()
                || server.filter(part -> part.onResponse(address, data)).isPresent();
        if (!reached && !ofReflexive) {
            return;
        }
        reflexive.remove(address);
        state.tell(new ConnectionEvent.Reached(from));
        if (client.isPresent()) {
            state.control.open(from, false, nowNanos);
        }
    }

    // What is to be sent.

    /** Where a probe has to go now. */
    Optional<InetSocketAddress> pollProbe(long nowNanos) {
        if (due.isEmpty()) {
            client.ifPresent(part -> due.addAll(part.pollProbes(nowNanos)));
            server.ifPresent(part -> due.addAll(part.pollProbes(nowNanos)));
        }
        return Optional.ofNullable(due.poll());
    }

    void onProbeSent(InetSocketAddress address, long data) {
        client.ifPresent(part -> part.onProbeSent(address, data));
        server.ifPresent(part -> part.onProbeSent(address, data));
    }

    /** Whether a client should ask back who has probed it: it may be that nobody has named that address. */
    boolean asksBack(NetworkPath from) {
        return client.isPresent()
                && from.remote() instanceof InetSocketAddress address
                && (reflexive.containsKey(address) || reflexive.size() < MAX_REFLEXIVE)
                && state.paths.at(from).isEmpty();
    }

    void onAskedBack(NetworkPath from, long data) {
        if (from.remote() instanceof InetSocketAddress address) {
            reflexive.put(address, data);
        }
    }

    long deadlineNanos() {
        if (!due.isEmpty()) {
            return 0;
        }
        return Math.min(
                client.map(ClientTraversal::deadlineNanos).orElse(NEVER),
                server.map(ServerTraversal::deadlineNanos).orElse(NEVER));
    }

    /** Whether a frame that was lost still means something. */
    boolean isCurrent(AddressFrame frame) {
        return switch (frame) {
            case AddressFrame.AddAddress(long sequence, var _) ->
                server.filter(part -> part.announces(sequence)).isPresent();
            case AddressFrame.ReachOut reachOut -> reachOut.round() == round;
            case AddressFrame.RemoveAddress _, AddressFrame.ObservedAddress _ -> true;
        };
    }
}
