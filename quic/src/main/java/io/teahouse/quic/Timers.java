package io.teahouse.quic;

import io.teahouse.quic.path.Path;
import io.teahouse.quic.path.PathChoice;
import io.teahouse.quic.path.ProbeTimeout;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.tls.EncryptionLevel;
import java.util.List;

/** What happens on a connection when time passes and nothing else does. Not thread-safe. */
final class Timers {
    private static final long NEVER = Long.MAX_VALUE;

    private final ConnectionState state;
    private final Sender sender;

    Timers(ConnectionState state, Sender sender) {
        this.state = state;
        this.sender = sender;
    }

    // When.

    /** When {@link #handle} has to be called, or there is something to be sent. */
    long nextNanos(long nowNanos) {
        if (!state.isOpen()) {
            return state.closing.deadlineNanos();
        }
        long next = Math.min(state.idle.deadlineNanos(), state.control.noPathAtNanos());
        if (!state.confirmed) {
            next = Math.min(next, state.handshakeEndsAtNanos);
        }
        for (var path : state.paths.all()) {
            next = Math.min(next, nextNanos(path));
        }
        next = Math.min(next, sender.deadlineNanos());
        return Math.min(next, sender.paceNanos(nowNanos));
    }

    private long nextNanos(Path<PacketContent> path) {
        long next = ackNanos(path);
        if (path.isAbandoned()) {
            return Math.min(next, path.forgetAtNanos().orElse(NEVER));
        }
        next = Math.min(next, path.keepAliveAtNanos());
        next = Math.min(
                next, path.recovery().nextDeadline(sender.room(path) == 0).atNanos());
        return mayBeLeft(path) ? Math.min(next, path.idle().deadlineNanos()) : next;
    }

    private long ackNanos(Path<PacketContent> path) {
        long next = NEVER;
        if (state.paths
                .forAcknowledgement(path)
                .filter(carrier -> sender.room(carrier) > 0)
                .isEmpty()) {
            return next; // waits for the peer
        }
        // A server has 0-RTT packets before it can acknowledge them.
        if (state.keys.canSeal(EncryptionLevel.ONE_RTT)) {
            next = path.acks().deadlineNanos();
        }
        if (path == state.paths.initial()) {
            for (var level : new EncryptionLevel[] {EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE}) {
                var space = state.spaces.find(level);
                if (space.isPresent() && state.keys.canSeal(level)) {
                    next = Math.min(next, space.get().acks().deadlineNanos());
                }
            }
        }
        return next;
    }

    /** The last path is not given up before the connection is. */
    private boolean mayBeLeft(Path<PacketContent> path) {
        return state.paths.several && state.confirmed && state.paths.hasAnotherUsable(path);
    }

    // What.

    void handle(long nowNanos) {
        if (!state.isOpen()) {
            state.closing.handleDeadline(nowNanos);
            return;
        }
        if (state.idle.deadlineNanos() <= nowNanos) {
            state.onGone(new CloseCause.Idle());
        } else if (!state.confirmed && state.handshakeEndsAtNanos <= nowNanos) {
            state.onGone(new CloseCause.Late());
        } else if (state.control.noPathAtNanos() <= nowNanos) {
            state.onGone(new CloseCause.NoPath());
        } else {
            for (var path : List.copyOf(state.paths.all())) {
                handle(path, nowNanos);
            }
            state.control.forgetDue(nowNanos);
        }
    }

    private void handle(Path<PacketContent> path, long nowNanos) {
        if (path.isAbandoned()) {
            return;
        }
        if (mayBeLeft(path) && path.idle().deadlineNanos() <= nowNanos) {
            leave(path, nowNanos);
            return;
        }
        var recovery = path.recovery();
        var deadline = recovery.nextDeadline(sender.room(path) == 0);
        if (deadline.atNanos() <= nowNanos && deadline.reason() == ProbeTimeout.Reason.LOSS) {
            state.onLost(recovery.detectLost(deadline.level(), nowNanos));
        } else if (deadline.atNanos() <= nowNanos && deadline.reason() == ProbeTimeout.Reason.PROBE) {
            onProbeTimeout(path, deadline.level(), nowNanos);
        }
        if (path.keepAliveAtNanos() <= nowNanos) {
            state.restartKeepAlive(path, nowNanos);
            if (state.connected) {
                path.probes().add(EncryptionLevel.ONE_RTT, 1);
            }
        }
    }

    /** Nobody answers: the peer is asked again, here and elsewhere, until it is clear which of the paths is dead. */
    private void onProbeTimeout(Path<PacketContent> path, EncryptionLevel level, long nowNanos) {
        var recovery = path.recovery();
        recovery.probeTimeout().onProbe();
        if (path.isUsable() && PathChoice.isDead(path, state.paths.all())) {
            leave(path, nowNanos);
            return;
        }
        // What has waited longest goes again, and whatever becomes of it, it is answered.
        state.onLost(recovery.oldestUnacknowledged(level, 2));
        path.probes().add(level, 2);
        if (path.isUsable()) {
            for (var other : state.paths.all()) {
                if (other != path && other.isUsable() && other.lastReceivedNanos() <= path.lastReceivedNanos()) {
                    other.probes().add(EncryptionLevel.ONE_RTT, 1);
                }
            }
        }
    }

    private void leave(Path<PacketContent> path, long nowNanos) {
        state.control.abandon(path, TransportError.PATH_UNSTABLE_OR_POOR.code(), false, nowNanos);
    }
}
