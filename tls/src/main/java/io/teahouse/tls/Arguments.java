package io.teahouse.tls;

import io.teahouse.tls.message.Opaque;
import java.util.List;

/** Checks of what both configurations are given. */
final class Arguments {
    private static final int PROTOCOL_LENGTH_MAX = 255;

    private Arguments() {}

    static List<Opaque> protocols(List<Opaque> protocols) {
        for (Opaque protocol : protocols) {
            if (protocol.isEmpty() || protocol.length() > PROTOCOL_LENGTH_MAX) {
                throw new IllegalArgumentException("protocols: one of %d bytes (expected: 1 to %d)"
                        .formatted(protocol.length(), PROTOCOL_LENGTH_MAX));
            }
        }
        return distinct("protocols", protocols);
    }

    static <T> List<T> distinct(String name, List<T> values) {
        if (values.isEmpty() || values.stream().distinct().count() != values.size()) {
            throw new IllegalArgumentException(
                    "%s: %s (expected: one at least, and none twice)".formatted(name, values));
        }
        return List.copyOf(values);
    }
}
