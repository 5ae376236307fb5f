package io.teahouse.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.ClientHandshake;
import io.teahouse.tls.EncryptionLevel;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.HandshakeOutput;
import io.teahouse.tls.HandshakeSummary;
import io.teahouse.tls.ServerConfig;
import io.teahouse.tls.ServerHandshake;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.certificate.RawPublicKey;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.resumption.ClientTicket;
import io.teahouse.tls.resumption.ReplayGuard;
import io.teahouse.tls.resumption.TicketKeys;
import io.teahouse.tls.schedule.KeyLog;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Our TLS for QUIC meets rustls, which iroh's endpoints use, set up as they set it up. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class RustlsTest {
    private static final String PROTOCOL = "teahouse/interop/1";
    private static final List<Opaque> PROTOCOLS = List.of(Opaque.ofUtf8(PROTOCOL));
    private static final Opaque OUR_PARAMETERS = Opaque.ofUtf8("parameters of ours");
    private static final Opaque THEIR_PARAMETERS = Opaque.ofUtf8("parameters of rustls");

    /** The keys that the peer has in either role; ours is the other one. */
    private static final SecretKey CLIENT_KEY = key(1);

    private static final SecretKey SERVER_KEY = key(2);

    private final SecureRandom random = new SecureRandom();
    private final Instant now = Instant.now();
    private final List<String> ourSecrets = new ArrayList<>();
    private final KeyLog keyLog =
            (label, clientRandom, secret) -> ourSecrets.add("secret %s %s".formatted(label, secret));

    private static SecretKey key(int seed) {
        var bytes = new byte[SecretKey.LENGTH];
        Arrays.fill(bytes, (byte) seed);
        return SecretKey.fromBytes(bytes);
    }

    /** A process of {@code interop/peers/rustls}, whose first lines say what the frames are. */
    private static final class Peer implements AutoCloseable {
        private final Process process;
        private final DataInputStream in;
        private final DataOutputStream out;
        private final List<String> lines = new ArrayList<>();

        Peer(String... arguments) throws IOException {
            var program = PeerPackages.root().resolve(".peers/rustls-peer");
            if (!Files.isExecutable(program)) {
                String missing =
                        "MISSING: a peer with rustls. interop/peers/install builds it if there is a cargo (Rust)";
                System.err.println("SKIPPED. " + missing);
                abort(missing);
            }
            var command = new ArrayList<>(List.of(program.toString()));
            command.addAll(List.of(arguments));
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            in = new DataInputStream(process.getInputStream());
            out = new DataOutputStream(process.getOutputStream());
        }

        void send(int kind, byte[] contents) throws IOException {
            out.writeByte(kind);
            out.writeInt(contents.length);
            out.write(contents);
            out.flush();
        }

        /** Its handshake bytes until it waits for ours; what it tells goes to the lines. */
        List<HandshakeOutput.Send> turn() throws IOException {
            var said = new ArrayList<HandshakeOutput.Send>();
            while (true) {
                int kind = in.readUnsignedByte();
                byte[] contents = in.readNBytes(in.readInt());
                switch (kind) {
                    case '.' -> {
                        return said;
                    }
                    case 't' -> lines.add(new String(contents, UTF_8));
                    default -> said.add(new HandshakeOutput.Send(level(kind), contents));
                }
            }
        }

        static int kind(EncryptionLevel level) {
            return switch (level) {
                case INITIAL -> 0;
                case HANDSHAKE -> 2;
                case ONE_RTT -> 3;
                case ZERO_RTT -> throw new IllegalArgumentException("level: ZERO_RTT (expected: another one)");
            };
        }

        private static EncryptionLevel level(int kind) {
            return switch (kind) {
                case 0 -> EncryptionLevel.INITIAL;
                case 2 -> EncryptionLevel.HANDSHAKE;
                case 3 -> EncryptionLevel.ONE_RTT;
                default -> throw new AssertionError("frame of kind " + kind);
            };
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }

    /** Carries bytes to and fro until neither side has any; the peer begins its turn. */
    private List<HandshakeOutput> converse(Handshake ours, Peer peer) throws IOException, TlsException {
        var outputs = new ArrayList<HandshakeOutput>();
        var said = peer.turn();
        while (true) {
            for (var send : said) {
                ours.handleBytes(send.level(), send.bytes(), now);
            }
            said = new ArrayList<>();
            boolean isQuiet = true;
            for (var output = ours.pollOutput(); output.isPresent(); output = ours.pollOutput()) {
                outputs.add(output.get());
                if (output.get() instanceof HandshakeOutput.Send(var level, var bytes)) {
                    peer.send(Peer.kind(level), bytes);
                    said.addAll(peer.turn());
                    isQuiet = false;
                }
            }
            if (isQuiet) {
                return outputs;
            }
        }
    }

    private static HandshakeSummary summary(List<HandshakeOutput> outputs, Peer peer) {
        return outputs.stream()
                .filter(HandshakeOutput.Completed.class::isInstance)
                .map(output -> ((HandshakeOutput.Completed) output).summary())
                .findFirst()
                .orElseThrow(() -> new AssertionError("not complete: " + peer.lines));
    }

    /** Both sides have found the same. */
    private void assertAgreement(
            List<HandshakeOutput> outputs, Peer peer, EndpointId own, EndpointId other, boolean comesBack) {
        var summary = summary(outputs, peer);
        assertThat(summary.peer()).isEqualTo(new PeerIdentity.Endpoint(other));
        assertThat(summary.resumed()).isEqualTo(comesBack);
        assertThat(summary.earlyDataAccepted()).isEqualTo(comesBack);
        assertThat(outputs).contains(new HandshakeOutput.PeerTransportParameters(THEIR_PARAMETERS));
        var hex = HexFormat.of();
        assertThat(peer.lines)
                .contains("peer " + hex.formatHex(RawPublicKey.encode(own).toArray()))
                .contains("parameters " + hex.formatHex(OUR_PARAMETERS.toArray()))
                .contains("resumed " + comesBack)
                .contains("early " + comesBack);
        assertThat(peer.lines.stream().filter(line -> line.startsWith("secret ")))
                .hasSize(comesBack ? 6 : 5)
                .containsExactlyInAnyOrderElementsOf(ourSecrets);
        peer.lines.clear();
        ourSecrets.clear();
    }

    private ClientHandshake client(EndpointId server, Optional<ClientTicket> ticket) {
        var config = ClientConfig.builder(PeerVerifier.endpoint(server), PROTOCOLS)
                .credential(Credential.of(CLIENT_KEY))
                .keyLog(keyLog)
                .build();
        var client = new ClientHandshake(config, OUR_PARAMETERS, random);
        client.start(ticket, now);
        return client;
    }

    private ServerConfig.Builder server() {
        return ServerConfig.builder(Credential.of(SERVER_KEY), PROTOCOLS)
                .verifier(PeerVerifier.anyEndpoint())
                .keyLog(keyLog);
    }

    @Test
    void ourClientComesBackToRustlsWithEarlyData() throws Exception {
        try (var peer = new Peer("server", PROTOCOL)) {
            Optional<ClientTicket> ticket = Optional.empty();
            for (int visit = 0; visit < 3; visit++) {
                if (visit > 0) {
                    peer.send('n', new byte[0]);
                }
                var outputs = converse(client(SERVER_KEY.endpointId(), ticket), peer);

                assertAgreement(outputs, peer, CLIENT_KEY.endpointId(), SERVER_KEY.endpointId(), visit > 0);
                var tickets = outputs.stream()
                        .filter(HandshakeOutput.TicketReceived.class::isInstance)
                        .map(output -> ((HandshakeOutput.TicketReceived) output).ticket())
                        .toList();
                assertThat(tickets).hasSize(2);
                assertThat(tickets.getFirst().terms().lifetime()).isEqualTo(Duration.ofDays(1));
                ticket = Optional.of(tickets.getFirst());
            }
        }
    }

    @Test
    void rustlsComesBackToOurServerWithEarlyData() throws Exception {
        var config = server().tickets(new TicketKeys(TicketKeys.DEFAULT_LIFETIME), 2)
                .earlyData(new ReplayGuard(), Opaque.EMPTY)
                .build();
        try (var peer = new Peer("client", PROTOCOL)) {
            for (int visit = 0; visit < 3; visit++) {
                if (visit > 0) {
                    peer.send('n', new byte[0]);
                }
                var outputs = converse(new ServerHandshake(config, OUR_PARAMETERS, random), peer);

                assertAgreement(outputs, peer, SERVER_KEY.endpointId(), CLIENT_KEY.endpointId(), visit > 0);
            }
        }
    }

    @Test
    void rustlsAsksForAnotherGroup() throws Exception {
        try (var peer = new Peer("server", PROTOCOL, "p384")) {
            var outputs = converse(client(SERVER_KEY.endpointId(), Optional.empty()), peer);

            assertThat(summary(outputs, peer).group()).isEqualTo(NamedGroup.SECP384R1);
            assertAgreement(outputs, peer, CLIENT_KEY.endpointId(), SERVER_KEY.endpointId(), false);
        }
    }

    @Test
    void rustlsIsAskedForAnotherGroup() throws Exception {
        try (var peer = new Peer("client", PROTOCOL)) {
            var config = server().groups(NamedGroup.SECP384R1).build();
            var outputs = converse(new ServerHandshake(config, OUR_PARAMETERS, random), peer);

            assertThat(summary(outputs, peer).group()).isEqualTo(NamedGroup.SECP384R1);
            assertAgreement(outputs, peer, SERVER_KEY.endpointId(), CLIENT_KEY.endpointId(), false);
        }
    }

    @Test
    void rustlsHasNoProtocolInCommonWithUs() throws Exception {
        try (var peer = new Peer("server", "another/protocol")) {
            converse(client(SERVER_KEY.endpointId(), Optional.empty()), peer);

            assertThat(peer.lines).anyMatch(line -> line.startsWith("failed 120 "));
        }
    }
}
