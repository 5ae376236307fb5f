package io.teahouse.quic.io;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.OutgoingDatagram;
import io.teahouse.quic.stream.ApplicationStreams;
import io.teahouse.quic.stream.StreamId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The loop's side of a connection: carries out what the application's threads ask for, and hands them what has come.
 *
 * <p>Belongs to the loop's thread, but for {@link #ask}. What can be asked for is bounded by who asks: a thread waits for what
 * it has asked, and a stream asks once until it was heard.
 */
final class ConnectionTask extends Deadlines.Entry {
    /** Streams of the peer's that wait for somebody to accept them, of each kind; the others wait in the connection. */
    private static final int MAX_ACCEPTABLE = 32;

    private final Connection machine;
    private final DriverLoop loop;
    private final BiConsumer<QuicConnection, ConnectionEvent> listener;
    private final QuicConnection handle;
    private final Queue<Runnable> requests = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean hasRequests = new AtomicBoolean();
    private final Map<Long, QuicInputStream> inputs = new HashMap<>();
    private final Map<Long, QuicOutputStream> outputs = new HashMap<>();
    private final List<Opening> openings = new ArrayList<>();
    private final List<QuicOutputStream> unreceived = new ArrayList<>();
    private @Nullable CloseCause cause;
    /** Whether it stands in the loop's queue. */
    boolean isQueued;

    /** Somebody who waits for the peer to allow another stream. */
    private record Opening(boolean bidirectional, CompletableFuture<OpenedStream> answer) {}

    /** A stream of ours; only one that is bidirectional has an input. */
    record OpenedStream(Optional<QuicInputStream> input, QuicOutputStream output) {
        void giveUp() {
            output.reset(0);
            input.ifPresent(in -> in.stop(0));
        }
    }

    ConnectionTask(Connection machine, DriverLoop loop, BiConsumer<QuicConnection, ConnectionEvent> listener) {
        this.machine = machine;
        this.loop = loop;
        this.listener = listener;
        this.handle = new QuicConnection(this);
    }

    Connection machine() {
        return machine;
    }

    QuicConnection handle() {
        return handle;
    }

    ApplicationStreams streams() {
        return machine.streams();
    }

    /** Has something done on the loop; for every thread. */
    void ask(Runnable request) {
        requests.add(request);
        if (!hasRequests.getAndSet(true)) {
            loop.wake(this);
        }
    }

    /** Why nothing can be done any more, if so. */
    Optional<Supplier<IOException>> end() {
        return Optional.ofNullable(cause).map(why -> () -> new ConnectionClosedException(why));
    }

    /** Does what is to be done now, but for sending. */
    void work(long nowNanos) {
        runRequests();
        machine.handleTimeout(nowNanos);
        if (cause == null) {
            handOver();
        }
        for (var event = machine.pollEvent(); event.isPresent(); event = machine.pollEvent()) {
            onEvent(event.get());
        }
        if (cause == null) {
            openings.removeIf(this::open);
            unreceived.removeIf(QuicOutputStream::isReceived);
        }
    }

    void runRequests() {
        hasRequests.set(false);
        for (var next = requests.poll(); next != null; next = requests.poll()) {
            next.run();
        }
    }

    /** Gives the application what has come, which it keeps even if the connection is over the next moment. */
    private void handOver() {
        accept();
        for (var id = streams().pollReadable(); id.isPresent(); id = streams().pollReadable()) {
            var input = inputs.get(id.getAsLong());
            if (input != null) {
                input.pump();
            }
        }
        for (var id = streams().pollWritable(); id.isPresent(); id = streams().pollWritable()) {
            var output = outputs.get(id.getAsLong());
            if (output != null) {
                output.pump();
            }
        }
        handle.exchangeDatagrams(machine);
    }

    Optional<OutgoingDatagram> pollOutgoing(long nowNanos) {
        return machine.pollOutgoing(nowNanos);
    }

    private void onEvent(ConnectionEvent event) {
        switch (event) {
            case ConnectionEvent.Connected(var summary) -> handle.onConnected(summary);
            case ConnectionEvent.Closed(var why) -> onClosed(why);
            case ConnectionEvent.EarlyDataRejected _ -> handle.onEarlyDataRejected();
            default -> {}
        }
        listener.accept(handle, event);
    }

    private void onClosed(CloseCause why) {
        cause = why;
        Supplier<IOException> failure = () -> new ConnectionClosedException(why);
        handle.onClosed(why, failure);
        List.copyOf(outputs.values()).forEach(output -> output.fail(failure));
        List.copyOf(inputs.values()).forEach(QuicInputStream::pump);
        unreceived.forEach(output -> output.fail(failure));
        outputs.clear();
        inputs.clear();
        openings.forEach(opening -> opening.answer().completeExceptionally(new ConnectionClosedException(why)));
        openings.clear();
        unreceived.clear();
    }

    void renewKeys(CompletableFuture<Boolean> answer) {
        ask(() -> answer.complete(machine.updateKeys(loop.nanos())));
    }

    void close(long code, String reason) {
        ask(() -> machine.close(code, reason, loop.nanos()));
    }

    /** Says that nothing works any more. */
    void abort(CloseCause why) {
        if (cause == null) {
            onEvent(new ConnectionEvent.Closed(why));
        }
    }

    // Streams.

    /** Hands on the streams that the peer has opened, as long as there is somebody to take them. */
    private void accept() {
        while (handle.canAccept(true) && handle.canAccept(false)) {
            OptionalLong next = streams().accept();
            if (next.isEmpty()) {
                return;
            }
            long id = next.getAsLong();
            var input = new QuicInputStream(id, this);
            inputs.put(id, input);
            if (StreamId.isBidirectional(id)) {
                var output = new QuicOutputStream(id, this);
                outputs.put(id, output);
                handle.onStream(new QuicStream(input, output));
            } else {
                handle.onStream(input);
            }
            input.pump();
        }
    }

    static int maxAcceptable() {
        return MAX_ACCEPTABLE;
    }

    /** Opens a stream as soon as the peer allows one more. */
    void openWhenAllowed(boolean bidirectional, CompletableFuture<OpenedStream> answer) {
        var opening = new Opening(bidirectional, answer);
        if (cause != null) {
            answer.completeExceptionally(new ConnectionClosedException(cause));
        } else if (!open(opening)) {
            openings.add(opening);
        }
    }

    private boolean open(Opening opening) {
        if (opening.answer().isDone()) {
            return true; // nobody waits for it any more
        }
        var opened = streams().open(opening.bidirectional());
        if (opened.isEmpty()) {
            return false;
        }
        long id = opened.getAsLong();
        var output = new QuicOutputStream(id, this);
        outputs.put(id, output);
        Optional<QuicInputStream> input = Optional.empty();
        if (opening.bidirectional()) {
            var in = new QuicInputStream(id, this);
            inputs.put(id, in);
            input = Optional.of(in);
        }
        var stream = new OpenedStream(input, output);
        if (!opening.answer().complete(stream)) {
            stream.giveUp();
        }
        return true;
    }

    void inputIsDone(long id) {
        inputs.remove(id);
    }

    void outputIsDone(long id) {
        outputs.remove(id);
    }

    /** All of a stream was handed to the connection. */
    void awaitsReceipt(QuicOutputStream output) {
        if (cause == null && !unreceived.contains(output)) {
            unreceived.add(output);
        }
    }
}
