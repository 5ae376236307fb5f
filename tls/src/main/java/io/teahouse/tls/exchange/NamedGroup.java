package io.teahouse.tls.exchange;

import java.util.Optional;

/** A way to exchange keys (RFC 8446, section 4.2.7). */
public enum NamedGroup {
    /** Curve25519. */
    X25519(0x001d),
    /** P-256. */
    SECP256R1(0x0017),
    /** P-384. */
    SECP384R1(0x0018),
    /** X25519 and ML-KEM-768 at once: safe as long as one of them is, against quantum computers too. */
    X25519_MLKEM768(0x11ec);

    private final int code;

    NamedGroup(int code) {
        this.code = code;
    }

    /**
     * {@return the group of a code, if it is one of these}
     *
     * @param code 0 to 65535
     */
    public static Optional<NamedGroup> of(int code) {
        for (NamedGroup group : values()) {
            if (group.code == code) {
                return Optional.of(group);
            }
        }
        return Optional.empty();
    }

    /**
     * {@return the number on the wire}
     */
    public int code() {
        return code;
    }
}
