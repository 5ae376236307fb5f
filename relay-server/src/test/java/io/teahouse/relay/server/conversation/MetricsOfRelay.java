package io.teahouse.relay.server.conversation;

import io.teahouse.relay.server.RelayServer;
import java.io.IOException;

/** What a relay with all that there is shows, for those who compare it with what is written about it. */
public final class MetricsOfRelay {
    private MetricsOfRelay() {}

    /**
     * {@return the page of a relay behind TLS that has just been started, as OpenMetrics}
     *
     * @throws IOException when there is none
     */
    public static String openMetrics() throws IOException {
        try (var relay = RelayServer.builder()
                        .tls(TestTls.server())
                        .metrics(Counters.ADDRESS)
                        .start();
                var wire = Wire.plain(relay.metricsAddress().orElseThrow())) {
            wire.write("GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text\r\n\r\n");
            return HttpReply.read(wire, "GET").body();
        }
    }
}
