package io.teahouse.quic.path;

import io.teahouse.tls.EncryptionLevel;
import java.util.EnumMap;
import java.util.Map;

/**
 * How many packets have to go on a path so that the peer answers, whatever congestion says: since nobody does, to be heard,
 * or to hear whether the path still carries. Not thread-safe.
 */
public final class ProbesDue {
    /** More at a time would tell nothing more. */
    private static final int MAX = 2;

    private final Map<EncryptionLevel, Integer> due = new EnumMap<>(EncryptionLevel.class);

    ProbesDue() {}

    /**
     * Asks for packets.
     *
     * @param level in which number space
     * @param count how many
     */
    public void add(EncryptionLevel level, int count) {
        due.merge(level, count, (before, more) -> Math.min(MAX, before + more));
    }

    /**
     * {@return whether one has to go}
     *
     * @param level in which number space
     */
    public boolean isDue(EncryptionLevel level) {
        return due.getOrDefault(level, 0) > 0;
    }

    /**
     * {@return whether one has to go in any number space}
     */
    public boolean isAnyDue() {
        return !due.isEmpty();
    }

    /**
     * Takes in that one has gone.
     *
     * @param level in which number space
     */
    public void onSent(EncryptionLevel level) {
        due.computeIfPresent(level, (_, count) -> count > 1 ? count - 1 : null);
    }

    /**
     * Takes in that a number space is given up.
     *
     * @param level which one
     */
    public void discard(EncryptionLevel level) {
        due.remove(level);
    }
}
