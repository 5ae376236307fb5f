package io.teahouse.relay.client;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards relays and proxies: 1.2 and 1.3, no ALPN, the JDK's engine, which exports keying material under both.
 *
 * <p>Safe for use by many threads.
 */
final class RelayTls {
    private static final int RECORD_BYTES = 16 * 1024;

    private final SSLContext context;

    RelayTls(TrustedRoots roots) {
        try {
            context = SSLContext.getInstance("TLS");
            context.init(null, roots.trustManagers(), null);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    /** Returns a handler for one connection. */
    SslHandler newHandler(String host, int port) {
        var name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host; // RFC 6066, section 3
        var engine = context.createSSLEngine(name, port);
        engine.setUseClientMode(true);
        var parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        serverName(name).ifPresent(sni -> parameters.setServerNames(List.of(sni)));
        engine.setSSLParameters(parameters);
        var handler = new SslHandler(engine);
        handler.setHandshakeTimeoutMillis(0); // the attempt as a whole has its limit
        handler.setWrapDataSize(RECORD_BYTES);
        return handler;
    }

    private static Optional<SNIHostName> serverName(String host) {
        try {
            return isAddress(host) ? Optional.empty() : Optional.of(new SNIHostName(host));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    /** Returns the keying material of a session whose handshake is done. */
    static KeyMaterialExporter exporter(SSLEngine engine) {
        return context -> {
            try {
                return engine.getSession() instanceof ExtendedSSLSession session
                        ? Optional.of(session.exportKeyingMaterialData(
                                KeyMaterialExporter.LABEL, context, KeyMaterialExporter.LENGTH))
                        : Optional.empty();
            } catch (SSLException | RuntimeException e) {
                return Optional.empty(); // the relay then sends a challenge
            }
        };
    }

    /** Returns what went wrong, in words for whoever runs the client. */
    static String words(@Nullable Throwable failure) {
        String told = "failed";
        boolean certificate = false;
        int depth = 0;
        for (var cause = failure; cause != null && depth < 16; cause = cause.getCause(), depth++) {
            certificate |= cause instanceof CertificateException;
            if (!(cause instanceof DecoderException) && cause.getMessage() != null) {
                told = cause.getMessage();
            }
        }
        var line = ClientFrames.printable(told, RelaySession.MAX_WORDS);
        return certificate ? "the certificate is not trusted: " + line : line;
    }
}
