package io.teahouse.quic.io;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.DatagramQueue;
import io.teahouse.tls.HandshakeSummary;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A connection, for threads that wait: virtual ones, as many as it takes.
 *
 * <p>Thread-safe. Whatever waits can be interrupted, which cancels it, and ends with a {@link ConnectionClosedException} when
 * the connection does. Bounded: what the peer sends waits in the connection until it is taken.
 */
public final class QuicConnection implements AutoCloseable {
    /** Messages that wait for somebody to take them; the others wait in the connection. */
    private static final int MAX_DATAGRAMS = 64;

    /** Bytes of messages that wait for the loop: the oldest go when there are more. */
    private static final int OUTGOING_BYTES = 1 << 20;

    private final ConnectionTask task;
    private final CompletableFuture<HandshakeSummary> connected = new CompletableFuture<>();
    private final CompletableFuture<CloseCause> closed = new CompletableFuture<>();
    private final Mailbox<QuicStream> bidirectional;
    private final Mailbox<QuicInputStream> unidirectional;
    private final Mailbox<ByteBuffer> datagrams;
    private final DatagramQueue outgoing = new DatagramQueue(OUTGOING_BYTES);
    private boolean outgoingIsTold;
    private volatile int maxDatagramSize = -1;
    private volatile boolean earlyDataRejected;

    QuicConnection(ConnectionTask task) {
        this.task = task;
        Runnable onRoom = () -> task.ask(() -> {});
        this.bidirectional = new Mailbox<>(ConnectionTask.maxAcceptable(), onRoom);
        this.unidirectional = new Mailbox<>(ConnectionTask.maxAcceptable(), onRoom);
        this.datagrams = new Mailbox<>(MAX_DATAGRAMS, onRoom);
    }

    // The handshake.

    /**
     * {@return what was agreed on, once the handshake is complete}
     *
     * @param patience how long to wait for it
     * @throws SocketTimeoutException    if that is too short
     * @throws ConnectionClosedException if it fails
     * @throws InterruptedException      if the thread is interrupted; the handshake goes on
     */
    public HandshakeSummary awaitConnected(Duration patience) throws IOException, InterruptedException {
        try {
            return connected.get(TimeUnit.NANOSECONDS.convert(patience), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            throw new SocketTimeoutException("handshake: not complete after %d ms".formatted(patience.toMillis()));
        } catch (ExecutionException e) {
            throw failureOf(e);
        }
    }

    /**
     * {@return what was agreed on, if the handshake is complete}
     */
    public Optional<HandshakeSummary> summary() {
        return connected.isDone() && !connected.isCompletedExceptionally()
                ? Optional.of(connected.join())
                : Optional.empty();
    }

    /**
     * {@return whether the server has not taken the data that was sent before the handshake was complete, so that it was sent
     * again}
     */
    public boolean isEarlyDataRejected() {
        return earlyDataRejected;
    }

    /**
     * {@return keying material that both sides can make and nobody else}
     *
     * @param label   in ASCII, at most 249 characters
     * @param context any
     * @param length  how many bytes are wanted
     * @throws IOException          if the connection is over
     * @throws InterruptedException if the thread is interrupted
     */
    public byte[] exportKeyingMaterial(String label, byte[] context, int length)
            throws IOException, InterruptedException {
        return inspect(machine -> machine.exportKeyingMaterial(label, context, length));
    }

    /**
     * {@return something that is read from the connection's machine, on the loop's thread}
     *
     * @param question has to be quick, must not change anything, and return nothing that changes later
     * @param <T>      of what kind
     * @throws IOException          never, as long as the question does not fail
     * @throws InterruptedException if the thread is interrupted
     */
    public <T> T inspect(Function<Connection, T> question) throws IOException, InterruptedException {
        var answer = new CompletableFuture<T>();
        task.ask(() -> {
            try {
                answer.complete(question.apply(task.machine()));
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return get(answer);
    }

    /**
     * {@return whether what is sent from now on is protected with new keys, which otherwise happens only before the old ones wear
     * out; not if the last ones are not in use on both sides yet}
     *
     * @throws IOException          never
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean renewKeys() throws IOException, InterruptedException {
        var answer = new CompletableFuture<Boolean>();
        task.renewKeys(answer);
        return get(answer);
    }

    // Streams.

    /**
     * {@return a new stream on which both sides send, once the peer allows one more}; the peer hears of it with what is
     * written
     *
     * @throws IOException          if the connection is over
     * @throws InterruptedException if the thread is interrupted; then there is no stream
     */
    public QuicStream openBidirectional() throws IOException, InterruptedException {
        var opened = open(true);
        return new QuicStream(opened.input().orElseThrow(), opened.output());
    }

    /**
     * {@return a new stream on which we send, once the peer allows one more}
     *
     * @throws IOException          if the connection is over
     * @throws InterruptedException if the thread is interrupted; then there is no stream
     */
    public QuicOutputStream openUnidirectional() throws IOException, InterruptedException {
        return open(false).output();
    }

    private ConnectionTask.OpenedStream open(boolean both) throws IOException, InterruptedException {
        var answer = new CompletableFuture<ConnectionTask.OpenedStream>();
        task.ask(() -> task.openWhenAllowed(both, answer));
        try {
            return get(answer);
        } catch (InterruptedException e) {
            if (!answer.cancel(false) && !answer.isCompletedExceptionally()) {
                answer.join().giveUp();
            }
            throw e;
        }
    }

    /**
     * {@return the next stream of the peer's on which both sides send}
     *
     * @throws IOException          if the connection is over
     * @throws InterruptedException if the thread is interrupted
     */
    public QuicStream acceptBidirectional() throws IOException, InterruptedException {
        return bidirectional.take();
    }

    /**
     * {@return the next stream of the peer's on which it sends}
     *
     * @throws IOException          if the connection is over
     * @throws InterruptedException if the thread is interrupted
     */
    public QuicInputStream acceptUnidirectional() throws IOException, InterruptedException {
        return unidirectional.take();
    }

    // Datagrams.

    /**
     * {@return how large a datagram may be now; negative if the peer takes none, or is not connected yet}
     */
    public int maxDatagramSize() {
        return maxDatagramSize;
    }

    /**
     * Sends a message that may be lost, and is if it is too large.
     *
     * @param data copied
     */
    public void sendDatagram(ByteBuffer data) {
        boolean tell;
        synchronized (outgoing) {
            outgoing.add(data);
            tell = !outgoingIsTold;
            outgoingIsTold = true;
        }
        if (tell) {
            task.ask(() -> {}); // it looks for itself
        }
    }

    /**
     * {@return the next message of the peer's}
     *
     * @throws IOException          if the connection is over
     * @throws InterruptedException if the thread is interrupted
     */
    public ByteBuffer receiveDatagram() throws IOException, InterruptedException {
        return datagrams.take();
    }

    /**
     * {@return the next message of the peer's, if it comes in time}
     *
     * @param patience how long to wait
     * @throws IOException          if the connection is over
     * @throws InterruptedException if the thread is interrupted
     */
    public Optional<ByteBuffer> receiveDatagram(Duration patience) throws IOException, InterruptedException {
        return datagrams.take(patience);
    }

    // The end.

    /**
     * Ends the connection, now: what the peer does not have yet it will not get.
     *
     * @param code   tells the peer's application why
     * @param reason for a person
     */
    public void close(long code, String reason) {
        task.close(code, reason);
    }

    /** Ends the connection with code 0. */
    @Override
    public void close() {
        close(0, "");
    }

    /**
     * {@return who has ended the connection, and why, if it is over}
     */
    public Optional<CloseCause> closeCause() {
        return Optional.ofNullable(closed.getNow(null));
    }

    /**
     * {@return who has ended the connection, and why, once it is over}
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public CloseCause awaitClosed() throws InterruptedException {
        try {
            return closed.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // it never fails
        }
    }

    private static <T> T get(CompletableFuture<T> answer) throws IOException, InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw failureOf(e);
        }
    }

    private static IOException failureOf(ExecutionException e) {
        return switch (e.getCause()) {
            case ConnectionClosedException closed -> new ConnectionClosedException(closed.closeCause());
            case RuntimeException failure -> throw failure;
            case null, default -> new IOException(e.getCause());
        };
    }

    // For the loop.

    void onConnected(HandshakeSummary summary) {
        connected.complete(summary);
    }

    void onEarlyDataRejected() {
        earlyDataRejected = true;
    }

    void onClosed(CloseCause why, Supplier<IOException> failure) {
        bidirectional.end(failure);
        unidirectional.end(failure);
        datagrams.end(failure);
        connected.completeExceptionally(new ConnectionClosedException(why));
        closed.complete(why);
    }

    boolean canAccept(boolean both) {
        return both ? bidirectional.hasRoom() : unidirectional.hasRoom();
    }

    void onStream(QuicStream stream) {
        bidirectional.put(stream);
    }

    void onStream(QuicInputStream stream) {
        unidirectional.put(stream);
    }

    void exchangeDatagrams(Connection machine) {
        maxDatagramSize = machine.isConnected() ? machine.maxDatagramSize() : -1;
        synchronized (outgoing) {
            outgoingIsTold = false;
            if (machine.isConnected()) {
                for (var next = outgoing.poll(); next.isPresent(); next = outgoing.poll()) {
                    machine.sendDatagram(next.get());
                }
            }
        }
        while (datagrams.hasRoom()) {
            var next = machine.pollDatagram();
            if (next.isEmpty()) {
                return;
            }
            datagrams.put(next.get());
        }
    }
}
