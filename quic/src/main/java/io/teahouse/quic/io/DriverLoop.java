package io.teahouse.quic.io;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.QuicEndpoint;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.TransportError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;

/**
 * The thread of a transport: takes datagrams in, lets time pass, and lets the connections send by turns.
 *
 * <p>A turn is at most {@value #QUANTUM} datagrams, so that one who has much to send keeps nobody waiting. Nothing that a
 * connection does ends the loop: one that fails by a mistake of ours is dropped, and that is logged.
 */
final class DriverLoop implements Runnable {
    /** As many as go with one call. */
    private static final int QUANTUM = 64;

    private static final System.Logger LOG = System.getLogger(DriverLoop.class.getName());

    private final PacketTransport transport;
    private final QuicEndpoint endpoint;
    private final DriverClock clock;
    /** What is told of connections of clients of ours. */
    private final BiConsumer<QuicConnection, ConnectionEvent> onAccepted;

    private final Map<Connection, ConnectionTask> tasks = new HashMap<>();
    private final Deadlines deadlines = new Deadlines();
    private final Queue<ConnectionTask> ready = new ArrayDeque<>();

    /** From other threads. */
    private final Queue<ConnectionTask> woken = new ConcurrentLinkedQueue<>();

    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private volatile boolean closing;
    private volatile boolean ended;

    DriverLoop(
            PacketTransport transport,
            QuicEndpoint endpoint,
            DriverClock clock,
            BiConsumer<QuicConnection, ConnectionEvent> onAccepted) {
        this.transport = transport;
        this.endpoint = endpoint;
        this.clock = clock;
        this.onAccepted = onAccepted;
    }

    // For other threads.

    void wake(ConnectionTask task) {
        woken.add(task);
        afterAdding();
    }

    /** Has something done on the loop, which may have ended. */
    void execute(Runnable command) {
        commands.add(command);
        afterAdding();
    }

    private void afterAdding() {
        if (ended) {
            runLate();
        } else {
            transport.wakeUp();
        }
    }

    /** Once there is no loop any more, whoever asks for something finds out by itself that it is over. */
    private synchronized void runLate() {
        for (var command = commands.poll(); command != null; command = commands.poll()) {
            command.run();
        }
        for (var task = woken.poll(); task != null; task = woken.poll()) {
            task.runRequests();
        }
    }

    long nanos() {
        return clock.nanos();
    }

    void close() {
        closing = true;
        transport.wakeUp();
    }

    // On the loop.

    @Override
    public void run() {
        CloseCause why = new CloseCause.Local(0);
        try (transport) {
            while (!closing) {
                turn();
            }
            closeAll();
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "QUIC: the socket is beyond use, all of its connections are lost", e);
            why = new CloseCause.Breach(
                    TransportError.INTERNAL_ERROR.code(), "the socket is beyond use: " + e.getMessage());
        }
        for (var task : List.copyOf(tasks.values())) {
            task.abort(why);
        }
        ended = true;
        runLate();
    }

    /** Whether nothing happens here any more. */
    boolean hasEnded() {
        return ended;
    }

    private void turn() throws IOException {
        long wait = ready.isEmpty() || !transport.canSend() ? deadlines.next() : 0;
        transport.receive(this::onDatagram, waitNanos(wait));
        runCommands();
        long now = clock.nanos();
        for (var due = deadlines.poll(now); due != null; due = deadlines.poll(now)) {
            enqueue((ConnectionTask) due);
        }
        for (int count = ready.size(); count > 0 && transport.canSend(); count--) {
            var task = ready.remove();
            task.isQueued = false;
            serve(task);
        }
        transport.flush();
    }

    private long waitNanos(long until) {
        if (until == Deadlines.NEVER || until == 0) {
            return until;
        }
        return Math.max(0, until - clock.nanos());
    }

    private void runCommands() {
        for (var command = commands.poll(); command != null; command = commands.poll()) {
            command.run();
        }
        for (var task = woken.poll(); task != null; task = woken.poll()) {
            enqueue(task);
        }
    }

    private void enqueue(ConnectionTask task) {
        if (!task.isQueued) {
            task.isQueued = true;
            ready.add(task);
        }
    }

    private void onDatagram(ByteBuffer datagram, NetworkPath path, Ecn mark) {
        QuicEndpoint.Received received;
        try {
            received = endpoint.receive(datagram, path, mark, clock.nanos());
            if (received instanceof QuicEndpoint.Received.Answer answer && transport.canSend()) {
                transport.send(answer.answer(), path, Ecn.NOT_ECT);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "QUIC: no answer sent", e); // the loop will meet it again
            return;
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "QUIC: a datagram from %s was not understood".formatted(path), e);
            return;
        }
        if (received instanceof QuicEndpoint.Received.For(var connection, boolean isNew)) {
            var task = isNew ? add(connection, onAccepted) : tasks.get(connection);
            if (task != null) {
                enqueue(task);
            }
        }
    }

    /** Takes in a connection of which we are the client. */
    ConnectionTask dial(Connection connection, BiConsumer<QuicConnection, ConnectionEvent> listener) {
        endpoint.dial(connection);
        var task = add(connection, listener);
        enqueue(task);
        return task;
    }

    private ConnectionTask add(Connection connection, BiConsumer<QuicConnection, ConnectionEvent> listener) {
        var task = new ConnectionTask(connection, this, listener);
        tasks.put(connection, task);
        return task;
    }

    private void serve(ConnectionTask task) throws IOException {
        try {
            long now = clock.nanos();
            task.work(now);
            int sent = 0;
            while (sent < QUANTUM && transport.canSend()) {
                var next = task.pollOutgoing(now);
                if (next.isEmpty()) {
                    break;
                }
                transport.send(
                        next.get().data(), next.get().network(), next.get().mark());
                sent++;
            }
            if (sent == QUANTUM || !transport.canSend()) {
                enqueue(task); // there may be more
            }
            endpoint.refresh(task.machine());
            if (task.machine().isOver()) {
                tasks.remove(task.machine());
                deadlines.set(task, Deadlines.NEVER);
            } else {
                deadlines.set(task, task.machine().nextTimeoutNanos(now));
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "QUIC: a connection is dropped, by a mistake of ours", e);
            drop(task);
        }
    }

    void forgetAll() {
        List.copyOf(tasks.values()).forEach(this::drop);
    }

    private void drop(ConnectionTask task) {
        tasks.remove(task.machine());
        deadlines.set(task, Deadlines.NEVER);
        endpoint.forget(task.machine());
        task.abort(new CloseCause.Breach(TransportError.INTERNAL_ERROR.code(), "of a mistake of ours"));
    }

    /** Tells all peers that it is over. */
    private void closeAll() throws IOException {
        long now = clock.nanos();
        for (var task : new ArrayList<>(tasks.values())) {
            task.machine().close(0, "", now);
            serve(task);
        }
        transport.flush();
    }
}
