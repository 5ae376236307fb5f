package io.teahouse.relay.client;

/**
 * Notices that the machine slept: the monotonic clock stands still then, and the wall clock does not. A wall clock that is set
 * looks the same, and costs a ping.
 */
@SansIo
final class SleepWatch {
    /** How often to look: 5 s. */
    static final long PERIOD_NANOS = 5_000_000_000L;

    /** What the clocks may differ by, in a period, when nobody slept: 3 s. */
    static final long TOLERANCE_MILLIS = 3_000;

    private long lastNanos;
    private long lastWallMillis;

    SleepWatch(long nowNanos, long wallMillis) {
        lastNanos = nowNanos;
        lastWallMillis = wallMillis;
    }

    /** Takes in both clocks; returns whether the machine slept since the last time. */
    boolean slept(long nowNanos, long wallMillis) {
        long passed = (nowNanos - lastNanos) / 1_000_000;
        long wallPassed = wallMillis - lastWallMillis;
        lastNanos = nowNanos;
        lastWallMillis = wallMillis;
        // The monotonic clock of some systems goes on: then the look itself comes late.
        return wallPassed - passed > TOLERANCE_MILLIS || passed > PERIOD_NANOS / 1_000_000 + 10 * TOLERANCE_MILLIS;
    }
}
