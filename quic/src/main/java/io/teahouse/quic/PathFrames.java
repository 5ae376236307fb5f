package io.teahouse.quic;

import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;

/** Does what a peer's frames about paths say (RFC 9000, sections 19.15 to 19.18; iroh QUIC spec, section 2.2). */
final class PathFrames {
    private final ConnectionState state;

    PathFrames(ConnectionState state) {
        this.state = state;
    }

    /** Takes in a frame that came in a packet of a path, from wherever. */
    void handle(PathFrame frame, Path<PacketContent> path, NetworkPath from, long nowNanos) throws TransportException {
        var numbers = state.paths.numbers;
        switch (frame) {
            case PathFrame.NewConnectionId(var issued) -> {
                if (!numbers.isAbandoned(0)) {
                    state.table.remote(0).onIssued(issued);
                }
            }
            case PathFrame.PathNewConnectionId(long id, var issued) -> {
                numbers.requireAllowed(id);
                if (!numbers.isAbandoned(id)) {
                    state.table.remote(id).onIssued(issued);
                    state.control.openWanted(nowNanos);
                }
            }
            case PathFrame.RetireConnectionId(long sequence) -> state.control.onRetired(0, sequence);
            case PathFrame.PathRetireConnectionId(long id, long sequence) -> {
                numbers.requireAllowed(id);
                state.control.onRetired(id, sequence);
            }
            case PathFrame.PathChallenge(long data) -> {
                if (!path.isAbandoned()) {
                    path.responses().onChallenge(from, data);
                }
            }
            case PathFrame.PathResponse(long data) -> {
                if (path.challenges().onResponse(data)) {
                    state.control.onValidated(path);
                } else {
                    state.traversal.onResponse(from, data, nowNanos);
                }
            }
            case PathFrame.PathAbandon(long id, long code) -> state.control.onPeerAbandoned(id, code, nowNanos);
            case PathFrame.PathStatusAvailable(long id, long sequence) -> onStatus(id, true, sequence);
            case PathFrame.PathStatusBackup(long id, long sequence) -> onStatus(id, false, sequence);
            case PathFrame.MaxPathId(long max) -> {
                numbers.onMaxPathId(max);
                state.control.supplyIds();
                state.control.openWanted(nowNanos);
            }
            // Nothing can be done about it: as many paths are allowed, and ids given out, as there are to be.
            case PathFrame.PathsBlocked(long max) -> numbers.requireAllowed(max);
            case PathFrame.PathCidsBlocked(long id, long next) -> {
                numbers.requireAllowed(id);
                if (!numbers.isAbandoned(id) && next > state.table.issuedCount(id) + 1) {
                    throw new TransportException(
                            TransportError.PROTOCOL_VIOLATION,
                            frame.type().code(),
                            "next connection id of path %d: number %d (expected: %d at most)"
                                    .formatted(id, next, state.table.issuedCount(id) + 1));
                }
            }
        }
    }

    private void onStatus(long pathId, boolean available, long sequence) {
        state.paths.find(pathId).ifPresent(path -> path.status().onPeer(available, sequence));
    }
}
