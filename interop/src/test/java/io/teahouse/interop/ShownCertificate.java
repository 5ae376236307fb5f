package io.teahouse.interop;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** What a TLS client is shown, whether it would trust it or not. */
final class ShownCertificate {
    private static final long PAUSE_NANOS = 100_000_000;

    private ShownCertificate() {}

    /**
     * {@return the certificate that a new client is shown}
     *
     * @throws IOException when there is no handshake
     */
    static X509Certificate at(InetSocketAddress address) throws IOException {
        try {
            // A context of its own has no session to resume, in which no certificate would be shown.
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustsAnybody()}, new SecureRandom());
            try (var socket =
                    (SSLSocket) context.getSocketFactory().createSocket(address.getAddress(), address.getPort())) {
                socket.setSoTimeout((int) Program.DEADLINE.toMillis());
                socket.startHandshake();
                return (X509Certificate) socket.getSession().getPeerCertificates()[0];
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** Returns the first certificate of a kind that is shown within {@link Program#DEADLINE}. */
    static X509Certificate await(InetSocketAddress address, String what, Predicate<X509Certificate> wanted) {
        long deadline = System.nanoTime() + Program.DEADLINE.toNanos();
        Object last = "nothing";
        while (System.nanoTime() < deadline) {
            try {
                var shown = at(address);
                if (wanted.test(shown)) {
                    return shown;
                }
                last = shown;
            } catch (IOException e) {
                last = e;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new AssertionError("not shown: %s; but at last: %s".formatted(what, last));
    }

    private static final class TrustsAnybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
