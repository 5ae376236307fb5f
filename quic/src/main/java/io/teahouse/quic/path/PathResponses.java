package io.teahouse.quic.path;

import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Answers that are owed to those who asked whether a path carries (RFC 9000, section 8.2.2; iroh QUIC spec, section
 * 4.3).
 *
 * <p>One for each address from which it was asked, the newest; a peer that asks from more addresses than
 * {@link #MAX_WAITING} before we get to answer asks again. Not thread-safe.
 *
 * @param <A> the addresses
 */
public final class PathResponses<A> {
    /** How many answers are owed at most. */
    static final int MAX_WAITING = 32;

    /**
     * An answer that is owed.
     *
     * @param address to whom
     * @param data    what the question had in it
     * @param <A>     the addresses
     */
    public record Owed<A>(A address, long data) {}

    private final SequencedMap<A, Long> waiting = new LinkedHashMap<>();

    /** Creates one that owes nothing. */
    public PathResponses() {}

    /**
     * Takes in a question.
     *
     * @param address from where
     * @param data    what was in it
     */
    public void onChallenge(A address, long data) {
        if (waiting.containsKey(address) || waiting.size() < MAX_WAITING) {
            waiting.put(address, data);
        }
    }

    /**
     * {@return the answer that is owed for the longest time, which then is not any more}
     */
    public Optional<Owed<A>> poll() {
        return Optional.ofNullable(waiting.pollFirstEntry()).map(entry -> new Owed<>(entry.getKey(), entry.getValue()));
    }

    /**
     * {@return whether none is owed}
     */
    public boolean isEmpty() {
        return waiting.isEmpty();
    }
}
