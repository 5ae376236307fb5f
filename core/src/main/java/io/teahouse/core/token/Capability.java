package io.teahouse.core.token;

import io.teahouse.core.FormatException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a {@link RelayToken} can permit (access token spec, section 4). In the order in which tokens list them. */
public enum Capability {
    /** Everything. */
    ALL("all", 0),
    /** Everything but {@link #ALL} itself. */
    CLIENT("client", 1),
    /** To use a relay. */
    RELAY_USE("relay:use", 2, 0),
    /** To send in measurements, of whatever. */
    METRICS_PUT_ANY("metrics:put-any", 3, 0),
    /** To send in reports about the network, of whomever. */
    NET_DIAGNOSTICS_PUT_ANY("net-diagnostics:put-any", 4, 0),
    /** To ask for reports about the network, of whomever. */
    NET_DIAGNOSTICS_GET_ANY("net-diagnostics:get-any", 4, 1);

    private final String text;

    @SuppressWarnings("ImmutableEnumChecker") // never written to, and seen by this package alone
    private final byte[] code;

    Capability(String text, int... code) {
        this.text = text;
        this.code = new byte[code.length];
        for (int index = 0; index < code.length; index++) {
            this.code[index] = (byte) code[index];
        }
    }

    /**
     * {@return the capability of that name}
     *
     * @param text as {@link #toString} writes it
     * @throws FormatException if there is none
     */
    public static Capability parse(String text) throws FormatException {
        return Arrays.stream(values())
                .filter(capability -> capability.text.equals(text))
                .findFirst()
                .orElseThrow(() -> new FormatException("capability: unknown (expected: one of %s)".formatted(names())));
    }

    private static String names() {
        return Arrays.stream(values()).map(Capability::toString).collect(Collectors.joining(", "));
    }

    /**
     * {@return whether who has this capability may do what the other one says}
     *
     * @param other what is to be done
     */
    public boolean permits(Capability other) {
        return this == ALL || this == other || (this == CLIENT && other != ALL);
    }

    /** The one or two bytes that stand for it; read only. */
    byte[] code() {
        return code;
    }

    /** The capability whose bytes come next, if any's do; the position stays. No code begins another one. */
    static Optional<Capability> at(ByteBuffer in) {
        return Arrays.stream(values())
                .filter(capability -> in.remaining() >= capability.code.length
                        && in.slice(in.position(), capability.code.length).equals(ByteBuffer.wrap(capability.code)))
                .findFirst();
    }

    /**
     * {@return the name, such as {@code relay:use}}
     */
    @Override
    public String toString() {
        return text;
    }
}
