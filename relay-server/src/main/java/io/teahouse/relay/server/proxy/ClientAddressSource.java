package io.teahouse.relay.server.proxy;

/** How a proxy tells whom it serves. */
public enum ClientAddressSource {
    /** The header {@code X-Forwarded-For}: addresses, the nearest one last. */
    X_FORWARDED_FOR("X-Forwarded-For"),
    /** The header {@code Forwarded} (RFC 7239). */
    FORWARDED("Forwarded"),
    /** A header before everything else on the connection, TLS included: PROXY protocol, version 1 or 2. */
    PROXY_PROTOCOL("ProxyProtocol");

    private final String text;

    ClientAddressSource(String text) {
        this.text = text;
    }

    /**
     * {@return its name in configuration files, which for a header is the header's}
     */
    public String text() {
        return text;
    }
}
