package io.teahouse.relay.protocol;

import java.util.Optional;

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

    /**
     * {@return the names of all versions, best first: what a client offers}
     */
    public static String offer() {
        return V2.subprotocol + ", " + V1.subprotocol;
    }

    /**
     * {@return the version of exactly this name, or empty if there is none: how a client reads the relay's choice}
     *
     * @param subprotocol one name, case-sensitive, not trimmed
     */
    public static Optional<ProtocolVersion> named(String subprotocol) {
        for (var version : values()) {
            if (version.subprotocol.equals(subprotocol)) {
                return Optional.of(version);
            }
        }
        return Optional.empty();
    }

    /**
     * Chooses from what a client offers: the highest version wins, whatever the order; unknown names are skipped.
     *
     * @param offered value of {@code Sec-WebSocket-Protocol}: case-sensitive names between commas, with or without
     *                spaces around them
     * @return the version to speak, or empty if the client offers none of ours
     */
    public static Optional<ProtocolVersion> choose(String offered) {
        Optional<ProtocolVersion> best = Optional.empty();
        for (String name : offered.split(",", -1)) {
            var version = named(name.trim());
            if (version.isPresent() && (best.isEmpty() || version.get().compareTo(best.get()) > 0)) {
                best = version;
            }
        }
        return best;
    }
}
