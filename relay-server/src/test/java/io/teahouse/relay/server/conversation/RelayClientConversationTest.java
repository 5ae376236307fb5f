package io.teahouse.relay.server.conversation;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.teahouse.core.RelayUrl;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.client.AccessTokens;
import io.teahouse.relay.client.ConnectionEnd;
import io.teahouse.relay.client.ProxyRules;
import io.teahouse.relay.client.ProxyServer;
import io.teahouse.relay.client.RelayClient;
import io.teahouse.relay.client.RelayConnectException;
import io.teahouse.relay.client.RelayConnectException.Stage;
import io.teahouse.relay.client.RelayConnection;
import io.teahouse.relay.client.RelayEvent;
import io.teahouse.relay.client.RelayEvent.Condition;
import io.teahouse.relay.client.RelayInbox;
import io.teahouse.relay.client.TrustedRoots;
import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.access.AccessControl.Decision;
import io.teahouse.relay.server.access.TokenAccess;
import io.teahouse.relay.server.access.TokenRules;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client of this project meets its relay. */
@Conversation
@EveryTransport
@Timeout(120)
class RelayClientConversationTest {
    private static Datagrams datagram(String text) {
        return new Datagrams(0, 0, ByteBuffer.wrap(text.getBytes(US_ASCII)));
    }

    private static List<X509Certificate> chain() throws Exception {
        try (var in = Files.newInputStream(TestTls.certificateFile())) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        }
    }

    private static TrustedRoots authority() throws Exception {
        return TrustedRoots.of(List.of(chain().getLast()));
    }

    private static String tlsUrl(RelayServer relay) {
        return "https://localhost:" + relay.httpsAddress().orElseThrow().getPort();
    }

    /** Takes events until one is of a kind. */
    private static <E extends RelayEvent> E await(RelayConnection connection, Class<E> kind)
            throws InterruptedException {
        while (true) {
            var event = connection.receive();
            if (kind.isInstance(event)) {
                return kind.cast(event);
            }
            assertThat(event).isNotInstanceOf(RelayEvent.Ended.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void datagramsAndBatchesGoFromOneToTheOther(ProtocolVersion version) throws Exception {
        try (var relay = RelayServer.builder().start();
                var first = RelayClient.builder(ScriptedClient.newKey())
                        .highestVersion(version)
                        .build();
                var second = RelayClient.of(ScriptedClient.newKey());
                var from = first.connect(relay.url());
                var to = second.connect(relay.url())) {
            assertThat(from.version()).isEqualTo(version);
            assertThat(from.wasChallenged()).isTrue();
            var batch = new Datagrams(1, 2, ByteBuffer.wrap("oolong".getBytes(US_ASCII)));

            from.send(to.endpointId(), datagram("tea"));
            from.send(to.endpointId(), batch);

            var received = await(to, RelayEvent.Received.class);
            assertThat(received.datagrams()).isEqualTo(datagram("tea"));
            assertThat(await(to, RelayEvent.Received.class).datagrams()).isEqualTo(batch);
            to.send(received.source(), datagram("thanks"));
            assertThat(await(from, RelayEvent.Received.class).datagrams()).isEqualTo(datagram("thanks"));
        }
    }

    @Test
    void behindTlsTheHeaderProvesTheKeyAndSparesTheChallenge() throws Exception {
        var key = ScriptedClient.newKey();
        try (var relay = RelayServer.builder().tls(TestTls.server()).start();
                var client = RelayClient.builder(key).roots(authority()).build()) {
            for (int i = 0; i < 3; i++) {
                try (var connection = client.connect(tlsUrl(relay))) {
                    assertThat(connection.wasChallenged()).isFalse();
                    connection.send(key.endpointId(), datagram("myself"));
                    assertThat(await(connection, RelayEvent.Received.class).source())
                            .isEqualTo(key.endpointId());
                }
            }
        }
    }

    @Test
    void aMegabyteGoesThroughTlsInOrder() throws Exception {
        var key = ScriptedClient.newKey();
        try (var relay = RelayServer.builder().tls(TestTls.server()).start();
                var client = RelayClient.builder(key).roots(authority()).build();
                var connection = client.connect(tlsUrl(relay))) {
            var window = new Semaphore(200); // the relay's queue is bounded, and it drops
            Thread.startVirtualThread(() -> {
                try {
                    for (int i = 0; i < 800; i++) {
                        window.acquire();
                        connection.send(
                                key.endpointId(),
                                new Datagrams(0, 0, ByteBuffer.allocate(1200).putInt(0, i)));
                    }
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            int last = -1;
            while (last < 799) {
                var contents =
                        await(connection, RelayEvent.Received.class).datagrams().contents();
                assertThat(contents.getInt()).isGreaterThan(last);
                last = contents.getInt(contents.position() - 4);
                window.release();
            }
        }
    }

    @Test
    void aRelayWhoseKeyIsPinnedNeedsNoAuthority() throws Exception {
        try (var relay = RelayServer.builder().tls(TestTls.server()).start();
                var client = RelayClient.builder(ScriptedClient.newKey())
                        .roots(TrustedRoots.pinned(Set.of(TrustedRoots.pinOf(chain().getFirst()))))
                        .build();
                // Not a name that is in the certificate.
                var connection = client.connect("https://127.0.0.1:"
                        + relay.httpsAddress().orElseThrow().getPort())) {
            assertThat(connection.wasChallenged()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"the JDK's", "another key", "another name"})
    void whoIsNotTrustedIsNotTalkedTo(String what) throws Exception {
        var roots = switch (what) {
            case "the JDK's" -> TrustedRoots.builtIn();
            case "another key" -> TrustedRoots.pinned(Set.of("00".repeat(32)));
            default -> authority();
        };
        try (var relay = RelayServer.builder().tls(TestTls.server()).start();
                var client = RelayClient.builder(ScriptedClient.newKey())
                        .roots(roots)
                        .build()) {
            var url = what.equals("another name")
                    ? "https://127.0.0.1:" + relay.httpsAddress().orElseThrow().getPort()
                    : tlsUrl(relay);

            var failure = catchThrowableOfType(RelayConnectException.class, () -> client.connect(url));

            assertThat(failure.stage()).isEqualTo(Stage.TLS);
            assertThat(failure).hasMessageContaining("the certificate is not trusted: ");
        }
    }

    @Test
    void extraRootsAreTrustedBesidesTheJdks() throws Exception {
        try (var relay = RelayServer.builder().tls(TestTls.server()).start();
                var client = RelayClient.builder(ScriptedClient.newKey())
                        .roots(TrustedRoots.builtIn().and(TrustedRoots.ofPem(TestTls.certificateFile())))
                        .build();
                var connection = client.connect(tlsUrl(relay))) {
            assertThat(await(connection, RelayEvent.Proved.class).roundTrip()).isPositive();
        }
    }

    @Test
    void aProxyBehindTlsTunnelsToARelayBehindTls() throws Exception {
        try (var relay = RelayServer.builder().tls(TestTls.server()).start();
                var proxy = new TlsTunnel(relay.httpsAddress().orElseThrow());
                var client = RelayClient.builder(ScriptedClient.newKey())
                        .roots(authority())
                        .proxies(ProxyRules.of(ProxyServer.parse("https://user:pass@localhost:" + proxy.port())))
                        .build();
                var connection = client.connect(tlsUrl(relay))) {
            // Of the two sessions, the keying material is that of the one with the relay.
            assertThat(connection.wasChallenged()).isFalse();
            assertThat(proxy.request()).contains("\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n");
            connection.send(connection.endpointId(), datagram("tea"));
            assertThat(await(connection, RelayEvent.Received.class).datagrams()).isEqualTo(datagram("tea"));
        }
    }

    @Test
    void whoSpeaksPlainHttpIsNotTakenForTls() throws Exception {
        try (var relay = RelayServer.builder().start();
                var client = RelayClient.of(ScriptedClient.newKey())) {
            var url = relay.url().replace("http:", "https:");

            var failure = catchThrowableOfType(RelayConnectException.class, () -> client.connect(url));

            assertThat(failure.stage()).isEqualTo(Stage.TLS);
        }
    }

    @Test
    void aDenialIsToldInTheRelaysWords() throws Exception {
        try (var relay = RelayServer.builder()
                        .access(_ -> Decision.deny("closed on Mondays"))
                        .start();
                var client = RelayClient.of(ScriptedClient.newKey())) {
            var failure = catchThrowableOfType(RelayConnectException.class, () -> client.connect(relay.url()));

            assertThat(failure.stage()).isEqualTo(Stage.DENIED);
            assertThat(failure).hasMessageEndingWith("the relay denied our authentication (closed on Mondays)");
        }
    }

    @Test
    void anApiKeyOpensTheRelayOfItsProject() throws Exception {
        var apiKey = ScriptedClient.newKey();
        var access = new TokenAccess(new TokenRules(Set.of(apiKey.endpointId()), 30), true, InstantSource.system());
        try (var relay = RelayServer.builder().access(access).start();
                var member = RelayClient.builder(ScriptedClient.newKey())
                        .tokens(AccessTokens.minted(apiKey, Duration.ofDays(30)))
                        .build();
                var stranger = RelayClient.builder(ScriptedClient.newKey())
                        .tokens(AccessTokens.minted(ScriptedClient.newKey(), Duration.ofDays(30)))
                        .build()) {
            member.connect(relay.url()).close();

            var failure = catchThrowableOfType(RelayConnectException.class, () -> stranger.connect(relay.url()));
            assertThat(failure.stage()).isEqualTo(Stage.DENIED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theOlderOfTwoConnectionsWithOneKeyHearsThatAndHearsWhenItIsOver(ProtocolVersion version) throws Exception {
        var key = ScriptedClient.newKey();
        try (var relay = RelayServer.builder().start();
                var client = RelayClient.builder(key).highestVersion(version).build();
                var older = client.connect(relay.url())) {
            var newer = client.connect(relay.url());
            assertThat(await(older, RelayEvent.ConditionChanged.class).condition())
                    .isEqualTo(Condition.SAME_ENDPOINT_ID_CONNECTED);

            newer.close();

            assertThat(await(older, RelayEvent.ConditionChanged.class).condition())
                    .isEqualTo(Condition.HEALTHY);
        }
    }

    @Test
    void aPeerThatLeavesIsGone() throws Exception {
        try (var relay = RelayServer.builder().start();
                var first = RelayClient.of(ScriptedClient.newKey());
                var second = RelayClient.of(ScriptedClient.newKey());
                var stays = first.connect(relay.url())) {
            var leaves = second.connect(relay.url());
            leaves.send(stays.endpointId(), datagram("bye"));
            await(stays, RelayEvent.Received.class);

            leaves.close();

            assertThat(await(stays, RelayEvent.EndpointGone.class).endpoint()).isEqualTo(leaves.endpointId());
        }
    }

    @Test
    void whoSendsTooMuchHearsOfIt() throws Exception {
        var key = ScriptedClient.newKey();
        try (var relay = RelayServer.builder()
                        .clientReceiveLimit(new ReceiveLimit(100_000, 10_000))
                        .start();
                var client = RelayClient.of(key);
                var connection = client.connect(relay.url())) {
            for (int i = 0; i < 20; i++) {
                connection.trySend(key.endpointId(), new Datagrams(0, 0, ByteBuffer.allocate(1200)));
            }

            assertThat(await(connection, RelayEvent.ConditionChanged.class).condition())
                    .isEqualTo(Condition.RATE_LIMITED);
        }
    }

    @Test
    void aRelayThatRestartsSaysSoAndSaysGoodbye() throws Exception {
        try (var relay = RelayServer.builder().start();
                var client = RelayClient.of(ScriptedClient.newKey());
                var connection = client.connect(relay.url())) {
            relay.drain(Duration.ofMillis(100));

            assertThat(await(connection, RelayEvent.Restarting.class).tryFor()).isEqualTo(Duration.ofSeconds(30));
            assertThat(await(connection, RelayEvent.Ended.class).end().cause())
                    .isEqualTo(ConnectionEnd.Cause.CLOSED_BY_RELAY);
        }
    }

    @Test
    void manyEndpointsShareOneEventLoopAndOneInbox() throws Exception {
        int count = 300;
        var inbox = new RelayInbox();
        var clients = new ArrayList<RelayClient>();
        try (var relay = RelayServer.builder().start();
                var one = RelayClient.builder(SecretKey.fromBytes(new byte[32]))
                        .eventLoops(1)
                        .build()) {
            for (int i = 0; i < count; i++) {
                clients.add(one.forEndpoint(ScriptedClient.newKey(), AccessTokens.NONE));
            }
            for (var client : clients) {
                client.connect(RelayUrl.parse(relay.url()), inbox);
            }

            var proved = new HashSet<RelayConnection>();
            while (proved.size() < count) {
                var item = inbox.take();
                assertThat(item.event()).isInstanceOf(RelayEvent.Proved.class);
                proved.add(item.connection());
            }
            assertThat(relay.connectedEndpoints()).isEqualTo(count);
            clients.forEach(RelayClient::close);
            Await.until("all have left", () -> relay.connectedEndpoints() == 0);
        }
    }
}
