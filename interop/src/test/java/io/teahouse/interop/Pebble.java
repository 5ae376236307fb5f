package io.teahouse.interop;

import static org.junit.jupiter.api.Assumptions.abort;

import com.google.gson.Gson;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Pebble, an ACME server that is strict on purpose, with a DNS server for which every name is this machine. Its ports are known
 * before it starts. Forgets all when it ends.
 */
final class Pebble implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(20);

    private final Path directory;
    private final Path bin = bin();
    private final TestCertificateAuthority itsOwn = TestCertificateAuthority.create();
    private final int port = FreePort.find();
    private final int managementPort = FreePort.find();
    private Optional<Program> names = Optional.empty();
    private Optional<Program> server = Optional.empty();

    /** What a test may want of it. */
    record Wish(int httpPort, int tlsPort, Duration validity) {}

    /**
     * Prepares one.
     *
     * @param directory for what it needs
     */
    Pebble(Path directory) {
        this.directory = directory;
    }

    /** Skips the tests of the caller where the program is not wanted or not there. */
    static void skipUnlessInstalled() throws IOException {
        if ("none".equals(System.getenv("TEAHOUSE_PEERS"))) {
            abort("SKIPPED. Meets an ACME server, and this run is to do without: TEAHOUSE_PEERS=none");
        }
        if (!Files.exists(bin().resolve("installed"))) {
            String missing =
                    "MISSING: the ACME server that this test meets. Run interop/peers/install-pebble (needs go), or"
                            + " ./check, which does it.";
            System.err.println("SKIPPED. " + missing);
            abort(missing);
        }
    }

    private static Path bin() {
        return PeerPackages.projectRoot().resolve(".peers/go");
    }

    URI url() {
        return URI.create("https://localhost:%d/dir".formatted(port));
    }

    /**
     * {@return the file of whom to trust as its web server}
     */
    Path rootFile() throws IOException {
        return itsOwn.writeCertificate(directory.resolve("pebble-web.pem"));
    }

    /**
     * {@return whom to trust as its web server}
     */
    X509Certificate root() throws IOException {
        return parse(Files.readString(rootFile()));
    }

    /**
     * Starts it.
     *
     * @param wish where the relay is that it is to look at, and how long certificates are to be valid
     */
    Pebble start(Wish wish) throws IOException, InterruptedException {
        var web = itsOwn.issue(directory, "localhost", "127.0.0.1");
        var config = Map.of(
                "pebble",
                Map.of(
                        "listenAddress", "127.0.0.1:" + port,
                        "managementListenAddress", "127.0.0.1:" + managementPort,
                        "certificate", web.chain().toString(),
                        "privateKey", web.privateKey().toString(),
                        "httpPort", wish.httpPort(),
                        "tlsPort", wish.tlsPort(),
                        "keyAlgorithm", "ecdsa",
                        "retryAfter", Map.of("authz", 1, "order", 1),
                        "profiles",
                                Map.of(
                                        "default",
                                        Map.of(
                                                "description",
                                                "as long as the test wants",
                                                "validityPeriod",
                                                wish.validity().toSeconds()))));
        var file = Files.writeString(directory.resolve("pebble.json"), new Gson().toJson(config));
        int namePort = FreePort.find();
        names = Optional.of(Program.start(
                "names of Pebble",
                new ProcessBuilder(
                        bin.resolve("pebble-challtestsrv").toString(),
                        "-dnsserver",
                        "127.0.0.1:" + namePort,
                        "-management",
                        "127.0.0.1:" + FreePort.find(),
                        "-defaultIPv4",
                        "127.0.0.1",
                        "-defaultIPv6",
                        "",
                        "-http01",
                        "",
                        "-https01",
                        "",
                        "-doh",
                        "",
                        "-tlsalpn01",
                        "")));
        awaitListening(namePort);
        var builder = new ProcessBuilder(
                bin.resolve("pebble").toString(),
                "-config",
                file.toString(),
                "-strict",
                "-dnsserver",
                "127.0.0.1:" + namePort);
        builder.environment().put("PEBBLE_VA_NOSLEEP", "1");
        builder.environment().put("PEBBLE_AUTHZREUSE", "0");
        builder.environment().put("PEBBLE_WFE_NONCEREJECT", "20");
        server = Optional.of(Program.start("Pebble", builder));
        program()
                .await(
                        "its directory",
                        line -> line.contains("ACME directory available") ? Optional.of(line) : Optional.empty());
        return this;
    }

    Program program() {
        return server.orElseThrow();
    }

    /**
     * {@return the root of the certificates that it issues}
     */
    Path writeIssuer(Path file) throws IOException, InterruptedException {
        return Files.writeString(file, ask("/roots/0"));
    }

    /**
     * {@return what it knows of a certificate: valid or revoked}
     *
     * @param certificate one that it issued
     */
    String statusOf(X509Certificate certificate) throws IOException, InterruptedException {
        return ask("/cert-status-by-serial/" + certificate.getSerialNumber().toString(16));
    }

    /**
     * {@return what clients of its web server need}
     */
    SSLContext clientContext() {
        return itsOwn.clientContext();
    }

    private String ask(String path) throws IOException, InterruptedException {
        try (var http =
                HttpClient.newBuilder().sslContext(itsOwn.clientContext()).build()) {
            var request = HttpRequest.newBuilder(URI.create("https://localhost:%d%s".formatted(managementPort, path)))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    private static X509Certificate parse(String pem) throws IOException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
        } catch (CertificateException e) {
            throw new IOException(e);
        }
    }

    /** It does not say when it listens. */
    private static void awaitListening(int port) throws InterruptedException {
        long deadline = System.nanoTime() + Program.DEADLINE.toNanos();
        while (true) {
            try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("nobody listens at " + port, e);
                }
                Thread.sleep(POLL);
            }
        }
    }

    /** Ends it. */
    @Override
    public void close() {
        List.of(server, names).forEach(program -> program.ifPresent(Program::close));
    }
}
