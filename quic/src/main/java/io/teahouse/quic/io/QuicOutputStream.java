package io.teahouse.quic.io;

import io.teahouse.quic.stream.ApplicationStreams;
import io.teahouse.quic.stream.SendingPart;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sending part of a stream, for threads that wait.
 *
 * <p>What is written goes out soon, {@link #flush} or not. {@link #close} ends the stream behind it; it does not wait for the
 * peer to have it, {@link #awaitReceived} does. A thread that is interrupted while it waits gets an
 * {@link InterruptedIOException} that says how much it has written. Thread-safe. Bounded: {@value #BUFFER} bytes wait for the
 * loop, and as many as {@link io.teahouse.quic.stream.StreamLimits#sendBuffer} says for the peer.
 */
public final class QuicOutputStream extends OutputStream {
    private static final int BUFFER = 1 << 17;

    private final long id;
    private final ConnectionTask task;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ByteRing ring = new ByteRing(BUFFER);
    /** Whether the loop was told that there is something for it. */
    private boolean told;

    private boolean finished;
    private boolean received;
    private @Nullable Supplier<IOException> failure;

    QuicOutputStream(long id, ConnectionTask task) {
        this.id = id;
        this.task = task;
    }

    /**
     * {@return the stream's id}
     */
    public long id() {
        return id;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, from.length);
        int written = 0;
        while (written < length) {
            boolean tell;
            lockInterruptibly(written);
            try {
                awaitRoom(written);
                written += ring.put(from, offset + written, length - written);
                tell = !told;
                told = true;
            } finally {
                lock.unlock();
            }
            if (tell) {
                task.ask(this::pump);
            }
        }
    }

    private void awaitRoom(int written) throws IOException {
        while (true) {
            if (failure != null) {
                throw failure.get();
            }
            if (finished) {
                throw new IOException("stream %d: written to (expected: only before its end)".formatted(id));
            }
            if (ring.room() > 0) {
                return;
            }
            try {
                changed.await();
            } catch (InterruptedException e) {
                throw interrupted(written, e);
            }
        }
    }

    private void lockInterruptibly(int done) throws InterruptedIOException {
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            throw interrupted(done, e);
        }
    }

    /** The flag stays up, as it does with all streams. */
    static InterruptedIOException interrupted(int done, InterruptedException cause) {
        Thread.currentThread().interrupt();
        var exception = new InterruptedIOException("interrupted");
        exception.bytesTransferred = done;
        exception.initCause(cause);
        return exception;
    }

    /** Ends the stream behind what was written; the same as {@link #close}. */
    public void finish() {
        lock.lock();
        try {
            if (finished || failure != null) {
                return;
            }
            finished = true;
        } finally {
            lock.unlock();
        }
        task.ask(this::pump);
    }

    @Override
    public void close() {
        finish();
    }

    /**
     * Gives the stream up: what the peer does not have yet it will not get. Nothing happens if all was received.
     *
     * @param code tells the peer's application why
     */
    public void reset(long code) {
        fail(() -> new StreamStoppedException("stream %d: given up by us".formatted(id), code));
        task.ask(() -> {
            task.streams().reset(id, code);
            task.outputIsDone(id);
        });
    }

    /**
     * Says which streams of the connection go first.
     *
     * @param priority higher goes first; 0 if nothing is said
     */
    public void setPriority(int priority) {
        task.ask(() -> task.streams().setPriority(id, priority));
    }

    /**
     * Waits until the peer has all of a stream that was ended, which does not mean that its application has read it.
     *
     * @throws IOException if it wants no more of it, or the connection is over
     */
    public void awaitReceived() throws IOException {
        lockInterruptibly(0);
        try {
            while (!received) {
                if (failure != null) {
                    throw failure.get();
                }
                try {
                    changed.await();
                } catch (InterruptedException e) {
                    throw interrupted(0, e);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    // For the loop.

    /** Hands on what was written, as far as there is room. */
    void pump() {
        var streams = task.streams();
        var part = streams.sending(id);
        if (part.isPresent() && part.get().stopCode().isPresent()) {
            long code = part.get().stopCode().getAsLong();
            fail(() -> new StreamStoppedException("stream %d: not wanted by the peer".formatted(id), code));
            task.outputIsDone(id);
            return;
        }
        boolean end;
        lock.lock();
        try {
            told = false;
            if (failure != null) {
                return;
            }
            if (part.isPresent() && part.get().state() == SendingPart.State.SEND) {
                write(streams, part.get());
            }
            end = finished && ring.size() == 0;
        } finally {
            lock.unlock();
        }
        if (end) {
            streams.finish(id);
            task.awaitsReceipt(this);
        }
    }

    private void write(ApplicationStreams streams, SendingPart part) {
        int before = ring.size();
        while (ring.size() > 0 && part.writable() > 0) {
            ring.discard(streams.write(id, ring.peek()));
        }
        if (ring.size() < before) {
            changed.signalAll();
        }
    }

    /** Returns whether nothing has to be done any more, since the peer has all. */
    boolean isReceived() {
        var part = task.streams().sending(id);
        if (part.isPresent() && part.get().state() != SendingPart.State.DATA_RECEIVED) {
            return false;
        }
        lock.lock();
        try {
            received = true;
            ring.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return true;
    }

    void fail(Supplier<IOException> why) {
        lock.lock();
        try {
            if (failure == null && !received) {
                failure = why;
                ring.clear();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
