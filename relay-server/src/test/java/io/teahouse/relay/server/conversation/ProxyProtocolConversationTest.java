package io.teahouse.relay.server.conversation;

import static io.teahouse.relay.server.conversation.ScriptedClient.newKey;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.RelayServerConfig.AcceptLimits;
import io.teahouse.relay.server.RelayServerConfig.Timeouts;
import io.teahouse.relay.server.access.AccessControl.Decision;
import io.teahouse.relay.server.proxy.AddressRange;
import io.teahouse.relay.server.proxy.ClientAddressSource;
import io.teahouse.relay.server.proxy.Proxies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Comes through proxies that pass bytes on and say before all of them whose they are. */
@Conversation
@EveryTransport
class ProxyProtocolConversationTest {
    private static final InetAddress PROXY = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress NO_PROXY = InetAddress.ofLiteral("127.0.0.2");
    private static final String V1 = "PROXY TCP4 192.0.2.7 203.0.113.1 4711 443\r\n";
    private static final byte[] NOTHING = {};

    private static final int LOCAL = 0x20;
    private static final int PROXIED = 0x21;
    private static final int UNSPECIFIED = 0x00;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;
    private static final int UNIX = 0x31;

    private final RecordingAccess access = RecordingAccess.direct(_ -> Decision.allow());

    private RelayServerConfig.Builder relay() {
        return RelayServer.builder()
                .access(access)
                .proxies(Proxies.trusting(ClientAddressSource.PROXY_PROTOCOL, AddressRange.of("127.0.0.1/32")));
    }

    /** A header of version 2. */
    private static byte[] v2(int versionAndCommand, int family, byte[] addressesAndMore) {
        return ByteBuffer.allocate(16 + addressesAndMore.length)
                .put("\r\n\r\n\0\r\nQUIT\n".getBytes(US_ASCII))
                .put((byte) versionAndCommand)
                .put((byte) family)
                .putShort((short) addressesAndMore.length)
                .put(addressesAndMore)
                .array();
    }

    private static byte[] v2Tcp4(byte... more) {
        return v2(
                PROXIED,
                TCP4,
                ByteBuffer.allocate(12 + more.length)
                        .put(new byte[] {(byte) 192, 0, 2, 7, (byte) 203, 0, 113, 1})
                        .putShort((short) 4711)
                        .putShort((short) 443)
                        .put(more)
                        .array());
    }

    private static byte[] v2Tcp6() {
        var addresses = new byte[36];
        addresses[0] = 0x20;
        addresses[1] = 0x01;
        addresses[2] = 0x0d;
        addresses[3] = (byte) 0xb8;
        addresses[15] = 7;
        addresses[32] = 0x12;
        addresses[33] = 0x67;
        return v2(PROXIED, TCP6, addresses);
    }

    /** A field that nobody knows. */
    private static byte[] field(int length) {
        return ByteBuffer.allocate(3 + length)
                .put((byte) 0xE0)
                .putShort((short) length)
                .array();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private static ScriptedClient connect(RelayServer relay, InetAddress from, byte[] before) throws IOException {
        var https = relay.httpsAddress();
        return new ScriptedClient(
                https.isPresent()
                        ? Wire.tls(from, https.get(), before)
                        : Wire.plain(from, relay.httpAddress(), before));
    }

    private static ScriptedClient admitted(RelayServer relay, InetAddress from, byte[] before) throws IOException {
        var client = connect(relay, from, before);
        client.beAdmitted(newKey(), ProtocolVersion.V2);
        client.expectQuietAndAlive();
        return client;
    }

    private InetSocketAddress lastSeen() {
        return access.asked().getLast().remoteAddress();
    }

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }

    private static void expectEnd(Wire wire) throws IOException {
        try {
            assertThat(wire.read()).isEqualTo(-1);
        } catch (SocketException _) {
            // A reset is an end, too.
        }
    }

    static Stream<Named<Map.Entry<byte[], InetSocketAddress>>> headers() {
        var v4 = address("192.0.2.7", 4711);
        var v6 = address("2001:db8::7", 4711);
        return Stream.of(
                Named.of("version 1, IPv4", Map.entry(bytes(V1), v4)),
                Named.of("version 1, IPv6", Map.entry(bytes("PROXY TCP6 2001:db8::7 ::1 4711 443\r\n"), v6)),
                Named.of("version 2, IPv4", Map.entry(v2Tcp4(), v4)),
                Named.of("version 2, IPv6", Map.entry(v2Tcp6(), v6)),
                Named.of("version 2 with more", Map.entry(v2Tcp4(field(300)), v4)),
                Named.of("version 2 with as much more as may be", Map.entry(v2Tcp4(field(4096 + 204 - 3)), v4)));
    }

    @ParameterizedTest
    @MethodSource("headers")
    void accessControlIsToldTheClientOfTheHeader(Map.Entry<byte[], InetSocketAddress> header) throws IOException {
        try (var relay = relay().start();
                var _ = admitted(relay, PROXY, header.getKey())) {
            assertThat(lastSeen()).isEqualTo(header.getValue());
        }
    }

    @ParameterizedTest
    @MethodSource("headers")
    void theHeaderComesBeforeTls(Map.Entry<byte[], InetSocketAddress> header) throws IOException {
        try (var relay = relay().tls(TestTls.server()).start();
                var _ = admitted(relay, PROXY, header.getKey())) {
            assertThat(lastSeen()).isEqualTo(header.getValue());
        }
    }

    @ParameterizedTest
    @MethodSource("headers")
    void theHeaderMayComeByteByByteAndTheRequestRightBehindIt(Map.Entry<byte[], InetSocketAddress> header)
            throws IOException {
        try (var relay = relay().start();
                var client = connect(relay, PROXY, NOTHING)) {
            byte[] bytes = header.getKey();
            int together = bytes.length - 1;
            for (int i = 0; i < together; i++) {
                client.wire().write(new byte[] {bytes[i]});
            }
            var request = bytes("GET /ping HTTP/1.1\r\nHost: relay\r\n\r\n");
            client.wire()
                    .write(ByteBuffer.allocate(1 + request.length)
                            .put(bytes[together])
                            .put(request)
                            .array());

            assertThat(HttpReply.read(client.wire(), "GET").status()).isEqualTo(200);
            client.beAdmitted(newKey(), ProtocolVersion.V2);
            assertThat(lastSeen()).isEqualTo(header.getValue());
        }
    }

    static Stream<Named<byte[]>> headersWithoutAClient() {
        return Stream.of(
                Named.of("version 1, unknown", bytes("PROXY UNKNOWN\r\n")),
                Named.of("version 1, unknown with more", bytes("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n")),
                Named.of("version 2, local", v2(LOCAL, UNSPECIFIED, NOTHING)),
                Named.of("version 2, local with addresses", v2(LOCAL, TCP4, new byte[12])),
                Named.of("version 2, unspecified", v2(PROXIED, UNSPECIFIED, new byte[5])),
                Named.of("version 2, a local socket", v2(PROXIED, UNIX, new byte[216])));
    }

    @ParameterizedTest
    @MethodSource("headersWithoutAClient")
    void aProxyThatComesForItselfIsServedUnderItsOwnAddress(byte[] header) throws IOException {
        try (var relay = relay().start();
                var client = admitted(relay, PROXY, header)) {
            assertThat(lastSeen()).isEqualTo(client.wire().localAddress());
        }
    }

    static Stream<Named<byte[]>> badHeaders() {
        return Stream.of(
                Named.of("none, plain HTTP", bytes("GET /ping HTTP/1.1\r\nHost: relay\r\n\r\n")),
                Named.of(
                        "none, something like TLS",
                        new byte[] {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xFC, 3, 3, 0, 0, 13, 10}),
                Named.of("not even a line", bytes("x".repeat(200))),
                Named.of(
                        "version 1, too long",
                        bytes("PROXY TCP4 192.0.2.7 203.0.113.1 4711 443" + " ".repeat(80) + "\r\n")),
                Named.of("version 1, too long without an end", bytes("PROXY TCP4 " + "1".repeat(200))),
                Named.of("version 1, no address", bytes("PROXY TCP4 192.0.2 203.0.113.1 4711 443\r\n")),
                Named.of("version 1, no port", bytes("PROXY TCP4 192.0.2.7 203.0.113.1 x 443\r\n")),
                Named.of("version 1, too few", bytes("PROXY TCP4 192.0.2.7\r\n")),
                Named.of("version 1, of another kind", bytes("PROXY UDP9 192.0.2.7 203.0.113.1 4711 443\r\n")),
                Named.of("version 1, in lower case", bytes("proxy tcp4 192.0.2.7 203.0.113.1 4711 443\r\n")),
                Named.of("version 2, too short for its addresses", v2(PROXIED, TCP4, new byte[11])),
                Named.of("version 2, unknown command", v2(0x2F, TCP4, new byte[12])),
                Named.of("version 2, unknown family", v2(PROXIED, 0x77, new byte[12])),
                Named.of("version 3", v2(0x31, TCP4, new byte[12])),
                Named.of(
                        "version 2, a field longer than the header",
                        v2Tcp4((byte) 0xE0, (byte) 0xFF, (byte) 0xFF, (byte) 1)),
                Named.of("version 2, more than may be", v2Tcp4(field(4096 + 204 - 2))),
                Named.of("version 2, as long as can be", v2(PROXIED, TCP4, new byte[65_535])),
                Named.of("two headers", bytes(V1 + V1)));
    }

    @ParameterizedTest
    @MethodSource("badHeaders")
    void aTrustedProxyWithoutAGoodHeaderIsNotAnswered(byte[] header) throws IOException {
        try (var relay = relay().start();
                var wire = Wire.plain(PROXY, relay.httpAddress(), NOTHING)) {
            try {
                wire.write(header);
            } catch (SocketException _) {
                // Closed while it was written.
            }
            if (Arrays.equals(header, bytes(V1 + V1))) {
                assertThat(HttpReply.read(wire, "PROXY").status()).isEqualTo(400);
            }
            expectEnd(wire);
            try (var _ = admitted(relay, PROXY, bytes(V1))) {
                assertThat(lastSeen()).isEqualTo(address("192.0.2.7", 4711));
            }
        }
    }

    @Test
    void aHeaderThatDoesNotComeToItsEndHasTheTimeOfARequest() throws IOException {
        var soon = Duration.ofMillis(300);
        var timeouts = new Timeouts(Duration.ofSeconds(30), soon, Duration.ofSeconds(30), Duration.ofSeconds(2));
        for (var part : List.of(NOTHING, bytes("PRO"), bytes("PROXY TCP4 192."), Arrays.copyOf(v2Tcp4(), 27))) {
            try (var plain = relay().timeouts(timeouts).start();
                    var tls = relay().timeouts(timeouts).tls(TestTls.server()).start();
                    var toPlain = Wire.plain(PROXY, plain.httpAddress(), part);
                    var toTls = Wire.plain(PROXY, tls.httpsAddress().orElseThrow(), part)) {
                expectEnd(toPlain);
                expectEnd(toTls);
            }
        }
    }

    @Test
    void whoIsNoProxyIsServedWithoutAHeader() throws IOException {
        try (var plain = relay().start();
                var tls = relay().tls(TestTls.server()).start();
                var toPlain = admitted(plain, NO_PROXY, NOTHING)) {
            assertThat(lastSeen()).isEqualTo(toPlain.wire().localAddress());
            try (var toTls = admitted(tls, NO_PROXY, NOTHING)) {
                assertThat(lastSeen()).isEqualTo(toTls.wire().localAddress());
            }
        }
    }

    @Test
    void whoIsNoProxyMayWriteByteByByteToo() throws IOException {
        try (var relay = relay().start();
                var client = connect(relay, NO_PROXY, NOTHING)) {
            for (byte b : bytes("GET /ping HTTP/1.1\r\nHost: relay\r\n\r\n")) {
                client.wire().write(new byte[] {b});
            }
            assertThat(HttpReply.read(client.wire(), "GET").status()).isEqualTo(200);
        }
    }

    @Test
    void whoIsNoProxyAndSendsAHeaderIsClosed() throws IOException {
        for (var header : List.of(bytes(V1), v2Tcp4(), v2(LOCAL, UNSPECIFIED, NOTHING))) {
            try (var plain = relay().start();
                    var tls = relay().tls(TestTls.server()).start();
                    var toPlain = Wire.plain(NO_PROXY, plain.httpAddress(), header);
                    var toTls = Wire.plain(NO_PROXY, tls.httpsAddress().orElseThrow(), header)) {
                expectEnd(toPlain);
                expectEnd(toTls);
            }
        }
        assertThat(access.asked()).isEmpty();
    }

    @Test
    void connectionsAreCountedForTheClientAndNotForItsProxy() throws IOException {
        try (var relay = relay().metrics(Counters.ADDRESS)
                        .acceptLimits(new AcceptLimits(0, 1, 100, 1))
                        .start();
                var first = admitted(relay, PROXY, bytes(V1));
                var _ = admitted(relay, PROXY, v2Tcp6());
                var _ = admitted(relay, PROXY, v2(LOCAL, UNSPECIFIED, NOTHING));
                var _ = admitted(relay, PROXY, v2(LOCAL, UNSPECIFIED, NOTHING));
                var second = Wire.plain(PROXY, relay.httpAddress(), NOTHING)) {
            second.write(V1 + "GET /ping HTTP/1.1\r\n\r\n");
            expectEnd(second);
            assertThat(Counters.of(relay).get("connections_refused{reason=\"too_many_of_address\"}"))
                    .isEqualTo(1);
            first.hangUp();
            Await.until("there is room", () -> {
                try (var again = admitted(relay, PROXY, bytes(V1))) {
                    return again.wire().localAddress() != null;
                } catch (IOException | AssertionError _) {
                    return false;
                }
            });
        }
    }

    @Test
    void theCaptivePortalListenerReadsHeadersToo() throws IOException {
        try (var relay = relay().tls(TestTls.server()).start();
                var client = new ScriptedClient(Wire.plain(PROXY, relay.httpAddress(), v2Tcp4()));
                var direct = new ScriptedClient(Wire.plain(NO_PROXY, relay.httpAddress(), NOTHING))) {
            var probe = "GET /generate_204 HTTP/1.1\r\nX-Iroh-Challenge: abc\r\n\r\n";
            assertThat(client.exchange(probe).header("x-iroh-response")).contains("response abc");
            assertThat(direct.exchange(probe).header("x-iroh-response")).contains("response abc");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 20})
    void aProxyThatOnlyLooksWhetherThePortIsOpenIsNoTrouble(int bytes) throws IOException {
        try (var relay = relay().start()) {
            Wire.plain(PROXY, relay.httpAddress(), Arrays.copyOf(bytes(V1), bytes))
                    .reset();
            Wire.plain(PROXY, relay.httpAddress(), Arrays.copyOf(bytes(V1), bytes))
                    .close();
            try (var _ = admitted(relay, PROXY, bytes(V1))) {
                assertThat(lastSeen()).isEqualTo(address("192.0.2.7", 4711));
            }
        }
    }
}
