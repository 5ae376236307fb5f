package io.teahouse.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.ClientHello;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.HandshakeCodec;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ClientTicket;
import io.teahouse.tls.resumption.TicketKeys;
import io.teahouse.tls.schedule.CipherSuite;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our machines meet OpenSSL's s_server and s_client over TCP; skipped where there is no OpenSSL 3. */
class OpenSslMeetingTest {
    private static final Opaque PROTOCOL = Opaque.ofUtf8("teahouse/1");

    /** For everything: on a busy machine it takes some tenths of a second to start a process. */
    private static final int DEADLINE_MILLIS = 30_000;

    @TempDir
    private Path folder;

    private TestCertificates.Chain chain;
    private Instant now;

    @BeforeEach
    void setUp() throws Exception {
        requireOpenSsl();
        now = Instant.now();
        writeCertificate("P-256");
    }

    private static void requireOpenSsl() throws Exception {
        try {
            var version = new ProcessBuilder("openssl", "version")
                    .redirectErrorStream(true)
                    .start();
            String text = new String(version.getInputStream().readAllBytes(), UTF_8);
            if (!text.startsWith("OpenSSL 3")) {
                abort("%s (expected: OpenSSL 3); OpenSSL is not met".formatted(text.strip()));
            }
        } catch (IOException e) {
            abort("no openssl on the PATH; OpenSSL is not met");
        }
    }

    private void writeCertificate(String kindOfKey) throws Exception {
        var pair = TestCertificates.key(kindOfKey);
        var certificate = new TestCertificates.Request("localhost", pair)
                .names("localhost")
                .between(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(1)))
                .by("localhost", pair);
        chain = new TestCertificates.Chain(List.of(certificate), pair.getPrivate());
        Files.writeString(folder.resolve("certificate.pem"), pem("CERTIFICATE", certificate.getEncoded()));
        Files.writeString(
                folder.resolve("key.pem"), pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(label, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), label);
    }

    private Process openssl(String command, String... arguments) throws IOException {
        var all = new ArrayList<>(List.of("openssl", command, "-tls1_3", "-alpn", "teahouse/1"));
        all.addAll(List.of(arguments));
        return new ProcessBuilder(all)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
    }

    // Their server.

    /** Runs {@code s_server}, which sends lines back in reverse, for as many conversations as there are. */
    private Process server(String... options) throws IOException {
        var all = new ArrayList<>(List.of("-rev"));
        all.addAll(List.of(options));
        return plainServer(all.toArray(String[]::new));
    }

    private Process plainServer(String... options) throws IOException {
        var all = new ArrayList<>(List.of("-accept", "127.0.0.1:0", "-cert", "certificate.pem", "-key", "key.pem"));
        all.addAll(List.of(options));
        return openssl("s_server", all.toArray(String[]::new));
    }

    private static int port(Process server) throws IOException {
        var text = new StringBuilder();
        for (int each = server.getInputStream().read();
                each >= 0;
                each = server.getInputStream().read()) {
            text.append((char) each);
            if (each == '\n' && text.toString().contains("ACCEPT ")) {
                return Integer.parseInt(
                        text.substring(text.lastIndexOf(":") + 1).strip());
            }
        }
        throw new AssertionError("s_server ended: " + text);
    }

    private ClientConfig.Builder client() {
        X509Certificate anchor = chain.certificates().getFirst();
        return ClientConfig.builder(
                        PeerVerifier.certified(Set.of(new TrustAnchor(anchor, null)), "localhost"), List.of(PROTOCOL))
                .withoutQuic();
    }

    private TlsRecords visit(int port, ClientConfig config, Optional<ClientTicket> ticket) throws Exception {
        return visit(port, config, ticket, Optional.empty());
    }

    /** With a process, it is told what to answer when hands are shaken. */
    private TlsRecords visit(int port, ClientConfig config, Optional<ClientTicket> ticket, Optional<Process> answers)
            throws Exception {
        var machine = new ClientHandshake(config, Opaque.EMPTY, new SecureRandom());
        machine.start(ticket, now);
        var ours = new TlsRecords(machine);
        ours.pump();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(DEADLINE_MILLIS);
            while (!machine.isComplete()) {
                step(ours, socket);
            }
            ours.send("from us\n".getBytes(UTF_8));
            if (answers.isPresent()) {
                answers.get().outputWriter(UTF_8).append("su morf\n").flush();
            }
            while (!ours.received.toString(UTF_8).contains("su morf")) {
                step(ours, socket);
            }
        }
        return ours;
    }

    private void step(TlsRecords ours, Socket socket) throws Exception {
        socket.getOutputStream().write(ours.takeOutput());
        var bytes = new byte[1 << 14];
        int length = socket.getInputStream().read(bytes);
        assertThat(length).as("bytes read; alert %s", ours.alert).isPositive();
        ours.handleBytes(Arrays.copyOf(bytes, length), now);
        socket.getOutputStream().write(ours.takeOutput());
    }

    @ParameterizedTest
    @EnumSource
    void ourClientMeetsTheirServerAndComesBack(CipherSuite suite) throws Exception {
        try (var server = new Closing(server("-ciphersuites", "TLS_" + suite.name()))) {
            int port = port(server.process());
            var first = visit(port, client().build(), Optional.empty());
            assertThat(first.summary().suite()).isEqualTo(suite);
            var second = visit(port, client().build(), Optional.of(ticket(first)));
            assertThat(second.summary().resumed()).isTrue();
        }
    }

    private static ClientTicket ticket(TlsRecords ours) {
        return ours.outputs.stream()
                .filter(HandshakeOutput.TicketReceived.class::isInstance)
                .map(output -> ((HandshakeOutput.TicketReceived) output).ticket())
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"P-384", "RSA", "Ed25519"})
    void ourClientTakesTheirCertificates(String kindOfKey) throws Exception {
        writeCertificate(kindOfKey);
        try (var server = new Closing(server())) {
            visit(port(server.process()), client().build(), Optional.empty());
        }
    }

    @Test
    void ourClientIsAskedForAnotherGroupAlsoWhenItComesBack() throws Exception {
        try (var server = new Closing(server("-groups", "P-384"))) {
            int port = port(server.process());
            var first = visit(port, client().build(), Optional.empty());
            assertThat(first.summary().group()).isEqualTo(NamedGroup.SECP384R1);
            var second = visit(port, client().build(), Optional.of(ticket(first)));
            assertThat(second.summary().resumed()).isTrue();
            assertThat(second.summary().group()).isEqualTo(NamedGroup.SECP384R1);
        }
    }

    /** A server that keeps no state before it has seen its cookie again. */
    @Test
    void ourClientGivesACookieBack() throws Exception {
        try (var server = new Closing(plainServer("-stateless"))) {
            // Here it does not send lines back, but those of its own input.
            var ours = visit(port(server.process()), client().build(), Optional.empty(), Optional.of(server.process()));
            var second = hellos(ours).get(1);
            assertThat(second).anyMatch(Extension.Cookie.class::isInstance);
        }
    }

    private static List<List<Extension>> hellos(TlsRecords ours) throws Exception {
        var hellos = new ArrayList<List<Extension>>();
        for (HandshakeOutput output : ours.outputs) {
            if (output instanceof HandshakeOutput.Send send
                    && HandshakeCodec.decode(send.bytes()) instanceof ClientHello hello) {
                hellos.add(hello.extensions().all());
            }
        }
        return hellos;
    }

    // Their client.

    private ServerConfig.Builder ourServer() {
        return ServerConfig.builder(Credential.of(chain.certificates(), chain.key()), List.of(PROTOCOL))
                .withoutQuic();
    }

    private TlsRecords receive(ServerConfig config, String... options) throws Exception {
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listener.setSoTimeout(DEADLINE_MILLIS);
            var all = new ArrayList<>(List.of("-connect", "127.0.0.1:" + listener.getLocalPort()));
            all.addAll(List.of("-servername", "localhost", "-CAfile", "certificate.pem", "-verify_return_error"));
            all.addAll(List.of("-ign_eof"));
            all.addAll(List.of(options));
            var ours = new TlsRecords(new ServerHandshake(config, Opaque.EMPTY, new SecureRandom()));
            try (var client = new Closing(openssl("s_client", all.toArray(String[]::new)));
                    var socket = listener.accept()) {
                socket.setSoTimeout(DEADLINE_MILLIS);
                while (!ours.machine.isComplete()) {
                    step(ours, socket);
                }
                client.process().outputWriter(UTF_8).append("from them\n").flush();
                while (!ours.received.toString(UTF_8).contains("from them")) {
                    step(ours, socket);
                }
                ours.send("from us\n".getBytes(UTF_8));
                socket.getOutputStream().write(ours.takeOutput());
                var heard = client.process().inputReader(UTF_8);
                for (String line = heard.readLine(); !"from us".equals(line); line = heard.readLine()) {
                    assertThat(line).as("output of s_client").isNotNull();
                }
            }
            return ours;
        }
    }

    @ParameterizedTest
    @EnumSource
    void theirClientMeetsOurServerAndComesBack(CipherSuite suite) throws Exception {
        var config = ourServer()
                .suites(suite)
                .tickets(new TicketKeys(TicketKeys.DEFAULT_LIFETIME), 2)
                .build();

        var first = receive(config, "-sess_out", "session.pem");
        assertThat(first.summary().suite()).isEqualTo(suite);
        var second = receive(config, "-sess_in", "session.pem");

        assertThat(second.summary().resumed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"P-384", "RSA", "Ed25519"})
    void theirClientTakesOurCertificates(String kindOfKey) throws Exception {
        writeCertificate(kindOfKey);

        receive(ourServer().build());
    }

    @Test
    void theirClientIsAskedForAnotherGroupAlsoWhenItComesBack() throws Exception {
        var config = ourServer()
                .groups(NamedGroup.SECP384R1)
                .tickets(new TicketKeys(TicketKeys.DEFAULT_LIFETIME), 2)
                .build();

        var first = receive(config, "-groups", "X25519:P-384", "-sess_out", "session.pem");
        assertThat(first.summary().group()).isEqualTo(NamedGroup.SECP384R1);
        var second = receive(config, "-groups", "X25519:P-384", "-sess_in", "session.pem");

        assertThat(second.summary().resumed()).isTrue();
        assertThat(second.summary().group()).isEqualTo(NamedGroup.SECP384R1);
    }

    /** A process that ends with its test. */
    private record Closing(Process process) implements AutoCloseable {
        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }
}
