package io.teahouse.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.CertificateSource.Acme;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.RelayServerConfig.AcceptLimits;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.RelayServerConfig.Tls;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.ConnectRequest;
import io.teahouse.relay.server.access.Denial;
import io.teahouse.relay.server.proxy.AddressRange;
import io.teahouse.relay.server.proxy.ClientAddressSource;
import io.teahouse.relay.server.proxy.Proxies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RelayFileTest {
    private static final String ID = "ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6";
    private static final String OTHER_ID = "5866666666666666666666666666666666666666666666666666666666666666";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void withoutAFileTheRelayIsOpenOnPort80WithMetricsOnLoopback() throws Exception {
        var file = builtIn(false);
        assertThat(file.server().httpBindAddress()).isEqualTo(address("::", 80));
        assertThat(file.server().tls()).isEmpty();
        assertThat(file.server().metricsBindAddress()).contains(address("127.0.0.1", 9090));
        assertThat(file.server().access()).isSameAs(AccessControl.everyone());
        assertThat(file.server().clientReceiveLimit()).isEmpty();
        assertThat(file.server().keyCacheCapacity()).isEqualTo(1_048_576);
        assertThat(file.whoMayUse()).isEqualTo("everyone");
        assertThat(file.notices()).isEmpty();
    }

    @Test
    void forDevelopmentThePortIs3340() throws Exception {
        assertThat(builtIn(true).server().httpBindAddress()).isEqualTo(address("::", 3340));
    }

    @Test
    void anEmptyFileIsTheBuiltInSettings() throws Exception {
        Path file = Files.writeString(directory.resolve("relay.toml"), "# nothing\n");
        assertThat(RelayFile.read(Optional.of(file), false, Map.of()).server())
                .isEqualTo(builtIn(false).server());
    }

    @Test
    void everySupportedKeyReachesTheServer() throws Exception {
        Path chain = Files.createFile(directory.resolve("chain.pem"));
        Path key = Files.createFile(directory.resolve("key.pem"));
        var file = RelayFile.parse("relay.toml", """
                enable_relay = true
                http_bind_addr = "10.1.2.3:8080"
                enable_quic_addr_discovery = false
                enable_metrics = true
                metrics_bind_addr = "[::1]:9191"
                key_cache_capacity = 0
                access = "everyone"

                [tls]
                https_bind_addr = "[2001:db8::7]:8443"
                cert_mode = "Manual"
                cert_dir = "/nowhere"
                manual_cert_path = "%s"
                manual_key_path = "%s"
                dangerous_http_only = false

                [limits.client.rx]
                bytes_per_second = 4_000_000
                max_burst_bytes = 500_000
                """.formatted(chain, key), false, Map.of());
        assertThat(file.server())
                .isEqualTo(RelayServerConfig.builder()
                        .http(address("10.1.2.3", 8080))
                        .metrics(address("::1", 9191))
                        .keyCacheCapacity(0)
                        .tls(new Tls(address("2001:db8::7", 8443), chain, key))
                        .clientReceiveLimit(new ReceiveLimit(4_000_000, 500_000))
                        .build());
        assertThat(file.notices()).isEmpty();
    }

    @Test
    void httpsTakesTheAddressOfHttpAndTheFilesOfTheCertificateDirectory() throws Exception {
        Path chain = Files.createFile(directory.resolve("default.crt"));
        Path key = Files.createFile(directory.resolve("default.key"));
        var server = RelayFile.parse("relay.toml", """
                http_bind_addr = "10.1.2.3:8080"
                tls = { cert_mode = "Manual", cert_dir = "%s" }
                """.formatted(directory), false, Map.of())
                .server();
        assertThat(server.tls()).contains(new Tls(address("10.1.2.3", 443), chain, key));
    }

    @Test
    void filesThatAreToBeReloadedAreLookedAtEveryTenSeconds() throws Exception {
        Path chain = Files.createFile(directory.resolve("default.crt"));
        Path key = Files.createFile(directory.resolve("default.key"));
        var file = parse("""
                http_bind_addr = "10.1.2.3:8080"
                [tls]
                cert_mode = "Reloading"
                cert_dir = "%s"
                contact = "me@relay.example"
                """.formatted(directory));
        assertThat(file.server().tls())
                .contains(new Tls(address("10.1.2.3", 443), chain, key).reloadingEvery(Duration.ofSeconds(10)));
        assertThat(file.notices())
                .containsExactly(
                        new Notice(Place.atLine(5), "tls.contact", "has no effect with cert_mode = \"Reloading\""));
    }

    @Test
    void metricsStayOnLoopbackWhateverHttpBindsTo() throws Exception {
        var server = parse("http_bind_addr = \"10.1.2.3:8080\"").server();
        assertThat(server.metricsBindAddress()).contains(address("127.0.0.1", 9090));
    }

    @Test
    void metricsCanBeTurnedOff() throws Exception {
        var file = parse("enable_metrics = false\nmetrics_bind_addr = \"0.0.0.0:9090\"");
        assertThat(file.server().metricsBindAddress()).isEmpty();
        assertThat(file.notices())
                .containsExactly(new Notice(
                        Place.atLine(2), "metrics_bind_addr", "has no effect while enable_metrics is false"));
    }

    @Test
    void aRateWithoutABurstHasATenthOfASecondsBytes() throws Exception {
        assertThat(parse("limits.client.rx.bytes_per_second = 1000").server().clientReceiveLimit())
                .contains(new ReceiveLimit(1000, 100));
    }

    @Test
    void theReferencesKeysForNewConnectionsHaveAnEffect() throws Exception {
        var all = RelayFile.parse("relay.toml", """
                [limits]
                accept_conn_limit = 12.5
                accept_conn_burst = 40
                max_connections = 1000
                max_connections_per_address = 10
                """, false, Map.of());
        assertThat(all.server().acceptLimits()).isEqualTo(new AcceptLimits(12.5, 40, 1000, 10));
        var rate = RelayFile.parse("relay.toml", "limits.accept_conn_limit = 12.5", false, Map.of());
        assertThat(rate.server().acceptLimits())
                .isEqualTo(new AcceptLimits(12.5, 12, Integer.MAX_VALUE, Integer.MAX_VALUE));
    }

    @Test
    void proxiesMayBeTrusted() throws Exception {
        var file = RelayFile.parse("relay.toml", """
                [proxy]
                trusted = ["127.0.0.1", "10.0.0.0/8", "::1", "::/0"]
                client_address = "ProxyProtocol"
                url_prefix = "/iroh"
                """, false, Map.of());

        assertThat(file.server().proxies())
                .isEqualTo(new Proxies(
                        List.of(
                                AddressRange.of("127.0.0.1"),
                                AddressRange.of("10.0.0.0/8"),
                                AddressRange.of("::1"),
                                AddressRange.of("::/0")),
                        Optional.of(ClientAddressSource.PROXY_PROTOCOL),
                        "/iroh"));
        assertThat(file.notices())
                .containsExactly(new Notice(
                        Place.atLine(2),
                        "proxy.trusted[3]",
                        "trusts everybody: any client can say that it is any other"));
        assertThat(builtIn(false).server().proxies()).isEqualTo(Proxies.NONE);
        assertThat(RelayFile.parse("relay.toml", "proxy = { url_prefix = \"/a/b\", trusted = [] }", false, Map.of())
                        .server()
                        .proxies())
                .isEqualTo(Proxies.NONE.withUrlPrefix("/a/b"));
    }

    @Test
    void aCertificateCanComeFromAnAuthority() throws Exception {
        var toml = """
                http_bind_addr = "10.1.2.3:80"
                [tls]
                cert_mode = "LetsEncrypt"
                hostname = ["relay.example", "relay2.example"]
                contact = "me@relay.example"
                cert_dir = "/var/lib/relay"
                """;
        var names = List.of("relay.example", "relay2.example");
        var directory = Path.of("/var/lib/relay");

        assertThat(RelayFile.parse("relay.toml", toml, false, Map.of()).server().tls())
                .contains(new Tls(
                        address("10.1.2.3", 443),
                        new Acme(names, "me@relay.example", Acme.LETS_ENCRYPT, directory, List.of())));
        assertThat(authority(toml + "prod_tls = false", Map.of())).isEqualTo(Acme.LETS_ENCRYPT_STAGING);
        assertThat(authority(toml, Map.of("IROH_RELAY_ACME_URL", "https://acme.example/dir")))
                .isEqualTo(URI.create("https://acme.example/dir"));
        assertThat(RelayFile.parse(
                                "relay.toml",
                                toml.replaceAll("\\[\"relay.example.*]", "\"relay.example\""),
                                false,
                                Map.of())
                        .server()
                        .tls()
                        .map(Tls::certificate)
                        .map(source -> ((Acme) source).hostnames()))
                .contains(List.of("relay.example"));
    }

    private static URI authority(String toml, Map<String, String> environment) throws Exception {
        var source = RelayFile.parse("relay.toml", toml, false, environment)
                .server()
                .tls()
                .orElseThrow()
                .certificate();
        return ((Acme) source).directory();
    }

    @Test
    void forDevelopmentTlsIsLeftAsideWhateverItsCertificates() throws Exception {
        for (String mode : List.of("Manual", "LetsEncrypt", "Reloading")) {
            var server = RelayFile.parse("relay.toml", "tls.cert_mode = \"%s\"".formatted(mode), true, Map.of())
                    .server();
            assertThat(server.tls()).isEmpty();
            assertThat(server.httpBindAddress().getPort()).isEqualTo(3340);
        }
    }

    @Test
    void forDevelopmentTheFilesAddressStillHolds() throws Exception {
        var server = RelayFile.parse("relay.toml", "http_bind_addr = \"127.0.0.1:0\"", true, Map.of())
                .server();
        assertThat(server.httpBindAddress()).isEqualTo(address("127.0.0.1", 0));
    }

    @Test
    void dangerousHttpOnlyLeavesTlsAsideButNotThePort() throws Exception {
        var server = parse("tls = { cert_mode = \"Manual\", dangerous_http_only = true }")
                .server();
        assertThat(server.tls()).isEmpty();
        assertThat(server.httpBindAddress()).isEqualTo(address("::", 80));
    }

    @Test
    void listenersOnPortZeroDoNotMeet() throws Exception {
        assertThat(parse("http_bind_addr = \"127.0.0.1:0\"\nmetrics_bind_addr = \"127.0.0.1:0\"")
                        .server()
                        .metricsBindAddress())
                .contains(address("127.0.0.1", 0));
    }

    @Test
    void anAllowlistAllowsWhomItNames() throws Exception {
        var file = parse("access.allowlist = [\"%s\", \"%s\"]".formatted(ID, base32(ID)));
        assertThat(file.whoMayUse()).isEqualTo("the 1 endpoint of access.allowlist");
        assertThat(decision(file, ID)).isEqualTo(AccessControl.Decision.allow());
        assertThat(decision(file, OTHER_ID)).isEqualTo(AccessControl.Decision.deny(Denial.NOT_LISTED));
    }

    @Test
    void aDenylistDeniesWhomItNames() throws Exception {
        var file = parse("access.denylist = [\"%s\"]".formatted(ID));
        assertThat(file.whoMayUse()).isEqualTo("all but the 1 endpoint of access.denylist");
        assertThat(decision(file, ID)).isEqualTo(AccessControl.Decision.deny(Denial.LISTED));
        assertThat(decision(file, OTHER_ID)).isEqualTo(AccessControl.Decision.allow());
    }

    @Test
    void anEmptyAllowlistLetsNobodyInAndSaysSo() throws Exception {
        var file = parse("\naccess.allowlist = []");
        assertThat(decision(file, ID)).isEqualTo(AccessControl.Decision.deny(Denial.NOT_LISTED));
        assertThat(file.notices())
                .containsExactly(
                        new Notice(Place.atLine(2), "access.allowlist", "is empty: nobody may use this relay"));
    }

    @Test
    void sharedTokensAllowWhoeverShowsOne() throws Exception {
        var file = parse("access.shared_token = [\"one\", \"two\"]");
        assertThat(file.whoMayUse()).isEqualTo("whoever shows one of the 2 tokens of access.shared_token");
        assertThat(decision(file, ID, "two")).isEqualTo(AccessControl.Decision.allow());
        assertThat(decision(file, ID, "three")).isEqualTo(AccessControl.Decision.deny(Denial.WRONG_TOKEN));
        assertThat(decision(file, ID)).isEqualTo(AccessControl.Decision.deny(Denial.NO_TOKEN));
        assertThat(parse("access.shared_token = [\"one\"]").whoMayUse())
                .isEqualTo("whoever shows the token of access.shared_token");
    }

    @Test
    void theEnvironmentsTokenReplacesTheWholeList() throws Exception {
        for (String variable : List.of("IROH_RELAY_ACCESS_TOKEN", "TEAHOUSE_ACCESS_SHARED_TOKEN")) {
            for (String list : List.of("[]", "[\"\"]", "[\"one\", \"two\"]")) {
                var file = parse("access.shared_token = " + list, Map.of(variable, "of the environment"));
                assertThat(file.whoMayUse()).isEqualTo("whoever shows the token of " + variable);
                assertThat(decision(file, ID, "of the environment")).isEqualTo(AccessControl.Decision.allow());
                assertThat(decision(file, ID, "two")).isEqualTo(AccessControl.Decision.deny(Denial.WRONG_TOKEN));
            }
        }
    }

    @Test
    void theEnvironmentsTokenCanBeInAFile() throws Exception {
        for (String ending : List.of("", "\n", "\r\n")) {
            Path token = Files.writeString(directory.resolve("token"), " of a file " + ending);
            var file = parse("access.shared_token = []", Map.of("TEAHOUSE_ACCESS_SHARED_TOKEN_FILE", token.toString()));
            assertThat(file.whoMayUse()).isEqualTo("whoever shows the token of TEAHOUSE_ACCESS_SHARED_TOKEN_FILE");
            assertThat(decision(file, ID, " of a file ")).isEqualTo(AccessControl.Decision.allow());
        }
    }

    @Test
    void theTokenOfIrohsVariableCountsOnlyForThatRule() throws Exception {
        var file = parse("access = \"everyone\"", Map.of("IROH_RELAY_ACCESS_TOKEN", "x"));
        assertThat(file.server()).isEqualTo(builtIn(false).server());
        assertThat(file.whoMayUse()).isEqualTo("everyone");
    }

    @Test
    void aServiceDecidesWhoComesIn() throws Exception {
        var requests = new ArrayList<String>();
        try (var service = service(requests)) {
            String url = "http://127.0.0.1:%d".formatted(service.address().getPort());
            var file = parse("""
                    [access.http]
                    url = "%s/may?x=y"
                    bearer_token = "of the file"
                    timeout_ms = 30000
                    cache_seconds = 3600
                    fail_open = true
                    max_concurrent = 1
                    send_client_ip = true
                    """.formatted(url));
            assertThat(file.whoMayUse()).isEqualTo("whoever %s lets in, and everyone while it fails".formatted(url));
            assertThat(decision(file, ID)).isEqualTo(AccessControl.Decision.allow());
            assertThat(decision(file, ID)).isEqualTo(AccessControl.Decision.allow());
            assertThat(decision(file, OTHER_ID)).isEqualTo(AccessControl.Decision.deny(Denial.SERVICE));
            assertThat(requests)
                    .containsExactly(
                            "/may?x=y of [Bearer of the file], for [127.0.0.1]",
                            "/may?x=y of [Bearer of the file], for [127.0.0.1]");
        }
    }

    @Test
    void theTokenForTheServiceCanComeFromTheEnvironment() throws Exception {
        var requests = new ArrayList<String>();
        Path secret = Files.writeString(directory.resolve("token"), "of the environment\n");
        try (var service = service(requests)) {
            String toml = "access.http.url = \"http://127.0.0.1:%d\""
                    .formatted(service.address().getPort());
            for (String token : List.of("", "\naccess.http.bearer_token = \"\"")) {
                for (var environment : List.of(
                        Map.of("IROH_RELAY_HTTP_BEARER_TOKEN", "of the environment"),
                        Map.of("TEAHOUSE_ACCESS_HTTP_BEARER_TOKEN", "of the environment"),
                        Map.of("TEAHOUSE_ACCESS_HTTP_BEARER_TOKEN_FILE", secret.toString()))) {
                    requests.clear();
                    var file = parse(toml + token, environment);
                    assertThat(decision(file, ID)).isEqualTo(AccessControl.Decision.allow());
                    assertThat(requests).containsExactly("/ of [Bearer of the environment], for null");
                }
            }
            requests.clear();
            decision(parse(toml), ID);
            assertThat(requests).containsExactly("/ of null, for null");
        }
    }

    /** A service that lets in one id and writes down what it was asked. */
    private static ClosingServer service(List<String> requests) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            var headers = exchange.getRequestHeaders();
            requests.add("%s of %s, for %s"
                    .formatted(
                            exchange.getRequestURI(),
                            headers.get("authorization"),
                            headers.get("x-teahouse-client-ip")));
            boolean isWelcome =
                    ID.equals(headers.getFirst("x-iroh-endpoint-id")) && ID.equals(headers.getFirst("x-iroh-nodeid"));
            byte[] body = Boolean.toString(isWelcome).getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return new ClosingServer(server);
    }

    /** A server that ends with its test. */
    private record ClosingServer(HttpServer server) implements AutoCloseable {
        InetSocketAddress address() {
            return server.getAddress();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    @Test
    void keysThatDoNothingAreAcceptedAndNamed() throws Exception {
        Files.createFile(directory.resolve("default.crt"));
        Files.createFile(directory.resolve("default.key"));
        var file = parse("""
                enable_quic_addr_discovery = false
                [tls]
                cert_mode = "Manual"
                cert_dir = "%s"
                quic_bind_addr = "[::]:7842"
                hostname = ["relay.example"]
                prod_tls = true
                contact = "me@relay.example"
                """.formatted(directory));
        assertThat(file.notices())
                .containsExactly(
                        new Notice(
                                Place.atLine(5),
                                "tls.quic_bind_addr",
                                "has no effect while enable_quic_addr_discovery is false"),
                        new Notice(Place.atLine(6), "tls.hostname", "has no effect with cert_mode = \"Manual\""),
                        new Notice(Place.atLine(7), "tls.prod_tls", "has no effect with cert_mode = \"Manual\""),
                        new Notice(Place.atLine(8), "tls.contact", "has no effect with cert_mode = \"Manual\""));
    }

    @Test
    void whereThereIsTlsThereIsAddressDiscovery() throws Exception {
        Files.createFile(directory.resolve("default.crt"));
        Files.createFile(directory.resolve("default.key"));
        var discovery =
                parse("""
                limits.max_connections_per_address = 9
                limits.quic.max_connections = 7
                limits.quic.retry_from_handshakes = 0
                [tls]
                https_bind_addr = "10.1.2.3:8443"
                cert_mode = "Manual"
                cert_dir = "%s"
                """.formatted(directory)).server().addressDiscovery().orElseThrow();

        assertThat(discovery.bindAddress()).isEqualTo(address("10.1.2.3", 7842));
        assertThat(discovery.limits().connections()).isEqualTo(7);
        assertThat(discovery.limits().connectionsPerAddress()).isEqualTo(9);
        assertThat(discovery.limits().retryFrom()).isZero();
    }

    private static RelayFile builtIn(boolean dev) throws ConfigException {
        return RelayFile.read(Optional.empty(), dev, Map.of());
    }

    private static RelayFile parse(String toml) throws ConfigException {
        return parse(toml, Map.of());
    }

    private static RelayFile parse(String toml, Map<String, String> environment) throws ConfigException {
        return RelayFile.parse("relay.toml", toml, false, environment);
    }

    private static AccessControl.Decision decision(RelayFile file, String id) throws Exception {
        return decision(file, id, Optional.empty());
    }

    private static AccessControl.Decision decision(RelayFile file, String id, String token) throws Exception {
        return decision(file, id, Optional.of(token));
    }

    private static AccessControl.Decision decision(RelayFile file, String id, Optional<String> token) throws Exception {
        return file.server()
                .access()
                .onConnect(new ConnectRequest(
                        1,
                        EndpointId.parse(id),
                        ProtocolVersion.V2,
                        "/relay",
                        List.of(),
                        List.of(),
                        token,
                        address("127.0.0.1", 1)));
    }

    private static String base32(String hexId) throws Exception {
        return io.teahouse.core.bytes.Base32.RFC4648.encode(
                EndpointId.parse(hexId).toBytes());
    }

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }

    @Test
    void aTokenInTheEnvironmentThatHasNoEffectIsNamed() throws Exception {
        var file = parse("enable_metrics = false", Map.of("IROH_RELAY_ACCESS_TOKEN", "hunter2"));
        assertThat(file.whoMayUse()).isEqualTo("everyone");
        assertThat(file.notices())
                .containsExactly(new Notice(
                        Place.ofVariable("IROH_RELAY_ACCESS_TOKEN"),
                        "access.shared_token",
                        "has no effect without access.shared_token; TEAHOUSE_ACCESS_SHARED_TOKEN would have"));
    }
}
