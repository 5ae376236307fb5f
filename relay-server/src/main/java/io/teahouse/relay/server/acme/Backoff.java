package io.teahouse.relay.server.acme;

import java.time.Duration;

/** How long to wait after failures: twice as long after each, with a part by chance, so that many relays do not come at once. */
final class Backoff {
    /** The longest pause, before chance: 1 h. */
    static final Duration LONGEST = Duration.ofHours(1);

    /** The first pause where the next try may well succeed, before chance: 1 s. */
    private static final Duration FIRST = Duration.ofSeconds(1);

    /** The same where an authority counts what it refuses; some allow five an hour: 1 min. */
    private static final Duration FIRST_IF_REFUSED = Duration.ofMinutes(1);

    private static final int MAX_DOUBLINGS = 12;

    private Backoff() {}

    /**
     * Returns the pause.
     *
     * @param failures in a row, 1 or more
     * @param longest  another limit, before chance; the pause is never shorter than the first one for it
     * @param chance   0 to below 1; gives three to five quarters of the pause
     */
    static Duration pause(Trouble.Kind kind, int failures, Duration longest, double chance) {
        var first = kind == Trouble.Kind.REFUSED ? FIRST_IF_REFUSED : FIRST;
        var doubled = first.multipliedBy(1L << Math.min(failures - 1, MAX_DOUBLINGS));
        var limit = longest.compareTo(LONGEST) < 0 ? longest : LONGEST;
        var limited = doubled.compareTo(limit) < 0 ? doubled : limit;
        var pause = limited.compareTo(first) < 0 ? first : limited;
        return Duration.ofMillis((long) (pause.toMillis() * (0.75 + chance / 2)));
    }
}
