package io.teahouse.relay.server.conversation;

import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/** What a relay has counted, read where everybody can read it. */
final class Counters {
    /** Where metrics are to be served so that {@link #of} finds them. */
    static final InetSocketAddress ADDRESS = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private static final String PREFIX = "relayserver_";

    private final Map<String, Long> values;

    private Counters(Map<String, Long> values) {
        this.values = values;
    }

    static Counters of(RelayServer relay) throws IOException {
        var address = relay.metricsAddress().orElseThrow(() -> new AssertionError("this relay serves no metrics"));
        try (var wire = Wire.plain(address)) {
            wire.write("GET /metrics HTTP/1.1\r\n\r\n");
            var values = new HashMap<String, Long>();
            HttpReply.read(wire, "GET")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(PREFIX))
                    .forEach(line -> {
                        int space = line.lastIndexOf(' ');
                        values.put(line.substring(PREFIX.length(), space).replaceFirst("_total(?=\\{|$)", ""), (long)
                                Double.parseDouble(line.substring(space + 1)));
                    });
            return new Counters(values);
        }
    }

    /** Returns a counter or another figure by its name without prefix and suffix. */
    long get(String name) {
        var value = values.get(name);
        if (value == null) {
            throw new AssertionError("no counter %s among %s".formatted(name, values.keySet()));
        }
        return value;
    }

    /** Returns one of those figures of a name that a label tells apart, by the value of that label. */
    long get(String name, String labelValue) {
        return values.entrySet().stream()
                .filter(entry ->
                        entry.getKey().startsWith(name + "{") && entry.getKey().endsWith("=\"" + labelValue + "\"}"))
                .mapToLong(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no %s with %s among %s".formatted(name, labelValue, values)));
    }

    /** Returns the sum of all figures of a name. */
    long sum(String name) {
        return values.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(name + "{"))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
