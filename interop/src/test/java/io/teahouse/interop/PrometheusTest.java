package io.teahouse.interop;

import static io.teahouse.relay.protocol.ProtocolVersion.V1;
import static io.teahouse.relay.protocol.ProtocolVersion.V2;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.RelayFrame.ReceivedDatagrams;
import io.teahouse.relay.protocol.RelayFrame.SendDatagrams;
import io.teahouse.relay.server.testing.RelayServerExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the relay serves as metrics, read by those for whom it is: Prometheus's own parsers, and those of its Python client. */
class PrometheusTest {
    private static final String PROMETHEUS_2 = "application/openmetrics-text;version=1.0.0;q=0.5,"
            + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    private static final String PROMETHEUS_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
            + "application/openmetrics-text;version=0.0.1;q=0.4,"
            + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";

    @RegisterExtension
    static final RelayServerExtension relay = RelayServerExtension.https()
            .with(builder -> builder.metrics(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));

    /** A page with its type. */
    private record Page(String contentType, String body) {}

    private static Page scrape(String accept) throws IOException, InterruptedException {
        var address = relay.server().metricsAddress().orElseThrow();
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/metrics".formatted(address.getPort())));
        if (!accept.isEmpty()) {
            request.header("Accept", accept);
        }
        try (var client = HttpClient.newHttpClient()) {
            var response = client.send(request.build(), HttpResponse.BodyHandlers.ofString(UTF_8));
            assertThat(response.statusCode()).isEqualTo(200);
            return new Page(response.headers().firstValue("content-type").orElseThrow(), response.body());
        }
    }

    private static void carryTraffic() throws Exception {
        var tls = Optional.of(relay.certificateAuthority().clientContext());
        try (var sender = ForeignRelayClient.connect(ForeignWebSocket.Library.JDK, relay.url(), tls, V2);
                var receiver =
                        ForeignRelayClient.connect(ForeignWebSocket.Library.JAVA_WEBSOCKET, relay.url(), tls, V1)) {
            for (int i = 0; i < 10; i++) {
                sender.send(new SendDatagrams(receiver.id(), new Datagrams(0, 0, ByteBuffer.wrap(new byte[100]))));
                assertThat(receiver.receive()).isInstanceOf(ReceivedDatagrams.class);
            }
        }
    }

    /** Has a page read by a program, and returns what it prints; that it fails is a failure. */
    private static List<String> read(Page page, String... command) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of(command));
        line.add(page.contentType());
        return run(page.body(), line);
    }

    private static List<String> run(String input, List<String> command) throws IOException, InterruptedException {
        var file = Files.createTempFile("teahouse-metrics", ".txt");
        try {
            Files.writeString(file, input);
            var process = new ProcessBuilder(command)
                    .redirectInput(file.toFile())
                    .redirectErrorStream(true)
                    .start();
            var output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor()).as("%s%n%s", command, output).isZero();
            return output.lines().toList();
        } finally {
            Files.delete(file);
        }
    }

    private static String promcheck() {
        var program = PeerPackages.root().resolve(".peers/promcheck");
        if (!Files.isExecutable(program)) {
            String missing =
                    "MISSING: Prometheus's own parsers. interop/peers/install builds them if there is a Go (1.26.7 or newer)";
            System.err.println("SKIPPED. " + missing);
            abort(missing);
        }
        return program.toString();
    }

    private static String[] python() {
        Path root = PeerPackages.root();
        return new String[] {
            root.resolve(".peers/venv/bin/python3").toString(),
            root.resolve("interop/peers/prometheus_parse.py").toString()
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*/*", "text/plain;version=0.0.4", PROMETHEUS_2, PROMETHEUS_3})
    void prometheusTakesThePage(String accept) throws Exception {
        var program = promcheck();
        carryTraffic();

        var page = scrape(accept);
        var read = read(page, program, "page");

        boolean openMetrics = accept.contains("openmetrics");
        assertThat(page.contentType().startsWith("application/openmetrics-text"))
                .isEqualTo(openMetrics);
        assertThat(read)
                .contains("type relayserver_bytes_sent%s counter".formatted(openMetrics ? "" : "_total"))
                .contains("type relayserver_forwarding_seconds histogram")
                .anyMatch(line -> line.startsWith("sample {__name__=\"relayserver_bytes_sent_total\"} "))
                .doesNotContain("sample {__name__=\"relayserver_bytes_sent_total\"} 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", PROMETHEUS_3})
    void thePythonClientTakesThePage(String accept) throws Exception {
        var command = python();
        carryTraffic();

        var read = read(scrape(accept), command);

        assertThat(read)
                .contains("type relayserver_bytes_sent counter")
                .contains("type relayserver_forwarding_seconds histogram")
                .anyMatch(line -> line.startsWith("sample relayserver_bytes_sent_total{} "));
    }

    /** The names of all samples: none is lost on one of them. */
    @Test
    void bothReadTheSameSamples() throws Exception {
        var page = scrape(PROMETHEUS_3);

        var ofGo = read(page, promcheck(), "page").stream()
                .filter(line -> line.startsWith("sample "))
                .map(line -> line.substring(line.indexOf("__name__=\"") + 10).replaceFirst("\".*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        var ofPython = read(page, python()).stream()
                .filter(line -> line.startsWith("sample "))
                .map(line -> line.substring("sample ".length(), line.indexOf('{')))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(ofGo).hasSizeGreaterThan(60).isEqualTo(ofPython);
    }

    @Test
    void prometheusTakesTheAlerts() throws Exception {
        var rules = PeerPackages.projectRoot().resolve("packaging/prometheus/alerts.yml");

        assertThat(run("", List.of(promcheck(), "rules", rules.toString()))).isEmpty();
    }
}
