package io.teahouse.interop;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The options of the QUIC peers that are written in Java, as {@code interop/peers/quic/README.md} has them. */
final class PeerOptions {
    private final Map<String, String> values = new HashMap<>();

    PeerOptions(List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            boolean hasValue = i + 1 < arguments.size() && !arguments.get(i + 1).startsWith("--");
            values.put(arguments.get(i).substring(2), hasValue ? arguments.get(i + 1) : "");
            i += hasValue ? 1 : 0;
        }
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    long number(String name, long otherwise) {
        return values.containsKey(name) ? Long.parseLong(text(name, "")) : otherwise;
    }

    String alpn() {
        return text("alpn", "teahouse/interop/1");
    }

    /** An IPv4 address with a port. */
    InetSocketAddress address(String name, String otherwise) {
        var parts = text(name, otherwise).split(":", 2);
        return new InetSocketAddress(InetAddress.ofLiteral(parts[0]), Integer.parseInt(parts[1]));
    }
}
