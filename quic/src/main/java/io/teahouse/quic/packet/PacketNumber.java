package io.teahouse.quic.packet;

/** Packet numbers, of which only the last bytes are sent (RFC 9000, section 17.1 and appendix A). */
public final class PacketNumber {
    /** The largest there is. */
    public static final long MAX = (1L << 62) - 1;

    /** Stands for the largest of no numbers at all. */
    public static final long NONE = -1;

    /** How many bytes of it are sent at most. */
    public static final int MAX_LENGTH = 4;

    private PacketNumber() {}

    /**
     * {@return how many bytes of a number have to be sent so that the receiver can tell which one is meant, 1 to 4}
     *
     * @param number            0 to {@link #MAX}
     * @param largestAcked      the largest number that the receiver is known to have, or {@link #NONE}; smaller than
     *                          the number
     */
    public static int length(long number, long largestAcked) {
        if (number < 0 || number > MAX || largestAcked >= number) {
            throw new IllegalArgumentException(
                    "number: %d after %d (expected: up to 2^62 - 1, growing)".formatted(number, largestAcked));
        }
        // What is outstanding must fit twice, so that the number can be told on either side of what the receiver
        // awaits.
        long outstanding = number - largestAcked;
        for (int length = 1; length < MAX_LENGTH; length++) {
            if (outstanding <= 1L << (length * Byte.SIZE - 1)) {
                return length;
            }
        }
        return MAX_LENGTH;
    }

    /**
     * {@return the number whose last bytes were sent: of all that end so, the one that is nearest to the one after the
     * largest so far}
     *
     * @param largest   the largest number that was received in the same space, or {@link #NONE}
     * @param truncated the bytes that were sent, as a number
     * @param length    how many bytes they were, 1 to 4
     */
    public static long expand(long largest, long truncated, int length) {
        long expected = largest + 1;
        long window = 1L << (length * Byte.SIZE);
        long half = window / 2;
        long candidate = (expected & -window) | truncated;
        if (candidate <= expected - half && candidate < MAX + 1 - window) {
            return candidate + window;
        }
        if (candidate > expected + half && candidate >= window) {
            return candidate - window;
        }
        return candidate;
    }
}
