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
    private static final List<EncryptionLevel> HANDSHAKE = List.of(EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE);

    /** One may be lost again. */
    private static final int PACKETS_PER_PROBE = 2;

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
            for (var level : HANDSHAKE) {
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
            state.onGone(new CloseCause.Idle(), nowNanos);
        } else if (!state.confirmed && state.handshakeEndsAtNanos <= nowNanos) {
            state.onGone(new CloseCause.Late(), nowNanos);
        } else if (state.control.noPathAtNanos() <= nowNanos) {
            state.onGone(new CloseCause.NoPath(), nowNanos);
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
            var lost = recovery.detectLost(deadline.level(), nowNanos);
            state.trace.onLost(deadline.level(), path.id(), lost, nowNanos);
            state.trace.onRecovery(path, nowNanos);
            state.onLost(lost);
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
        probe(path, level);
        if (path.isUsable()) {
            for (var other : state.paths.all()) {
                if (other != path && other.isUsable() && other.lastReceivedNanos() <= path.lastReceivedNanos()) {
                    other.probes().add(EncryptionLevel.ONE_RTT, 1);
                }
            }
        }
    }

    /**
     * Lets something go on a level that is answered; and on the levels of the handshake, if something waits there: their
     * own timers stand still while nothing is on its way, and a full window would keep it back for ever.
     */
    private void probe(Path<PacketContent> path, EncryptionLevel asked) {
        path.probes().add(asked, PACKETS_PER_PROBE);
        if (path != state.paths.initial()) {
            return;
        }
        for (var level : HANDSHAKE) {
            boolean waits = state.spaces
                    .find(level)
                    .filter(space -> space.crypto().hasSomethingToSend())
                    .isPresent();
            if (waits && state.keys.canSeal(level)) {
                path.probes().add(level, PACKETS_PER_PROBE);
            }
        }
    }

    private void leave(Path<PacketContent> path, long nowNanos) {
        state.control.abandon(path, TransportError.PATH_UNSTABLE_OR_POOR.code(), false, nowNanos);
    }
}
