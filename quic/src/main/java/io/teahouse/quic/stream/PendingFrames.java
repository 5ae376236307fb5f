package io.teahouse.quic.stream;

import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.StreamFrame;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * What is to be said to the peer about streams beside their data: resets, stops and new limits.
 *
 * <p>Limits are kept as marks, and told as they are when there is room for them. So each stream waits here twice at
 * most, and once more for each of its frames that was lost. Not thread-safe.
 */
final class PendingFrames {
    private final StreamTable table;
    private final ReceiveWindow window;
    private final Queue<StreamFrame.StopSending> stops = new ArrayDeque<>();
    private final Set<Long> resets = new LinkedHashSet<>();
    private final Set<Long> windows = new LinkedHashSet<>();
    private boolean connectionWindow;
    private boolean bidirectionalCount;
    private boolean unidirectionalCount;

    PendingFrames(StreamTable table, ReceiveWindow window) {
        this.table = table;
        this.window = window;
    }

    void stop(long id, long code) {
        stops.add(new StreamFrame.StopSending(id, code));
    }

    void reset(long id) {
        resets.add(id);
    }

    /** Marks the limits of a stream and of all together that are worth telling. */
    void noteWindows(long id, ReceivingPart part) {
        connectionWindow |= window.isWorthTelling();
        if (part.hasWindowToTell()) {
            windows.add(id);
        }
    }

    void noteCounts() {
        bidirectionalCount |= table.peersCount(true).isWorthTelling();
        unidirectionalCount |= table.peersCount(false).isWorthTelling();
    }

    void remove(long id) {
        resets.remove(id);
        windows.remove(id);
    }

    Optional<Frame> poll() {
        Optional<Frame> reset = pollReset();
        if (reset.isPresent()) {
            return reset;
        }
        Optional<Frame> stop = pollStop();
        if (stop.isPresent()) {
            return stop;
        }
        if (connectionWindow) {
            connectionWindow = false;
            return Optional.of(new ConnectionFrame.MaxData(window.raise()));
        }
        Optional<Frame> streamWindow = pollWindow();
        if (streamWindow.isPresent()) {
            return streamWindow;
        }
        if (bidirectionalCount) {
            bidirectionalCount = false;
            return Optional.of(
                    new StreamFrame.MaxStreams(true, table.peersCount(true).raise()));
        }
        if (unidirectionalCount) {
            unidirectionalCount = false;
            return Optional.of(
                    new StreamFrame.MaxStreams(false, table.peersCount(false).raise()));
        }
        return Optional.empty();
    }

    private Optional<Frame> pollReset() {
        for (var ids = resets.iterator(); ids.hasNext(); ) {
            long id = ids.next();
            if (!table.isAllowed(id)) {
                continue;
            }
            ids.remove();
            var reset = table.find(id).flatMap(Stream::sending).flatMap(SendingPart::pollReset);
            if (reset.isPresent()) {
                return Optional.of(reset.get());
            }
        }
        return Optional.empty();
    }

    private Optional<Frame> pollStop() {
        for (var waiting = stops.iterator(); waiting.hasNext(); ) {
            var stop = waiting.next();
            if (table.isAllowed(stop.streamId())) {
                waiting.remove();
                return Optional.of(stop);
            }
        }
        return Optional.empty();
    }

    private Optional<Frame> pollWindow() {
        for (var ids = windows.iterator(); ids.hasNext(); ) {
            long id = ids.next();
            if (!table.isAllowed(id)) {
                continue;
            }
            ids.remove();
            var part = table.find(id).flatMap(Stream::receiving);
            if (part.isPresent() && part.get().state() == ReceivingPart.State.RECEIVE) {
                return Optional.of(
                        new StreamFrame.MaxStreamData(id, part.get().window().raise()));
            }
        }
        return Optional.empty();
    }

    void onLost(Frame frame) {
        switch (frame) {
            case StreamFrame.ResetStream reset ->
                table.find(reset.streamId()).flatMap(Stream::sending).ifPresent(part -> {
                    part.onResetLost(reset);
                    resets.add(reset.streamId());
                });
            case StreamFrame.StopSending stop -> {
                if (table.find(stop.streamId()).isPresent()) {
                    stops.add(stop);
                }
            }
            case StreamFrame.MaxStreamData maxStreamData -> windows.add(maxStreamData.streamId());
            case StreamFrame.MaxStreams maxStreams -> {
                bidirectionalCount |= maxStreams.bidirectional();
                unidirectionalCount |= !maxStreams.bidirectional();
            }
            case ConnectionFrame.MaxData _ -> connectionWindow = true;
            default -> throw new IllegalArgumentException("frame: %s (expected: one of ours)".formatted(frame));
        }
    }
}
