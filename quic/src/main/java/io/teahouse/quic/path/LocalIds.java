package io.teahouse.quic.path;

import io.teahouse.quic.frame.IssuedId;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.StatelessResetToken;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The connection ids that we have given out for one path, by which the peer's packets find it (RFC 9000, section
 * 5.1.1).
 *
 * <p>As many as the peer keeps; each that it retires is replaced. Not thread-safe. Bounded by {@link #MAX_ACTIVE}.
 */
public final class LocalIds {
    /** How many ids are out at most, even if a peer would keep more. */
    static final int MAX_ACTIVE = 12;

    private final SortedMap<Long, ConnectionId> active = new TreeMap<>();
    private long nextSequence;
    private int limit;

    /**
     * Creates one for a path for which no id was given out.
     *
     * @param peersLimit how many ids the peer keeps: its active_connection_id_limit
     */
    public LocalIds(long peersLimit) {
        setPeersLimit(peersLimit);
    }

    /**
     * Takes in how many ids the peer keeps.
     *
     * @param peersLimit its active_connection_id_limit
     */
    public void setPeersLimit(long peersLimit) {
        limit = (int) Math.min(peersLimit, MAX_ACTIVE);
    }

    /**
     * Takes in the id that the handshake has made known, which has the number 0.
     *
     * @param id ours
     */
    public void addFirst(ConnectionId id) {
        if (nextSequence != 0) {
            throw new IllegalStateException("first id: after others (expected: before)");
        }
        active.put(nextSequence++, id);
    }

    /**
     * {@return how many ids are to be given out now}
     */
    public int due() {
        return Math.max(0, limit - active.size());
    }

    /**
     * {@return an id to be told to the peer}
     *
     * @param id    new, and not empty
     * @param token by which its packets' stateless reset is recognised
     */
    public IssuedId issue(ConnectionId id, StatelessResetToken token) {
        active.put(nextSequence, id);
        return new IssuedId(nextSequence++, 0, id, token);
    }

    /**
     * Takes in that the peer uses an id no more.
     *
     * @param sequence its number
     * @return the id, which then leads nowhere; empty if it was retired before
     * @throws TransportException if it was never given out
     */
    public Optional<ConnectionId> onRetired(long sequence) throws TransportException {
        if (sequence >= nextSequence) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION,
                    "retired connection id: number %d (expected: one of the %d that were issued)"
                            .formatted(sequence, nextSequence));
        }
        return Optional.ofNullable(active.remove(sequence));
    }

    /**
     * {@return the ids that lead to the path}
     */
    public Collection<ConnectionId> active() {
        return Collections.unmodifiableCollection(active.values());
    }

    /**
     * {@return how many ids were given out in all, so that the next one has this number}
     */
    public long nextSequence() {
        return nextSequence;
    }
}
