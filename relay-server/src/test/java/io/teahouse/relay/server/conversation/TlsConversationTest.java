package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shakes hands with the TLS listener, or tries to (iroh relay server spec, section 3). */
@Conversation
@EveryTransport
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsConversationTest {
    private static final int ALERT = 21;
    private static final int FATAL = 2;

    private final RelayServer relay;

    TlsConversationTest() throws IOException {
        relay = RelayServer.builder()
                .tls(TestTls.server())
                .metrics(Counters.ADDRESS)
                .start();
    }

    @AfterAll
    void stop() {
        relay.close();
    }

    private InetSocketAddress address() {
        return relay.httpsAddress().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void speaksTheVersionsOfToday(String version) throws IOException {
        try (var client = new ScriptedClient(Wire.tls(address(), version))) {
            assertThat(client.wire().session().orElseThrow().getProtocol()).isEqualTo(version);

            client.beAdmitted(ScriptedClient.newKey(), ProtocolVersion.V2);

            client.expectQuietAndAlive();
        }
    }

    /** A ClientHello of its time: four cipher suites that were good then, no extensions. */
    @ParameterizedTest
    @CsvSource({"TLS 1.0, 0301", "TLS 1.1, 0302", "SSL 3, 0300"})
    void refusesOlderVersionsWithAnAlert(String name, String version) throws IOException {
        var body = version + "11".repeat(32) + "00" + "0008" + "c013c014002f0035" + "0100";
        var handshake = "01" + "%06x".formatted(body.length() / 2) + body;
        var record = "16" + version + "%04x".formatted(handshake.length() / 2) + handshake;
        try (var wire = Wire.plain(address())) {
            wire.write(HexFormat.of().parseHex(record));

            byte[] header = wire.readExactly(5);
            assertThat(header[0]).as(name).isEqualTo((byte) ALERT);
            byte[] alert = wire.readExactly(2);
            assertThat(alert[0]).isEqualTo((byte) FATAL);
            // handshake_failure as at the reference, or protocol_version, which says it better.
            assertThat(alert[1]).isIn((byte) 40, (byte) 70);
            assertThat(wire.readLine()).isEqualTo(Optional.empty());
        }
    }

    @Test
    void selectsNoApplicationProtocolWhateverIsOffered() throws IOException {
        var socket = TestTls.client(Wire.connect(address(), 0));
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        socket.setSSLParameters(parameters);
        try (var client = new ScriptedClient(Wire.tls(socket))) {
            assertThat(socket.getApplicationProtocol()).isEmpty();
            client.beAdmitted(ScriptedClient.newKey(), ProtocolVersion.V2);
        }
    }

    @Test
    void asksForNoCertificate() throws IOException {
        try (var client = ScriptedClient.connect(relay)) {
            assertThat(client.wire().session().orElseThrow().getLocalCertificates())
                    .isNull();
        }
    }

    @Test
    void whoSpeaksPlainHttpToTlsIsClosedAndCounted() throws IOException {
        try (var own = RelayServer.builder()
                .tls(TestTls.server())
                .metrics(Counters.ADDRESS)
                .start()) {
            try (var wire = Wire.plain(own.httpsAddress().orElseThrow())) {
                wire.write("GET /ping HTTP/1.1\r\n\r\n");

                // An alert at most, which is no line.
                while (wire.read() >= 0) {}
            }

            Await.until("it is counted", () -> Counters.of(own).get("http_connections_errored") == 1);
            assertThat(Counters.of(own).get("http_connections_closed")).isEqualTo(1);
        }
    }

    @Test
    void aClientThatClosesTheTlsSessionIsGone() throws IOException {
        var key = ScriptedClient.newKey();
        try (var own = RelayServer.builder().tls(TestTls.server()).start();
                var client = ScriptedClient.admitted(own, key)) {
            client.wire().closeOutput();

            assertThat(client.readToEnd()).isEmpty();
            Await.until("it is gone", () -> own.connectedEndpoints() == 0);
        }
    }
}
