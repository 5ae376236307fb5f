package io.teahouse.relay.server.forwarding;

import io.teahouse.relay.server.limit.SparseLog;
import java.util.concurrent.TimeUnit;

/**
 * Says in the log that access control fails: once in a while, since each client that comes may make it fail. Each denial is
 * counted. Safe for use by many threads.
 */
final class AccessFailures {
    private static final System.Logger LOG = System.getLogger(AccessFailures.class.getName());
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final SparseLog sparse = new SparseLog(PAUSE_NANOS);

    /** Takes note of a failure; with the stack trace, since it is a fault in a program and not in a configuration. */
    void report(String what, Throwable cause) {
        var leftOut = sparse.next(System.nanoTime());
        if (leftOut.isPresent()) {
            var more = leftOut.getAsLong() == 0
                    ? ""
                    : " (and %d more since the last such line)".formatted(leftOut.getAsLong());
            LOG.log(System.Logger.Level.WARNING, what + more, cause);
        }
    }
}
