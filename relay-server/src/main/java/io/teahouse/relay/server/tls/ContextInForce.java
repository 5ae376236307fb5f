package io.teahouse.relay.server.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The context of which handlers are made now. A handler keeps a reference to its context until it leaves its pipeline, so
 * the context that was replaced is released at once, and its memory goes with the last connection that uses it. What must not
 * be is that it goes between the look which context is in force and the handler's making; hence the lock, which handlers
 * share, and which is taken alone only to exchange two references.
 *
 * <p>Safe for use by many threads.
 */
final class ContextInForce implements AutoCloseable {
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private SslContext context;
    private boolean closed;

    /** Takes over the caller's reference to the context. */
    ContextInForce(SslContext context) {
        this.context = context;
    }

    SslHandler newHandler(ByteBufAllocator allocator) {
        lock.readLock().lock();
        try {
            return context.newHandler(allocator);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Has the next handlers made of another context; takes over the caller's reference to it. */
    void replace(SslContext next) {
        lock.writeLock().lock();
        try {
            if (closed) {
                ReferenceCountUtil.release(next);
                return;
            }
            ReferenceCountUtil.release(context);
            context = next;
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Lets go of the context; no handler may be made any more. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                ReferenceCountUtil.release(context);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
