package io.teahouse.endpoint.netreport;

import io.teahouse.endpoint.netreport.DiscoveryFailure.Refused;
import io.teahouse.endpoint.netreport.DiscoveryFailure.Silence;
import io.teahouse.endpoint.netreport.DiscoveryFailure.TooSlow;
import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionEvent;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * One relay that is asked for our address, from the first datagram to the last. Used by {@link AddressDiscoveryClient}. Not
 * thread-safe.
 */
final class Probe {
    /** How relays are told that they are not needed any longer (iroh QUIC spec, section 3.3). */
    private static final long FINISHED = 1;

    private static final String FINISHED_REASON = "finished";

    private enum State {
        /** No address yet. */
        ASKING,
        /** It has told one, and tells when that changes. */
        ANSWERED,
        /** Nothing is to be told to anybody here, though perhaps to the relay. */
        DONE
    }

    final DiscoveryTarget target;
    final Connection connection;
    private final long deadlineNanos;
    private State state = State.ASKING;
    private boolean heard;

    Probe(DiscoveryTarget target, Connection connection, long deadlineNanos) {
        this.target = target;
        this.connection = connection;
        this.deadlineNanos = deadlineNanos;
    }

    boolean isAsking() {
        return state == State.ASKING;
    }

    boolean isOpen() {
        return state != State.DONE;
    }

    /** Whether it can be forgotten. */
    boolean isOver() {
        return state == State.DONE && connection.isOver();
    }

    long nextTimeoutNanos(long nowNanos) {
        long next = connection.nextTimeoutNanos(nowNanos);
        return isAsking() ? Math.min(next, deadlineNanos) : next;
    }

    void handleTimeout(long nowNanos, Consumer<DiscoveryEvent> events) {
        connection.handleTimeout(nowNanos);
        collect(events);
        if (isAsking() && deadlineNanos <= nowNanos) {
            fail(heard ? new TooSlow() : new Silence(), nowNanos, events);
        }
    }

    /** Does what has come of a call of the connection. */
    void collect(Consumer<DiscoveryEvent> events) {
        heard |= connection.peerParameters().isPresent();
        for (var next = connection.pollEvent(); next.isPresent(); next = connection.pollEvent()) {
            switch (next.get()) {
                // Comes in packets that only the server can have made, which has shown its certificate by then.
                case ConnectionEvent.AddressObserved(var address)
                when isOpen() -> {
                    state = State.ANSWERED;
                    events.accept(new DiscoveryEvent.AddressSeen(target, address, roundTrip()));
                }
                case ConnectionEvent.Closed(var cause) when isOpen() -> onClosed(cause, events);
                default -> {}
            }
        }
    }

    private void onClosed(CloseCause cause, Consumer<DiscoveryEvent> events) {
        events.accept(
                isAsking() ? new DiscoveryEvent.Failed(target, new Refused(cause)) : new DiscoveryEvent.Lost(target));
        state = State.DONE;
    }

    void fail(DiscoveryFailure reason, long nowNanos, Consumer<DiscoveryEvent> events) {
        finish(nowNanos);
        events.accept(new DiscoveryEvent.Failed(target, reason));
    }

    void finish(long nowNanos) {
        state = State.DONE;
        connection.close(FINISHED, FINISHED_REASON, nowNanos);
    }

    Duration roundTrip() {
        return connection.minRoundTrip().orElse(Duration.ZERO);
    }
}
