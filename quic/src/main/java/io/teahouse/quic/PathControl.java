package io.teahouse.quic;

import io.teahouse.quic.congestion.Cubic;
import io.teahouse.quic.frame.AddressFrame;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.path.MtuDiscovery;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.path.PathChoice;
import io.teahouse.quic.recovery.RttEstimator;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.SequencedMap;

/**
 * What happens to paths: they are opened, proven, moved, given up and forgotten, and there are ids for them (iroh QUIC spec,
 * sections 2.4 to 2.8).
 *
 * <p>Not thread-safe. Bounded: {@link #MAX_WANTED} paths wait until they can be opened.
 */
final class PathControl {
    static final long NEVER = Long.MAX_VALUE;

    /** As many addresses as a peer may have us reach. */
    static final int MAX_WANTED = 32;

    private static final int PROBE_TIMEOUTS_WITHOUT_PATH = 3;

    private final ConnectionState state;
    /** Paths to be opened as soon as there are a number and an id for them, and whether they are to be used then. */
    private final SequencedMap<NetworkPath, Boolean> wanted = new LinkedHashMap<>();

    private long noPathAtNanos = NEVER;

    PathControl(ConnectionState state) {
        this.state = state;
    }

    // They begin.

    /** Opens a path, now or when that is possible; empty if not now. */
    OptionalLong open(NetworkPath network, boolean available, long nowNanos) {
        var paths = state.paths;
        var existing = paths.at(network);
        if (existing.isPresent()) {
            return OptionalLong.of(existing.get().id());
        }
        if (state.role != Role.CLIENT || !paths.several || !state.isOpen()) {
            return OptionalLong.empty();
        }
        if (wanted.size() < MAX_WANTED && wanted.putIfAbsent(network, available) == null && state.confirmed) {
            openWanted(nowNanos);
            if (wanted.containsKey(network)) {
                tellWhatIsMissing();
            }
        }
        return paths.at(network).map(path -> OptionalLong.of(path.id())).orElseGet(OptionalLong::empty);
    }

    /** Opens what waits, as far as there are numbers and ids. */
    void openWanted(long nowNanos) {
        while (state.confirmed && !wanted.isEmpty()) {
            var id = state.paths.numbers.nextToOpen();
            if (id.isEmpty() || state.table.destination(id.getAsLong()).isEmpty()) {
                return;
            }
            var entry = wanted.pollFirstEntry();
            if (state.paths.at(entry.getKey()).isEmpty()) {
                var path = state.paths.open(id.getAsLong(), entry.getKey(), nowNanos);
                path.amplification().lift(); // we have chosen the address ourselves
                if (!entry.getValue()) {
                    path.status().set(false); // the peer is told once it knows the path
                }
                path.challenges().start(nowNanos);
                begin(path, nowNanos);
            }
        }
    }

    private void tellWhatIsMissing() {
        var numbers = state.paths.numbers;
        var id = numbers.nextToOpen();
        if (id.isPresent()) {
            state.pending.add(new PathFrame.PathCidsBlocked(id.getAsLong(), 0));
        } else if (numbers.peersMax() <= numbers.ownMax()) {
            state.pending.add(new PathFrame.PathsBlocked(numbers.peersMax()));
        }
    }

    /** A client has opened a path. */
    Path<PacketContent> onPeerOpened(long pathId, NetworkPath network, int bytes, long nowNanos) {
        // Without an id of the client's for it nothing can be sent there yet.
        boolean proven = state.paths.at(network).filter(Path::isValidated).isPresent()
                && state.table.destination(pathId).isPresent();
        var path = state.paths.open(pathId, network, nowNanos);
        path.amplification().onReceived(bytes);
        if (proven) {
            path.onValidated();
        } else {
            path.challenges().start(nowNanos);
        }
        state.reportAddress(path);
        begin(path, nowNanos);
        return path;
    }

    private void begin(Path<PacketContent> path, long nowNanos) {
        state.restartKeepAlive(path, nowNanos);
        state.tell(new ConnectionEvent.PathOpened(path.id(), path.network()));
        if (path.isValidated()) {
            state.tell(new ConnectionEvent.PathValidated(path.id()));
        }
    }

    void onValidated(Path<PacketContent> path) {
        path.onValidated();
        noPathAtNanos = NEVER;
        if (!path.status().isAvailable()) {
            setStatus(path, false);
        }
        state.tell(new ConnectionEvent.PathValidated(path.id()));
    }

    void setStatus(Path<PacketContent> path, boolean available) {
        state.pending.removeIf(frame -> switch (frame) {
            case PathFrame.PathStatusAvailable(long id, long _) -> id == path.id();
            case PathFrame.PathStatusBackup(long id, long _) -> id == path.id();
            default -> false;
        });
        state.pending.add(path.status().set(available));
    }

    /** A client sends on a path from another address: it is answered there, a little, until it has proven it. */
    void onMoved(Path<PacketContent> path, NetworkPath to, int bytes, long nowNanos) {
        boolean onlyPort = path.network().remote() instanceof InetSocketAddress before
                && to.remote() instanceof InetSocketAddress now
                && before.getAddress().equals(now.getAddress());
        path.onMigrated(to, nowNanos);
        state.trace.trace().onNetwork(path.id(), to, nowNanos);
        path.amplification().onReceived(bytes);
        if (!onlyPort) {
            path.recovery().onNewAddress(new Cubic(MtuDiscovery.BASE_BYTES), nowNanos);
        }
        state.table
                .remote(path.id())
                .useNext(); // who sees both addresses is not to see that they are of one connection
        state.reportAddress(path);
        state.tell(new ConnectionEvent.PathMoved(path.id(), to));
    }

    // They end.

    /** Gives a path up; all that was on its way there goes elsewhere. */
    void abandon(Path<PacketContent> path, long code, boolean byPeer, long nowNanos) {
        if (!path.onAbandoned(nowNanos)) {
            return;
        }
        long id = path.id();
        state.paths.numbers.onAbandoned(id);
        state.pending.removeIf(frame -> isObsolete(frame));
        path.pending().clear();
        state.onLost(path.recovery().takeAll());
        state.pending.add(new PathFrame.PathAbandon(id, code));
        state.tell(new ConnectionEvent.PathAbandoned(id, code, byPeer));
        if (state.paths.isAnyLeft()) {
            state.table.abandon(id);
        } else {
            long timeoutNanos = new RttEstimator(state.config.initialRtt()).probeTimeoutNanos(0);
            noPathAtNanos = nowNanos + PROBE_TIMEOUTS_WITHOUT_PATH * timeoutNanos;
        }
    }

    void onPeerAbandoned(long pathId, long code, long nowNanos) {
        var numbers = state.paths.numbers;
        if (!numbers.isUsed(pathId)) {
            return;
        }
        state.paths.find(pathId).ifPresent(path -> abandon(path, code, true, nowNanos));
        if (numbers.onPeerAbandoned(pathId)) {
            state.pending.removeIf(PathFrame.MaxPathId.class::isInstance);
            state.pending.add(new PathFrame.MaxPathId(numbers.raise()));
            supplyIds();
        }
    }

    /** Something came on a path: those that nobody answers on are dead then. */
    void onHeard(long nowNanos) {
        if (state.paths.count() == 1) {
            return;
        }
        for (var other : state.paths.all()) {
            if (other.isUsable() && PathChoice.isDead(other, state.paths.all())) {
                abandon(other, TransportError.PATH_UNSTABLE_OR_POOR.code(), false, nowNanos);
            }
        }
    }

    /** Forgets paths that were given up long enough ago. */
    void forgetDue(long nowNanos) {
        for (var path : List.copyOf(state.paths.all())) {
            if (path.forgetAtNanos().orElse(NEVER) <= nowNanos) {
                state.paths.forget(path.id());
                state.table.forget(path.id());
                state.keys.oneRtt().ifPresent(keys -> keys.forgetPath(path.id()));
            }
        }
    }

    /** When the connection is over since it has no path. */
    long noPathAtNanos() {
        return noPathAtNanos;
    }

    // Ids.

    /** Gives out as many connection ids as the peer keeps, for each path that both sides allow. */
    void supplyIds() {
        if (!state.connected) {
            return;
        }
        supply(0);
        var numbers = state.paths.numbers;
        for (var id = numbers.nextToSupply(); id.isPresent(); id = numbers.nextToSupply()) {
            supply(id.getAsLong());
        }
    }

    private void supply(long pathId) {
        if (state.paths.numbers.isAbandoned(pathId)) {
            return;
        }
        for (var issued = state.table.issue(pathId); issued.isPresent(); issued = state.table.issue(pathId)) {
            state.pending.add(
                    state.paths.several
                            ? new PathFrame.PathNewConnectionId(pathId, issued.get())
                            : new PathFrame.NewConnectionId(issued.get()));
        }
    }

    void onRetired(long pathId, long sequence) throws TransportException {
        if (!state.table.onRetired(pathId, sequence)) {
            if (!state.paths.numbers.isAbandoned(pathId)) {
                throw new TransportException(
                        TransportError.PROTOCOL_VIOLATION,
                        "retired connection id of path %d: never issued (expected: an issued one)".formatted(pathId));
            }
            return;
        }
        // A peer may retire ids faster than it lets us send new ones.
        state.pending.removeIf(frame -> switch (frame) {
            case PathFrame.NewConnectionId(var issued) -> pathId == 0 && issued.sequence() == sequence;
            case PathFrame.PathNewConnectionId(long id, var issued) -> id == pathId && issued.sequence() == sequence;
            default -> false;
        });
        if (state.connected) {
            supply(pathId);
        }
    }

    // What was lost.

    /** Says again what was lost, if it still holds. */
    void onLost(Frame frame, long pathId) {
        if (frame instanceof AddressFrame.ObservedAddress) {
            state.paths
                    .find(pathId)
                    .filter(path -> !path.isAbandoned())
                    .filter(path -> path.pending().stream().noneMatch(AddressFrame.ObservedAddress.class::isInstance))
                    .ifPresent(path -> path.pending().add(frame));
        } else if (!isObsolete(frame)) {
            state.pending.add(frame);
        }
    }

    private boolean isObsolete(Frame frame) {
        var numbers = state.paths.numbers;
        return switch (frame) {
            case PathFrame.PathChallenge _, PathFrame.PathResponse _ -> true;
            case PathFrame.NewConnectionId(var issued) ->
                state.table.pathOf(issued.id()).isEmpty();
            case PathFrame.PathNewConnectionId(long id, var issued) ->
                numbers.isAbandoned(id) || state.table.pathOf(issued.id()).isEmpty();
            case PathFrame.PathRetireConnectionId(long id, long _) -> numbers.isAbandoned(id);
            case PathFrame.PathStatusAvailable(long id, long sequence) -> !isCurrentStatus(id, sequence);
            case PathFrame.PathStatusBackup(long id, long sequence) -> !isCurrentStatus(id, sequence);
            case PathFrame.MaxPathId(long max) -> max < numbers.ownMax();
            case PathFrame.PathsBlocked _, PathFrame.PathCidsBlocked _ -> wanted.isEmpty();
            case AddressFrame address -> !state.traversal.isCurrent(address);
            default -> false;
        };
    }

    private boolean isCurrentStatus(long pathId, long sequence) {
        return state.paths
                .find(pathId)
                .filter(path -> !path.isAbandoned() && path.status().isNewest(sequence))
                .isPresent();
    }
}
