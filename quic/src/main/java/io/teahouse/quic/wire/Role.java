package io.teahouse.quic.wire;

/** Which side of a connection somebody is. */
public enum Role {
    /** The side that sent the first packet. */
    CLIENT,
    /** The side that answered it. */
    SERVER;

    /**
     * {@return the other side}
     */
    public Role peer() {
        return this == CLIENT ? SERVER : CLIENT;
    }
}
