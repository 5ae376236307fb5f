package io.teahouse.relay.server.tls;

import io.teahouse.relay.protocol.KeyMaterialExporter;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** Finds the keying material of sessions, which each TLS engine gives away in its own manner, or not at all. */
interface SessionSecrets {
    /** Of the JDK's engine, which exports by itself. */
    SessionSecrets OF_JDK = engine -> new TlsSession() {
        @Override
        public KeyMaterialExporter exporter() {
            return context -> {
                try {
                    return engine.getSession() instanceof ExtendedSSLSession session
                            ? Optional.of(session.exportKeyingMaterialData(
                                    KeyMaterialExporter.LABEL, context, KeyMaterialExporter.LENGTH))
                            : Optional.empty();
                } catch (SSLException | RuntimeException e) {
                    // The client then signs the challenge: slower by a round trip, as safe.
                    return Optional.empty();
                }
            };
        }

        @Override
        public void forget() {}
    };

    /** Returns what is to be known of an engine's session. */
    TlsSession session(SSLEngine engine);
}
