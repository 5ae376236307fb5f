package io.teahouse.relay.server.tls;

import io.teahouse.relay.protocol.KeyMaterialExporter;

/** What is to be known of one connection's TLS session. Confined to the connection's loop. */
public interface TlsSession {
    /** Of a connection without TLS. */
    TlsSession NONE = new TlsSession() {
        @Override
        public KeyMaterialExporter exporter() {
            return KeyMaterialExporter.NONE;
        }

        @Override
        public void forget() {}
    };

    /**
     * {@return the session's keying material, once its handshake is done and until {@link #forget}}
     */
    KeyMaterialExporter exporter();

    /** Drops the secret that the keying material comes from. To be called in any case, and may be called twice. */
    void forget();
}
