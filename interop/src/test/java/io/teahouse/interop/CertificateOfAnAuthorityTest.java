package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.relay.server.CertificateSource.Acme;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.RelayServerConfig.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gets certificates from a real ACME server, over the listeners of a relay that serves (iroh relay server spec, section 3.1). */
class CertificateOfAnAuthorityTest {
    private static final InetSocketAddress LOOPBACK = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final List<String> NAMES = List.of("localhost", "relay.teahouse.test");
    private static final Duration A_SEASON = Duration.ofDays(90);

    /** None is listening there. */
    private static final int NOWHERE = 1;

    @TempDir
    private Path directory;

    private Pebble pebble;

    @BeforeAll
    static void skipUnlessThereIsAnAuthority() throws IOException {
        Pebble.skipUnlessInstalled();
    }

    @BeforeEach
    void prepare() {
        pebble = new Pebble(directory);
    }

    @AfterEach
    void end() {
        pebble.close();
    }

    @Test
    void anAuthorityIssuesRenewsAndRevokesWhileRealEndpointsStayConnected() throws Exception {
        try (var relay = relay().start()) {
            var tls = relay.httpsAddress().orElseThrow();
            pebble.start(new Pebble.Wish(NOWHERE, tls.getPort(), Duration.ofSeconds(45)));
            var first = ShownCertificate.await(tls, "a certificate", _ -> true);
            var issuer = pebble.writeIssuer(directory.resolve("issuer.pem"));
            var url = URI.create("https://localhost:%d/".formatted(tls.getPort()));

            try (var listener = PeerProcess.listen(Peer.PYTHON, url, issuer, "--relay-only", "--timeout", "240")
                            .awaitOnline();
                    var dialler = PeerProcess.connect(
                            Peer.PYTHON,
                            url,
                            issuer,
                            listener.id(),
                            "--relay-only",
                            "--timeout",
                            "240",
                            "--hold",
                            "200",
                            "--hold-interval",
                            "0.05")) {
                dialler.await("hold");

                var renewed = ShownCertificate.await(tls, "a renewed certificate", shown -> !shown.equals(first));
                expectNextEcho(listener, dialler);
                assertThat(Instant.now()).isBefore(first.getNotAfter().toInstant());

                AcmeAccount.of(directory.resolve("cache"), pebble).revoke(renewed);
                assertThat(pebble.statusOf(renewed)).contains("Revoked");
                assertThat(relay.reloadCertificate()).isFalse();

                var replaced = ShownCertificate.await(tls, "another certificate", shown -> !shown.equals(renewed));
                assertThat(pebble.statusOf(replaced)).contains("Valid");
                // By itself it would have been replaced when two thirds of its life are over.
                assertThat(Instant.now())
                        .isBefore(renewed.getNotBefore().toInstant().plusSeconds(25));
                expectNextEcho(listener, dialler);
                assertThat(relay.connectedEndpoints()).isEqualTo(2);
                dialler.leave();
            }
        }
    }

    /** That all of them went the same way since. */
    private static void expectNextEcho(PeerProcess listener, PeerProcess dialler) throws Exception {
        int before = dialler.events("hold").getLast().number("n");
        var echo = dialler.await("hold", event -> event.number("n") > before + 20);
        assertThat(echo.text("path")).isEqualTo("relay");
        assertThat(listener.events("connected")).hasSize(1);
        assertThat(dialler.events("connected")).hasSize(1);
    }

    @Test
    void untilThereIsACertificateClientsAreRefusedAndTheRelayIsNotReady() throws Exception {
        try (var relay = relay().start()) {
            var tls = relay.httpsAddress().orElseThrow();
            assertThatThrownBy(() -> ShownCertificate.at(tls))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("access_denied");
            assertThat(get(relay.metricsAddress().orElseThrow(), "/readyz").statusCode())
                    .isEqualTo(503);
            assertThat(get(relay.metricsAddress().orElseThrow(), "/healthz").statusCode())
                    .isEqualTo(200);
            assertThat(get(relay.httpAddress(), "/generate_204").statusCode()).isEqualTo(204);
            while (figure(relay, "renewals_failed_total") == 0) {
                Thread.onSpinWait();
            }
            assertThat(get(relay.metricsAddress().orElseThrow(), "/readyz").body())
                    .isEqualTo(
                            "no certificate yet: localhost:%d is not reached: it takes no connection; see that this machine may connect to it\n"
                                    .formatted(pebble.url().getPort()));

            pebble.start(new Pebble.Wish(NOWHERE, tls.getPort(), A_SEASON));

            var shown = ShownCertificate.await(tls, "a certificate", _ -> true);
            assertThat(names(shown)).containsExactlyInAnyOrderElementsOf(NAMES);
            assertThat(shown.getPublicKey().getAlgorithm()).isEqualTo("EC");
            assertThat(get(relay.metricsAddress().orElseThrow(), "/readyz").body())
                    .isEqualTo("ready\n");
            while (figure(relay, "renewals_total") == 0) {
                Thread.onSpinWait();
            }
            assertThat(figure(relay, "not_after_seconds"))
                    .isEqualTo(shown.getNotAfter().toInstant().getEpochSecond());
        }
    }

    @Test
    void namesAreProvedOverHttpWhereTheTlsPortIsNotReached() throws Exception {
        try (var relay = relay().start()) {
            pebble.start(new Pebble.Wish(relay.httpAddress().getPort(), NOWHERE, A_SEASON));

            var shown = ShownCertificate.await(relay.httpsAddress().orElseThrow(), "a certificate", _ -> true);

            assertThat(names(shown)).containsExactlyInAnyOrderElementsOf(NAMES);
            assertThat(figure(relay, "renewals_failed_total")).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void aNameThatCannotBeProvedIsNamedWithWhatToDo() throws Exception {
        try (var relay = relay().start()) {
            pebble.start(new Pebble.Wish(NOWHERE, NOWHERE, A_SEASON));
            var metrics = relay.metricsAddress().orElseThrow();

            String reason;
            do {
                reason = get(metrics, "/readyz").body();
                Thread.onSpinWait();
            } while (!reason.contains("could not validate"));

            assertThat(reason)
                    .contains(" could not validate localhost by tls-alpn-01 (port 443): ")
                    .contains(", http-01 (port 80): ")
                    .contains("relay.teahouse.test by tls-alpn-01 (port 443): ")
                    .endsWith("; port 443 or port 80 of the name has to reach this relay from outside\n");
        }
    }

    @Test
    void theNextRelayTakesUpWhatTheLastOneLeft() throws Exception {
        X509Certificate first;
        try (var relay = relay().start()) {
            var tls = relay.httpsAddress().orElseThrow();
            pebble.start(new Pebble.Wish(NOWHERE, tls.getPort(), A_SEASON));
            first = ShownCertificate.await(tls, "a certificate", _ -> true);
        }
        try (var files = Files.list(directory.resolve("cache"))) {
            assertThat(files.sorted().map(file -> file.getFileName().toString()).toList())
                    .hasSize(2)
                    .satisfies(names -> assertThat(names.getFirst()).startsWith("cached_account_"))
                    .satisfies(names -> assertThat(names.getLast()).startsWith("cached_cert_"));
        }
        for (var file : AcmeAccount.cached(directory.resolve("cache"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }

        try (var relay = relay().start()) {
            assertThat(relay.whyNotReady()).isEmpty();
            assertThat(ShownCertificate.at(relay.httpsAddress().orElseThrow())).isEqualTo(first);
        }
    }

    @Test
    void aCertificateThatTheOperatorDeletesIsReplacedOnRequest() throws Exception {
        try (var relay = relay().start()) {
            var tls = relay.httpsAddress().orElseThrow();
            pebble.start(new Pebble.Wish(NOWHERE, tls.getPort(), A_SEASON));
            var first = ShownCertificate.await(tls, "a certificate", _ -> true);

            Files.delete(AcmeAccount.cached(directory.resolve("cache")).getLast());
            assertThat(relay.reloadCertificate()).isFalse();

            ShownCertificate.await(tls, "another certificate", shown -> !shown.equals(first));
        }
    }

    private RelayServerConfig.Builder relay() throws IOException {
        var source =
                new Acme(NAMES, "ops@teahouse.test", pebble.url(), directory.resolve("cache"), List.of(pebble.root()));
        return RelayServer.builder().http(LOOPBACK).metrics(LOOPBACK).tls(new Tls(LOOPBACK, source));
    }

    private static List<String> names(X509Certificate certificate) throws Exception {
        return certificate.getSubjectAlternativeNames().stream()
                .map(name -> String.valueOf(name.get(1)))
                .toList();
    }

    private static HttpResponse<String> get(InetSocketAddress address, String path) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(address.getPort(), path)))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static long figure(RelayServer relay, String end) throws Exception {
        var page = get(relay.metricsAddress().orElseThrow(), "/metrics").body();
        var line = page.lines()
                .filter(found -> found.startsWith("relayserver_tls_certificate_" + end + " "))
                .collect(Collectors.joining());
        return (long) Double.parseDouble(line.substring(line.indexOf(' ')));
    }
}
