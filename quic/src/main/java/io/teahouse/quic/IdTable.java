package io.teahouse.quic;

import io.teahouse.quic.frame.IssuedId;
import io.teahouse.quic.path.LocalIds;
import io.teahouse.quic.path.RemoteIds;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.StatelessResetToken;
import io.teahouse.quic.wire.TransportException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The connection ids of both sides, path by path: they are given out before a path is opened, and say for which path a packet
 * is (iroh QUIC spec, sections 2.3 and 2.4).
 *
 * <p>Not thread-safe. Bounded: for each path that both sides allow and that is not forgotten, what {@link LocalIds} and
 * {@link RemoteIds} keep.
 */
final class IdTable {
    private final ConnectionIdSource source;
    private final Map<Long, LocalIds> local = new TreeMap<>();
    private final Map<Long, RemoteIds> remote = new TreeMap<>();
    private final Map<ConnectionId, Long> pathOf = new HashMap<>();
    private long peersLimit = 1;

    /** With the id that the handshake makes known to the peer. */
    IdTable(ConnectionIdSource source, ConnectionId first) {
        this.source = source;
        var ids = new LocalIds(peersLimit);
        ids.addFirst(first);
        local.put(0L, ids);
        pathOf.put(first, 0L);
        remote.put(0L, new RemoteIds(ConnectionConfig.ACTIVE_IDS));
    }

    /** Takes in how many ids for each path the peer keeps. */
    void setPeersLimit(long limit) {
        peersLimit = limit;
        local.values().forEach(ids -> ids.setPeersLimit(limit));
    }

    // Ours.

    /** The path that a packet of the peer's is for; empty if the id is none of ours. */
    OptionalLong pathOf(ConnectionId id) {
        Long pathId = pathOf.get(id);
        return pathId == null ? OptionalLong.empty() : OptionalLong.of(pathId);
    }

    Collection<ConnectionId> own() {
        return Collections.unmodifiableCollection(pathOf.keySet());
    }

    /** Another id of ours for a path, as long as the peer keeps more. */
    Optional<IssuedId> issue(long pathId) {
        var ids = local.computeIfAbsent(pathId, _ -> new LocalIds(peersLimit));
        if (ids.due() == 0) {
            return Optional.empty();
        }
        var id = source.next();
        pathOf.put(id, pathId);
        return Optional.of(ids.issue(id, source.tokenOf(id)));
    }

    /** Takes in that the peer uses an id no more; whether there were any for the path. */
    boolean onRetired(long pathId, long sequence) throws TransportException {
        var ids = local.get(pathId);
        if (ids == null) {
            return false;
        }
        ids.onRetired(sequence).ifPresent(pathOf::remove);
        return true;
    }

    /** How many ids were given out for a path. */
    long issuedCount(long pathId) {
        return Optional.ofNullable(local.get(pathId))
                .map(LocalIds::nextSequence)
                .orElse(0L);
    }

    // The peer's.

    RemoteIds remote(long pathId) {
        return remote.computeIfAbsent(pathId, _ -> new RemoteIds(ConnectionConfig.ACTIVE_IDS));
    }

    /** Where packets of a path go, if the peer has said so. */
    Optional<ConnectionId> destination(long pathId) {
        return Optional.ofNullable(remote.get(pathId))
                .flatMap(RemoteIds::current)
                .map(RemoteIds.Known::id);
    }

    boolean hasToken(StatelessResetToken token) {
        boolean found = false;
        for (RemoteIds ids : remote.values()) {
            found |= ids.hasToken(token);
        }
        return found;
    }

    /** An id of the peer's of which it was not told that we use it no more. */
    Optional<Retirement> pollRetirement() {
        for (var entry : remote.entrySet()) {
            var sequence = entry.getValue().pollRetirement();
            if (sequence.isPresent()) {
                return Optional.of(new Retirement(entry.getKey(), sequence.getAsLong()));
            }
        }
        return Optional.empty();
    }

    /** An id that is used no more. */
    record Retirement(long pathId, long sequence) {}

    // Paths that end.

    /** A path is given up: nothing is sent there any more, what comes late still finds it. */
    void abandon(long pathId) {
        remote.remove(pathId);
    }

    void forget(long pathId) {
        remote.remove(pathId);
        local.remove(pathId);
        pathOf.values().removeIf(id -> id == pathId);
    }
}
