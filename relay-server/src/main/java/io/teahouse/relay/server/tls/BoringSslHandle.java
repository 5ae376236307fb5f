package io.teahouse.relay.server.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.internal.tcnative.SSLContext;

/**
 * The handle by which BoringSSL's Java binding knows a context, for what Netty has no method for.
 *
 * <p>Not that of the context's public accessors: they return another pointer, which would crash the binding.
 */
final class BoringSslHandle {
    private static final System.Logger LOG = System.getLogger(BoringSslHandle.class.getName());

    private BoringSslHandle() {}

    static long of(ReferenceCountedOpenSslContext context) throws ReflectiveOperationException {
        var handle = ReferenceCountedOpenSslContext.class.getDeclaredField("ctx");
        handle.setAccessible(true);
        return handle.getLong(context);
    }

    /**
     * Has the library choose the certificate by itself, of the credentials that the context has. Otherwise it asks Java twice
     * in each handshake, which costs 5 % of it.
     */
    static void chooseCertificateNatively(ReferenceCountedOpenSslContext context) {
        try {
            long handle = of(context);
            SSLContext.setCertificateCallback(handle, null);
            SSLContext.setSniHostnameMatcher(handle, null);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "tls: handshakes cost a little more than they could", e);
        }
    }
}
