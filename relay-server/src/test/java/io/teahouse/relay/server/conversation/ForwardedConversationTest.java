package io.teahouse.relay.server.conversation;

import static io.teahouse.relay.server.conversation.ScriptedClient.newKey;
import static io.teahouse.relay.server.conversation.ScriptedClient.upgradeRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.RelayServerConfig.AcceptLimits;
import io.teahouse.relay.server.access.AccessControl.Decision;
import io.teahouse.relay.server.proxy.AddressRange;
import io.teahouse.relay.server.proxy.ClientAddressSource;
import io.teahouse.relay.server.proxy.Proxies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Comes through proxies that write into each request whom they serve. */
@Conversation
@EveryTransport
class ForwardedConversationTest {
    private static final InetAddress PROXY = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress NO_PROXY = InetAddress.ofLiteral("127.0.0.2");
    private static final AddressRange TRUSTED = AddressRange.of("127.0.0.1");
    private static final byte[] NOTHING = {};

    private final RecordingAccess access = RecordingAccess.direct(_ -> Decision.allow());

    private RelayServerConfig.Builder behind(ClientAddressSource source) {
        return RelayServer.builder().access(access).proxies(Proxies.trusting(source, TRUSTED));
    }

    private static ScriptedClient connect(RelayServer relay, InetAddress from) throws IOException {
        var https = relay.httpsAddress();
        return new ScriptedClient(
                https.isPresent()
                        ? Wire.tls(from, https.get(), NOTHING)
                        : Wire.plain(from, relay.httpAddress(), NOTHING));
    }

    private static ScriptedClient admitted(RelayServer relay, InetAddress from, String... headers) throws IOException {
        var client = connect(relay, from);
        client.beAdmitted(newKey(), ProtocolVersion.V2, headers);
        return client;
    }

    private List<InetSocketAddress> clientsSeen() {
        return access.asked().stream().map(request -> request.remoteAddress()).toList();
    }

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }

    @Test
    void accessControlIsToldTheClientThatATrustedProxyNames() throws IOException {
        try (var relay = behind(ClientAddressSource.X_FORWARDED_FOR).start();
                var _ = admitted(relay, PROXY, "x-forwarded-for: 1.2.3.4, 192.0.2.7");
                var _ = admitted(relay, PROXY, "X-Forwarded-For: 1.2.3.4", "X-FORWARDED-FOR: [2001:db8::7]:99")) {
            assertThat(clientsSeen()).containsExactly(address("192.0.2.7", 0), address("2001:db8::7", 99));
        }
    }

    @Test
    void soItIsWithForwardedAndBehindTls() throws IOException {
        try (var relay = behind(ClientAddressSource.FORWARDED)
                        .tls(TestTls.server())
                        .start();
                var _ = admitted(relay, PROXY, "Forwarded: for=1.2.3.4, for=\"192.0.2.7:4711\";proto=https")) {
            assertThat(clientsSeen()).containsExactly(address("192.0.2.7", 4711));
        }
    }

    @Test
    void nobodyElseIsBelieved() throws IOException {
        try (var relay = behind(ClientAddressSource.X_FORWARDED_FOR).start();
                var client = admitted(relay, NO_PROXY, "X-Forwarded-For: 192.0.2.7")) {
            assertThat(clientsSeen()).containsExactly(client.wire().localAddress());
        }
    }

    @Test
    void withoutProxiesTheHeadersMeanNothing() throws IOException {
        try (var relay = RelayServer.builder().access(access).start();
                var client = admitted(relay, PROXY, "X-Forwarded-For: 192.0.2.7", "Forwarded: for=192.0.2.7")) {
            assertThat(clientsSeen()).containsExactly(client.wire().localAddress());
        }
    }

    @Test
    void theOtherHeaderMeansNothing() throws IOException {
        try (var relay = behind(ClientAddressSource.X_FORWARDED_FOR).start();
                var client = admitted(relay, PROXY, "Forwarded: for=192.0.2.7")) {
            assertThat(clientsSeen()).containsExactly(client.wire().localAddress());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unknown", "1.2.3.4, \u00e9", ",,", "\"", "1.2.3.4.5"})
    void aProxyThatNamesNobodyIsTakenForTheClient(String value) throws IOException {
        try (var relay = behind(ClientAddressSource.X_FORWARDED_FOR).start();
                var client = admitted(relay, PROXY, "X-Forwarded-For: " + value)) {
            assertThat(clientsSeen()).containsExactly(client.wire().localAddress());
        }
    }

    @Test
    void aProxyIsKnownByItsIpv4AddressOnASocketForBoth() throws IOException {
        var everywhere = new InetSocketAddress(InetAddress.ofLiteral("::"), 0);
        try (var relay =
                behind(ClientAddressSource.X_FORWARDED_FOR).http(everywhere).start()) {
            var there = new InetSocketAddress(PROXY, relay.httpAddress().getPort());
            try (var client = new ScriptedClient(Wire.plain(PROXY, there, NOTHING))) {
                client.beAdmitted(newKey(), ProtocolVersion.V2, "X-Forwarded-For: 192.0.2.7");

                assertThat(clientsSeen()).containsExactly(address("192.0.2.7", 0));
            }
        }
    }

    @Test
    void connectionsAreCountedForTheClientAndNotForItsProxy() throws IOException {
        var limits = new AcceptLimits(0, 1, 100, 2);
        var here = "X-Forwarded-For: 192.0.2.7";
        try (var relay = behind(ClientAddressSource.X_FORWARDED_FOR)
                        .metrics(Counters.ADDRESS)
                        .acceptLimits(limits)
                        .start();
                var first = admitted(relay, PROXY, here);
                var second = admitted(relay, PROXY, here);
                var _ = admitted(relay, PROXY, "X-Forwarded-For: 192.0.2.8");
                var _ = admitted(relay, PROXY);
                var _ = admitted(relay, PROXY);
                var _ = admitted(relay, PROXY);
                var third = connect(relay, PROXY)) {
            var reply = third.exchange(upgradeRequest(ProtocolVersion.V2, here));

            assertThat(reply.status()).isEqualTo(429);
            assertThat(reply.body()).isEqualTo("as many connections as your address may have are open");
            assertThat(third.wire().readLine()).isEmpty();
            assertThat(Counters.of(relay).get("connections_refused{reason=\"too_many_of_address\"}"))
                    .isEqualTo(1);
            first.hangUp();
            Await.until("there is room", () -> {
                try (var again = connect(relay, PROXY)) {
                    return again.exchange(upgradeRequest(ProtocolVersion.V2, here))
                                    .status()
                            == 101;
                }
            });
            second.expectQuietAndAlive();
        }
    }

    @Test
    void whoComesDirectlyIsCountedToo() throws IOException {
        try (var relay = behind(ClientAddressSource.X_FORWARDED_FOR)
                        .acceptLimits(new AcceptLimits(0, 1, 100, 1))
                        .start();
                var _ = admitted(relay, NO_PROXY);
                var throughTheProxy = connect(relay, PROXY)) {
            assertThat(throughTheProxy
                            .exchange(upgradeRequest(ProtocolVersion.V2, "X-Forwarded-For: 127.0.0.2"))
                            .status())
                    .isEqualTo(429);
        }
    }

    @Test
    void oneConnectionOfAProxyCarriesRequestsOfManyClients() throws IOException {
        try (var relay = behind(ClientAddressSource.X_FORWARDED_FOR)
                        .acceptLimits(new AcceptLimits(0, 1, 100, 1))
                        .start();
                var _ = admitted(relay, PROXY, "X-Forwarded-For: 192.0.2.7");
                var client = connect(relay, PROXY)) {
            var ping = "GET /ping HTTP/1.1\r\nHost: relay\r\nX-Forwarded-For: %s\r\n\r\n";

            assertThat(client.exchange(ping.formatted("192.0.2.7")).status()).isEqualTo(200);
            assertThat(client.exchange(ping.formatted("192.0.2.8")).status()).isEqualTo(200);
            client.beAdmitted(newKey(), ProtocolVersion.V2, "X-Forwarded-For: 192.0.2.9");
        }
    }

    @Test
    void underThePrefixEverythingIsThereASecondTime() throws IOException {
        try (var relay = RelayServer.builder()
                        .proxies(Proxies.NONE.withUrlPrefix("/iroh"))
                        .start();
                var client = ScriptedClient.connect(relay)) {
            for (var path : List.of("/", "/ping", "/healthz", "/robots.txt", "/generate_204", "/nothing")) {
                var direct = client.exchange("GET %s HTTP/1.1\r\n\r\n".formatted(path));
                var prefixed = client.exchange("GET /iroh%s HTTP/1.1\r\n\r\n".formatted(path));
                assertThat(prefixed.status()).as(path).isEqualTo(direct.status());
                assertThat(prefixed.body()).as(path).isEqualTo(direct.body());
            }
            assertThat(client.exchange("GET /iroh HTTP/1.1\r\n\r\n").status()).isEqualTo(200);
            assertThat(client.exchange("GET /irohping HTTP/1.1\r\n\r\n").status())
                    .isEqualTo(404);
            assertThat(client.exchange("GET /iroh/iroh/ping HTTP/1.1\r\n\r\n").status())
                    .isEqualTo(404);
            assertThat(client.exchange(upgradeRequest("/iroh/relay?token=x", ProtocolVersion.V2))
                            .status())
                    .isEqualTo(101);
        }
    }
}
