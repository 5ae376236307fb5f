package io.teahouse.relay.server.access;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.teahouse.relay.server.access.RecentYes.Question;
import io.teahouse.relay.server.limit.SparseLog;
import io.teahouse.relay.server.time.MonotonicClock;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;

/**
 * Asks a service about each connection (iroh relay spec, section 6, and section 11, point 3).
 *
 * <p>Each request has a virtual thread of its own, so that whatever it is stuck in, also the look-up of a name, keeps nobody
 * longer than the time limit. Connections are kept for the next request, but not for long: what has been idle for some
 * seconds may be closed by the other side in the very moment it is used.
 */
final class CalloutRule implements AccessControl {
    private static final System.Logger LOG = System.getLogger(CalloutRule.class.getName());
    private static final long LOG_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long IDLE_MAX_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final int REMEMBERED_MAX = 1 << 16;

    private final HttpCallout callout;
    private final Supplier<SSLSocketFactory> tls;
    private final MonotonicClock clock;
    private final Semaphore free;
    private final RecentYes remembered;
    private final SparseLog failures = new SparseLog(LOG_PAUSE_NANOS);
    private final ConcurrentLinkedDeque<Idle> idle = new ConcurrentLinkedDeque<>();

    /** A connection that waits for its next request. */
    private record Idle(CalloutConnection connection, long sinceNanos) {}

    /**
     * Creates the rule.
     *
     * @param callout which service, and how
     * @param tls     makes connections to services whose certificates are trusted; not asked for unless it is needed
     * @param clock   the time
     */
    CalloutRule(HttpCallout callout, Supplier<SSLSocketFactory> tls, MonotonicClock clock) {
        this.callout = callout;
        this.tls = tls;
        this.clock = clock;
        this.free = new Semaphore(callout.maxConcurrent(), true);
        this.remembered = new RecentYes(REMEMBERED_MAX, callout.cacheFor().toNanos());
    }

    @Override
    public Decision onConnect(ConnectRequest request) throws InterruptedException {
        var question = new Question(
                request.endpointId(),
                callout.sendClientIp() ? Optional.of(request.remoteAddress().getAddress()) : Optional.empty());
        if (remembered.contains(question, clock.nanos())) {
            return Decision.allow();
        }
        try {
            var answer = ask(bytes(question));
            if (answer.isYes()) {
                remembered.add(question, clock.nanos());
                return Decision.allow();
            }
            return refusal(answer);
        } catch (IOException e) {
            return failed(reason(e));
        } catch (TimeoutException _) {
            return failed("no answer within %d ms".formatted(callout.timeout().toMillis()));
        }
    }

    private Decision refusal(CalloutAnswer answer) {
        if (answer.status() >= 500) {
            return failed("status " + answer.status());
        }
        if (answer.status() >= 300 && answer.status() < 400) {
            warn("status %d, and redirects are not followed".formatted(answer.status()), "denied");
        }
        LOG.log(
                System.Logger.Level.DEBUG,
                () -> "access callout: %s: status %d means no".formatted(callout.origin(), answer.status()));
        return Decision.deny(Denial.SERVICE);
    }

    private Decision failed(String reason) {
        warn(reason, callout.failOpen() ? "let in" : "denied");
        return callout.failOpen() ? Decision.allow() : Decision.deny(Denial.SERVICE_FAILED);
    }

    private void warn(String reason, String consequence) {
        var leftOut = failures.next(clock.nanos());
        if (leftOut.isPresent()) {
            String more = leftOut.getAsLong() == 0
                    ? ""
                    : " (and %d more since the last such line)".formatted(leftOut.getAsLong());
            LOG.log(
                    System.Logger.Level.WARNING,
                    "access callout: %s: %s, the client is %s%s"
                            .formatted(callout.origin(), reason, consequence, more));
        }
    }

    private static String reason(IOException e) {
        return e instanceof UnknownHostException ? "no such host" : String.valueOf(e.getMessage());
    }

    private CalloutAnswer ask(byte[] request) throws IOException, InterruptedException, TimeoutException {
        free.acquire();
        var asking = new FutureTask<>(() -> exchange(request));
        Thread.ofVirtual().name("access-callout").start(() -> {
            try {
                asking.run();
            } finally {
                free.release();
            }
        });
        try {
            return asking.get(callout.timeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IllegalStateException("access callout: " + e.getCause(), e.getCause());
        } finally {
            asking.cancel(true);
        }
    }

    private CalloutAnswer exchange(byte[] request) throws IOException {
        var kept = takeIdle();
        if (kept.isPresent()) {
            try {
                return exchange(kept.get(), request);
            } catch (IOException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                // Most likely closed by the other side, which is its right; the question can be asked again.
            }
        }
        return exchange(CalloutConnection.open(callout, tls), request);
    }

    private CalloutAnswer exchange(CalloutConnection connection, byte[] request) throws IOException {
        boolean isToStay = false;
        try {
            var answer = connection.exchange(request);
            isToStay = answer.isToStay();
            return answer;
        } finally {
            if (isToStay) {
                idle.push(new Idle(connection, clock.nanos()));
                closeOld();
            } else {
                connection.close();
            }
        }
    }

    /** The connection that was used last; one that is old, or has something to say, is not used again. */
    private Optional<CalloutConnection> takeIdle() throws IOException {
        for (Idle next; (next = idle.poll()) != null; ) {
            if (!isOld(next) && next.connection.isSilent()) {
                return Optional.of(next.connection);
            }
            next.connection.close();
        }
        return Optional.empty();
    }

    /** After a crowd has come, many connections are left over. */
    private void closeOld() throws IOException {
        for (Idle oldest; (oldest = idle.pollLast()) != null; ) {
            if (!isOld(oldest)) {
                idle.addLast(oldest);
                return;
            }
            oldest.connection.close();
        }
    }

    private boolean isOld(Idle connection) {
        return clock.nanos() - connection.sinceNanos >= IDLE_MAX_NANOS;
    }

    /** The reference's request, byte by byte; what only ours has stands behind it. */
    private byte[] bytes(Question question) {
        String id = HexFormat.of().formatHex(question.endpointId().toBytes());
        var text = new StringBuilder("POST ")
                .append(callout.target())
                .append(" HTTP/1.1\r\nx-iroh-endpoint-id: ")
                .append(id)
                // The older name of the same.
                .append("\r\nx-iroh-nodeid: ")
                .append(id);
        callout.bearerToken()
                .ifPresent(token -> text.append("\r\nauthorization: Bearer ").append(token));
        text.append("\r\naccept: */*\r\nhost: ").append(callout.hostHeader());
        question.clientIp()
                .ifPresent(ip -> text.append("\r\nx-teahouse-client-ip: ").append(ipText(ip)));
        return text.append("\r\n\r\n").toString().getBytes(US_ASCII);
    }

    /** An address without the zone, which means something on this machine only. */
    private static String ipText(InetAddress ip) {
        String text = ip.getHostAddress();
        int zone = ip instanceof Inet6Address ? text.indexOf('%') : -1;
        return zone < 0 ? text : text.substring(0, zone);
    }
}
