package io.teahouse.relay.client;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Decides when a relay is dialled, when it is dialled again, and when it is let go (iroh relay spec, section 6).
 *
 * <p>Delays grow from {@link #FIRST_DELAY_NANOS} by doubling to {@link #MAX_DELAY_NANOS}, each with up to as much again by
 * chance, so that the clients of a relay that restarts do not come back together. Only a connection that has stood for
 * {@link #STOOD_NANOS} after its proof takes the delay back: one that ends as soon as it is there counts like a failure. Fed and
 * asked by {@link RelayLink}; confined to one thread.
 */
@SansIo
final class LinkMachine {
    /** First delay: 10 ms. */
    static final long FIRST_DELAY_NANOS = 10_000_000L;

    /** Longest delay, before what chance adds: 16 s. */
    static final long MAX_DELAY_NANOS = 16_000_000_000L;

    /** How long a proved connection has to stand for the delays to begin anew: 10 s. */
    static final long STOOD_NANOS = 10_000_000_000L;

    /** Without anything sent, a relay that is not the home is let go after 60 s. */
    static final long IDLE_NANOS = 60_000_000_000L;

    /** The longest that a relay can ask us to stay away when it restarts: 60 s. */
    static final long MAX_RESTART_NANOS = 60_000_000_000L;

    /** An attempt of which nothing is heard is given up; it has a limit of its own, below this: 11 minutes. */
    static final long MAX_ATTEMPT_NANOS = 660_000_000_000L;

    /** Why a relay is waited for that nobody has dialled yet. */
    static final String NOT_DIALLED = "not dialled yet";

    private static final int MAX_DOUBLINGS = 11;

    /** What is to be done. */
    enum Action {
        NOTHING,
        DIAL,
        /** Close the connection, or give up the attempt, if there is one; nobody needs it. */
        LET_GO,
        /** Give up the attempt. */
        GIVE_UP
    }

    private sealed interface State {
        record Idle() implements State {}

        record Dialling(long sinceNanos) implements State {}

        record Up(long provedNanos) implements State {
            boolean isProved() {
                return provedNanos >= 0;
            }
        }

        record Waiting(long untilNanos, long delayNanos, String why) implements State {}
    }

    private final DoubleSupplier chance;
    private State state = new State.Idle();
    private boolean home;
    private long lastWantedNanos = Long.MIN_VALUE / 2;
    private int failures;
    /** What the relay asked for before it went; -1 if it did not. */
    private long restartNanos = -1;

    /**
     * Creates a machine for a relay that nobody needs yet.
     *
     * @param chance gives numbers from 0 to 1
     */
    LinkMachine(DoubleSupplier chance) {
        this.chance = chance;
    }

    /** Takes note whether this is the home relay, which is never let go. */
    void setHome(boolean isHome, long nowNanos) {
        home = isHome;
        if (isHome) {
            wanted(nowNanos);
        }
    }

    /** Takes note that something is to be sent. */
    void wanted(long nowNanos) {
        lastWantedNanos = Math.max(lastWantedNanos, nowNanos);
        if (state instanceof State.Idle) {
            failures = 0;
            state = new State.Waiting(nowNanos, 0, NOT_DIALLED);
        }
    }

    /** Takes note that the attempt is through. */
    void onConnected() {
        if (state instanceof State.Dialling) {
            state = new State.Up(-1);
            restartNanos = -1;
        }
    }

    /** Takes note that the relay has answered a ping. */
    void onProved(long nowNanos) {
        if (state instanceof State.Up) {
            state = new State.Up(nowNanos);
        }
    }

    /** Takes note that the relay is going to restart. */
    void onRestarting(Duration reconnectIn) {
        restartNanos = reconnectIn.compareTo(Duration.ofNanos(MAX_RESTART_NANOS)) > 0
                ? MAX_RESTART_NANOS
                : reconnectIn.toNanos();
    }

    /** Takes note that the attempt or the connection has ended. */
    void onEnded(String why, long nowNanos) {
        boolean stood = state instanceof State.Up up && up.isProved() && nowNanos - up.provedNanos >= STOOD_NANOS;
        failures = stood || restartNanos >= 0 ? 0 : failures + 1;
        long base = restartNanos >= 0 ? restartNanos : delayNanos(failures);
        // Of a restart the relay has spread the delays already.
        long spread = restartNanos >= 0 ? FIRST_DELAY_NANOS : base;
        restartNanos = -1;
        long delay = base + (long) (chance.getAsDouble() * spread);
        state = new State.Waiting(nowNanos + delay, delay, why);
    }

    private static long delayNanos(int failures) {
        return failures == 0
                ? FIRST_DELAY_NANOS
                : Math.min(MAX_DELAY_NANOS, FIRST_DELAY_NANOS << Math.min(failures - 1, MAX_DOUBLINGS));
    }

    /** Takes note that the network has changed, or the machine slept: what failed before may succeed now. */
    void onNetworkChanged(long nowNanos) {
        if (state instanceof State.Waiting waiting) {
            failures = 0;
            state = new State.Waiting(nowNanos, 0, waiting.why);
        }
    }

    /** Returns when {@link #onDeadline} is to be called. */
    long nextDeadlineNanos() {
        long idle = home ? Long.MAX_VALUE : lastWantedNanos + IDLE_NANOS;
        return switch (state) {
            case State.Idle _ -> Long.MAX_VALUE;
            case State.Up _ -> idle;
            case State.Waiting waiting -> Math.min(idle, waiting.untilNanos);
            case State.Dialling(long since) -> Math.min(idle, since + MAX_ATTEMPT_NANOS);
        };
    }

    /** Takes in the passing of time; calling it early does nothing. */
    Action onDeadline(long nowNanos) {
        if (state instanceof State.Idle) {
            return Action.NOTHING;
        }
        if (!home && nowNanos - lastWantedNanos >= IDLE_NANOS) {
            state = new State.Idle();
            return Action.LET_GO;
        }
        return switch (state) {
            case State.Waiting waiting
            when nowNanos >= waiting.untilNanos -> {
                state = new State.Dialling(nowNanos);
                yield Action.DIAL;
            }
            case State.Dialling(long since)
            when nowNanos - since >= MAX_ATTEMPT_NANOS -> {
                onEnded("the attempt did not end", nowNanos);
                yield Action.GIVE_UP;
            }
            case State.Idle _, State.Waiting _, State.Up _, State.Dialling _ -> Action.NOTHING;
        };
    }

    /** Returns how it stands, for others to see. */
    LinkState shown() {
        return switch (state) {
            case State.Idle _ -> new LinkState.Idle();
            case State.Dialling _ -> new LinkState.Connecting(failures + 1);
            case State.Up up -> new LinkState.Connected(up.isProved());
            case State.Waiting waiting -> new LinkState.Waiting(Duration.ofNanos(waiting.delayNanos), waiting.why);
        };
    }
}
