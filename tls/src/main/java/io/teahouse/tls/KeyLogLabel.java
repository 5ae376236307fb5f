package io.teahouse.tls;

/** The names of secrets in a key log (NSS key log format). */
final class KeyLogLabel {
    static final String CLIENT_EARLY = "CLIENT_EARLY_TRAFFIC_SECRET";
    static final String CLIENT_HANDSHAKE = "CLIENT_HANDSHAKE_TRAFFIC_SECRET";
    static final String SERVER_HANDSHAKE = "SERVER_HANDSHAKE_TRAFFIC_SECRET";
    static final String CLIENT_APPLICATION = "CLIENT_TRAFFIC_SECRET_0";
    static final String SERVER_APPLICATION = "SERVER_TRAFFIC_SECRET_0";

    private KeyLogLabel() {}
}
