package io.teahouse.relay.protocol;

/** A version of the relay protocol, negotiated as a WebSocket subprotocol (iroh relay spec, section 2.2). */
public enum ProtocolVersion {
    /** Has Health frames and no Status frames. */
    V1("iroh-relay-v1"),
    /** Has Status frames and no Health frames. */
    V2("iroh-relay-v2");

    private final String subprotocol;

    ProtocolVersion(String subprotocol) {
        this.subprotocol = subprotocol;
    }

    /**
     * {@return the version's name in {@code Sec-WebSocket-Protocol}}
     */
    public String subprotocol() {
        return subprotocol;
    }
}
