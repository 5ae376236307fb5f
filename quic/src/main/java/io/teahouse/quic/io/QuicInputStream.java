package io.teahouse.quic.io;

import io.teahouse.quic.stream.ApplicationStreams;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The receiving part of a stream, for threads that wait.
 *
 * <p>What has arrived can be read even when the connection is over. A thread that is interrupted while it waits gets an
 * {@link InterruptedIOException}, and nothing is lost. Thread-safe. Bounded: {@value #BUFFER} bytes wait here, the others in
 * the connection, which has let the peer send them.
 */
public final class QuicInputStream extends InputStream {
    private static final int BUFFER = 1 << 17;

    private final long id;
    private final ConnectionTask task;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ByteRing ring = new ByteRing(BUFFER);
    /** Whether the loop has more than there was room for. */
    private boolean moreWaits;

    private boolean ended;
    private @Nullable Supplier<IOException> failure;

    QuicInputStream(long id, ConnectionTask task) {
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
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        int count;
        boolean more;
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            throw QuicOutputStream.interrupted(0, e);
        }
        try {
            while (ring.size() == 0) {
                if (failure != null) {
                    throw failure.get();
                }
                if (ended) {
                    return -1;
                }
                try {
                    changed.await();
                } catch (InterruptedException e) {
                    throw QuicOutputStream.interrupted(0, e);
                }
            }
            count = ring.take(into, offset, length);
            more = moreWaits && ring.size() <= BUFFER / 2;
            moreWaits &= !more;
        } finally {
            lock.unlock();
        }
        if (more) {
            task.ask(this::pump);
        }
        return count;
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return ring.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Wants no more of the stream.
     *
     * @param code tells the peer's application why
     */
    public void stop(long code) {
        lock.lock();
        try {
            if (ended || failure != null) {
                return;
            }
            failure = () -> new StreamResetException("stream %d: stopped by us".formatted(id), code);
            ring.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        task.ask(() -> {
            task.streams().stop(id, code);
            task.inputIsDone(id);
        });
    }

    /** Wants no more of the stream, unless all was read; the code is 0. */
    @Override
    public void close() {
        stop(0);
    }

    // For the loop.

    /** Takes over what has arrived, as far as there is room. */
    void pump() {
        var streams = task.streams();
        boolean done;
        lock.lock();
        try {
            int before = ring.size();
            moreWaits = false;
            done = ended || failure != null || !take(streams);
            if (ring.size() > before || ended || failure != null) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (done) {
            task.inputIsDone(id);
        }
    }

    /** Returns whether more may come. */
    private boolean take(ApplicationStreams streams) {
        while (true) {
            long readable = streams.receiving(id).map(part -> part.readable()).orElse(0L);
            if (readable > 0 && ring.room() == 0) {
                moreWaits = true;
                return true;
            }
            if (readable == 0) {
                break;
            }
            ring.filled(streams.read(id, ring.free((int) Math.min(readable, BUFFER))));
        }
        var reset = streams.readReset(id);
        if (reset.isPresent()) {
            long code = reset.getAsLong();
            failure = () -> new StreamResetException("stream %d: given up by the peer".formatted(id), code);
            ring.clear();
            return false;
        }
        if (streams.isEnded(id) || endsHere(streams)) {
            ended = true;
            return false;
        }
        var end = task.end();
        end.ifPresent(why -> failure = why);
        return end.isEmpty();
    }

    /** A stream whose end comes by itself has to be read once more for it to be noticed. */
    private boolean endsHere(ApplicationStreams streams) {
        streams.read(id, ByteBuffer.allocate(0));
        return streams.isEnded(id);
    }

    void fail(Supplier<IOException> why) {
        lock.lock();
        try {
            if (!ended && failure == null) {
                failure = why;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
