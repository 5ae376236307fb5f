package io.teahouse.quic.path;

import io.teahouse.quic.frame.IssuedId;
import io.teahouse.quic.range.RangeSet;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.StatelessResetToken;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The connection ids that the peer has given out for one path, by which our packets find it (RFC 9000, section 5.1.2).
 *
 * <p>One is in use, the others are in reserve. Not thread-safe. Bounded: as many ids as we have said to keep,
 * {@link #MAX_RETIREMENTS} that the peer was not told yet are retired, and {@link #MAX_GAPS} numbers that were skipped.
 */
public final class RemoteIds {
    /** How many retirements may wait to be told; a peer that makes more does nothing else. */
    static final int MAX_RETIREMENTS = 50;

    /** How many gaps there may be in the numbers; they are to be given out one after the other. */
    static final int MAX_GAPS = 64;

    /**
     * An id of the peer's.
     *
     * @param sequence its number
     * @param id       the id
     * @param token    by which its stateless reset is recognised; the first id of a client has none
     */
    public record Known(long sequence, ConnectionId id, Optional<StatelessResetToken> token) {}

    private final long limit;
    private final SortedMap<Long, Known> known = new TreeMap<>();
    private final Queue<Long> retirements = new ArrayDeque<>();
    /** All numbers that were ever seen. */
    private final RangeSet seen = new RangeSet();

    private long retirePriorTo;

    /**
     * Creates one for a path of which no id is known.
     *
     * @param limit how many we keep: our active_connection_id_limit
     */
    public RemoteIds(long limit) {
        this.limit = limit;
    }

    /**
     * Takes in the id that the handshake has made known, which has the number 0.
     *
     * @param id    the peer's
     * @param token from its transport parameters, if it is a server
     */
    public void setFirst(ConnectionId id, Optional<StatelessResetToken> token) {
        known.put(0L, new Known(0, id, token));
        seen.add(0, 1);
    }

    /**
     * Takes in an id that the peer gives out.
     *
     * @param issued the id
     * @throws TransportException if it contradicts one that is known, or there are more than we keep
     */
    public void onIssued(IssuedId issued) throws TransportException {
        var added = new Known(issued.sequence(), issued.id(), Optional.of(issued.resetToken()));
        requireConsistent(added);
        retirePriorTo = Math.max(retirePriorTo, issued.retirePriorTo());
        if (!seen.contains(issued.sequence())) {
            seen.add(issued.sequence(), issued.sequence() + 1);
            known.put(issued.sequence(), added);
        }
        while (!known.isEmpty() && known.firstKey() < retirePriorTo) {
            retire(known.firstKey());
        }
        requireBounds();
    }

    /**
     * {@return the id to send to: the one with the lowest number; empty if the peer has given none}
     */
    public Optional<Known> current() {
        return known.isEmpty()
                ? Optional.empty()
                : Optional.of(known.firstEntry().getValue());
    }

    /**
     * Retires the id in use, if there is another one to go on with.
     *
     * @return whether there was
     */
    public boolean useNext() {
        if (known.size() < 2) {
            return false;
        }
        retire(known.firstKey());
        return true;
    }

    /**
     * {@return the number of an id that the peer is to be told is retired, or empty}
     */
    public OptionalLong pollRetirement() {
        return retirements.isEmpty() ? OptionalLong.empty() : OptionalLong.of(retirements.remove());
    }

    /**
     * Takes in that the peer was not told of a retirement.
     *
     * @param sequence of the id
     */
    public void onRetirementLost(long sequence) {
        retirements.add(sequence);
    }

    /**
     * {@return whether a stateless reset of one of the ids has this token}
     *
     * @param token at the end of a datagram
     */
    public boolean hasToken(StatelessResetToken token) {
        // All are compared, so that the time it takes says nothing.
        boolean found = false;
        for (Known id : known.values()) {
            found |= id.token().map(token::equals).orElse(false);
        }
        return found;
    }

    /**
     * {@return the number of the next id that the peer would give out}
     */
    public long nextSequence() {
        return seen.isEmpty() ? 0 : seen.end(seen.count() - 1);
    }

    private void retire(long sequence) {
        known.remove(sequence);
        retirements.add(sequence);
    }

    private void requireConsistent(Known added) throws TransportException {
        for (Known other : known.values()) {
            boolean sameNumber = other.sequence() == added.sequence();
            boolean same = other.id().equals(added.id());
            boolean sameToken = other.token().isEmpty() || other.token().equals(added.token());
            if (sameNumber != same || (sameNumber && !sameToken)) {
                throw new TransportException(
                        TransportError.PROTOCOL_VIOLATION,
                        "connection id number %d: another than before, or one that has another number (expected: the same)"
                                .formatted(added.sequence()));
            }
        }
    }

    private void requireBounds() throws TransportException {
        if (known.size() > limit) {
            throw tooMany("connection ids", known.size(), limit);
        }
        if (retirements.size() > MAX_RETIREMENTS) {
            throw tooMany("retired connection ids", retirements.size(), MAX_RETIREMENTS);
        }
        if (seen.count() > MAX_GAPS) {
            throw tooMany("gaps in the numbers of connection ids", seen.count() - 1, MAX_GAPS);
        }
    }

    private static TransportException tooMany(String what, long found, long expected) {
        return new TransportException(
                TransportError.CONNECTION_ID_LIMIT_ERROR,
                "%s: %d (expected: %d at most)".formatted(what, found, expected));
    }
}
