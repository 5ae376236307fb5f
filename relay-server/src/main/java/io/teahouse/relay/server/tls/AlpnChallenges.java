package io.teahouse.relay.server.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is shown to a certification authority that asks at the TLS port whether a name is ours (RFC 8737): for each such name a
 * certificate of its own. There are as many as names are being validated. Safe for use by many threads.
 */
public final class AlpnChallenges implements AutoCloseable {
    /** What such an authority offers, and nobody else does. */
    public static final String PROTOCOL = "acme-tls/1";

    private final TlsContexts contexts;
    private final Map<String, SslContext> byName = new HashMap<>(); // guarded by this
    private volatile boolean pending;
    private boolean closed;

    AlpnChallenges(TlsContexts contexts) {
        this.contexts = contexts;
    }

    /**
     * Answers for a name from now on.
     *
     * @param name   in lower case
     * @param answer the certificate that proves it
     * @throws IOException when the TLS engine cannot use it
     */
    public synchronized void put(String name, ServerCertificate answer) throws IOException {
        if (closed) {
            return;
        }
        ReferenceCountUtil.release(byName.put(name, contexts.makeFor(PROTOCOL, answer)));
        pending = true;
    }

    /**
     * Answers for a name no more.
     *
     * @param name in lower case
     */
    public synchronized void remove(String name) {
        ReferenceCountUtil.release(byName.remove(name));
        pending = !byName.isEmpty();
    }

    boolean arePending() {
        return pending;
    }

    /** Returns a handler that shows what proves a name, if that is being validated. */
    synchronized Optional<SslHandler> newHandler(String name, ByteBufAllocator allocator) {
        return Optional.ofNullable(byName.get(name)).map(context -> ServerTls.limit(context.newHandler(allocator)));
    }

    @Override
    public synchronized void close() {
        closed = true;
        byName.values().forEach(ReferenceCountUtil::release);
        byName.clear();
        pending = false;
    }
}
