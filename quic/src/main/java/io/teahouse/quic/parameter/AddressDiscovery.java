package io.teahouse.quic.parameter;

import java.util.Optional;

/** Which part somebody takes in telling each other their addresses (iroh QUIC spec, section 3.1). */
public enum AddressDiscovery {
    /** Tells the other its address. */
    SEND(0),
    /** Wants to be told its own address. */
    RECEIVE(1),
    /** Both. */
    BOTH(2);

    private final int code;

    AddressDiscovery(int code) {
        this.code = code;
    }

    /**
     * {@return the number on the wire}
     */
    public int code() {
        return code;
    }

    /**
     * {@return whether somebody with this part tells one with another part its address}
     *
     * @param other the other's part
     */
    public boolean reportsTo(AddressDiscovery other) {
        return this != RECEIVE && other != SEND;
    }

    static Optional<AddressDiscovery> ofCode(long code) {
        return code >= 0 && code < values().length ? Optional.of(values()[(int) code]) : Optional.empty();
    }
}
