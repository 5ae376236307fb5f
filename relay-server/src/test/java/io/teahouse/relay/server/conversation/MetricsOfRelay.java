package io.teahouse.relay.server.conversation;

import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.access.Project;
import io.teahouse.relay.server.access.TokenAccess;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** What a relay with all that there is shows, for those who compare it with what is written about it. */
public final class MetricsOfRelay {
    private MetricsOfRelay() {}

    /**
     * {@return the page of a relay with a project behind TLS that has just been started, as OpenMetrics}
     *
     * @throws IOException when there is none
     */
    public static String openMetrics() throws IOException {
        try (var relay = RelayServer.builder()
                        .tls(TestTls.server())
                        .metrics(Counters.ADDRESS)
                        .access(new TokenAccess(
                                Set.of(),
                                List.of(new Project("tea", Set.of(), Project.Limits.NONE)),
                                new TokenAccess.Terms(0, true, false),
                                InstantSource.system()))
                        .start();
                var wire = Wire.plain(relay.metricsAddress().orElseThrow())) {
            wire.write("GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text\r\n\r\n");
            return HttpReply.read(wire, "GET").body();
        }
    }
}
