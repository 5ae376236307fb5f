package io.teahouse.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.teahouse.core.RelayUrl;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.client.ConnectionEnd;
import io.teahouse.relay.client.ProxyRules;
import io.teahouse.relay.client.ProxyServer;
import io.teahouse.relay.client.RelayClient;
import io.teahouse.relay.client.RelayConnectException;
import io.teahouse.relay.client.RelayConnectException.Stage;
import io.teahouse.relay.client.RelayConnection;
import io.teahouse.relay.client.RelayEvent;
import io.teahouse.relay.client.TrustedRoots;
import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig.Tls;
import io.teahouse.relay.server.proxy.AddressRange;
import io.teahouse.relay.server.proxy.Proxies;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The client of this project meets relays, endpoints and proxies that others have written. */
@Timeout(180)
class RelayClientTest {
    @RegisterExtension
    static final RelayUnderTest http = RelayUnderTest.http();

    @RegisterExtension
    static final RelayUnderTest https = RelayUnderTest.https();

    @RegisterExtension
    final RelayUnderTest ownRelay = RelayUnderTest.http();

    @TempDir
    private Path folder;

    private static final Datagrams TEA = new Datagrams(2, 0, ByteBuffer.wrap("tea".getBytes(US_ASCII)));

    private static RelayClient.Builder client() {
        return RelayClient.builder(SecretKey.generate(new SecureRandom())).eventLoops(1);
    }

    private static RelayClient.Builder trusting(RelayUnderTest relay) {
        return client().roots(TrustedRoots.of(List.of(relay.authority().certificate())));
    }

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

    private static void exchange(RelayConnection from, RelayConnection to) throws Exception {
        from.send(to.endpointId(), TEA);
        var received = await(to, RelayEvent.Received.class);
        assertThat(received.source()).isEqualTo(from.endpointId());
        assertThat(received.datagrams()).isEqualTo(TEA);
    }

    @ParameterizedTest
    @EnumSource
    void aDatagramGoesThroughARelayOnHttp(ProtocolVersion version) throws Exception {
        try (var first = client().highestVersion(version).build();
                var second = client().build();
                var from = first.connect(http.url().toString());
                var to = second.connect(http.url().toString())) {
            assertThat(from.version()).isEqualTo(version);
            assertThat(from.wasChallenged()).isTrue();
            exchange(from, to);
            exchange(to, from);
        }
    }

    @ParameterizedTest
    @EnumSource
    void behindTlsNoChallengeIsNeeded(ProtocolVersion version) throws Exception {
        try (var first = trusting(https).highestVersion(version).build();
                var second = trusting(https).build();
                var from = first.connect(https.url().toString());
                var to = second.connect(https.url().toString())) {
            assertThat(from.wasChallenged()).isFalse();
            assertThat(await(from, RelayEvent.Proved.class).roundTrip()).isPositive();
            exchange(from, to);
        }
    }

    @Test
    void aRelayThatRestartsEndsTheConnectionAndTakesTheNext() throws Exception {
        try (var client = client().build()) {
            var connection = client.connect(ownRelay.url().toString());
            await(connection, RelayEvent.Proved.class);

            ownRelay.restart();

            assertThat(await(connection, RelayEvent.Ended.class).end().cause())
                    .isIn(ConnectionEnd.Cause.STREAM_ENDED, ConnectionEnd.Cause.CLOSED_BY_RELAY);
            try (var next = client.connect(ownRelay.url().toString())) {
                await(next, RelayEvent.Proved.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theFirstPacketsOfARealEndpointArrive(Peer peer) throws Exception {
        try (var client = client().build();
                var connection = client.connect(http.url().toString());
                var dialler = PeerProcess.connect(
                        peer, http, connection.endpointId().toString(), "--relay-only", "--connect-timeout", "20")) {
            var received = await(connection, RelayEvent.Received.class);

            assertThat(received.source()).hasToString(dialler.id());
            var contents = received.datagrams().contents();
            assertThat(contents.remaining()).isGreaterThanOrEqualTo(1200);
            // A long header, the fixed bit, type Initial; then the version (RFC 9000, section 17.2).
            assertThat(contents.get() & 0xF0).isEqualTo(0xC0);
            assertThat(contents.getInt()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theRelayIsReachedBehindReverseProxies(ReverseProxy.Recipe recipe) throws Exception {
        var authority = https.authority();
        var files = authority.issue(Files.createDirectory(folder.resolve("certificate")), "localhost", "127.0.0.1");
        var server = RelayServer.builder();
        if (recipe.relayHasTls()) {
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            server.tls(new Tls(address, files.chain(), files.privateKey()));
        }
        server.proxies(Proxies.trusting(recipe.source(), AddressRange.of("127.0.0.1")));
        try (var relay = server.start();
                var proxy = ReverseProxy.start(recipe, Files.createDirectory(folder.resolve("proxy")), files, relay);
                var first = trusting(https).build();
                var second = trusting(https).build();
                var from = first.connect(proxy.url().toString());
                var to = second.connect(proxy.url().toString())) {
            // Where the proxy ends TLS, its keying material is not the relay's. Where it passes bytes on, the relay
            // usually
            // takes the header, and may always send a challenge.
            assertThat(from.wasChallenged() || recipe.relayHasTls()).isTrue();
            exchange(from, to);
        }
    }

    @Test
    void aForwardProxyTunnelsToRelaysWithAndWithoutTls() throws Exception {
        try (var proxy = ForwardProxy.start(folder, "tea-drinker", "oolong_7.")) {
            var rules = ProxyRules.of(
                    ProxyServer.of("127.0.0.1", proxy.port()).withCredentials("tea-drinker", "oolong_7."));
            try (var plain = client().proxies(rules).build();
                    var secure = trusting(https).proxies(rules).build();
                    var one = plain.connect(http.url().toString());
                    var other = client().build().connect(http.url().toString());
                    var overTls = secure.connect(https.url().toString())) {
                assertThat(one.remoteAddress().toString()).endsWith(":" + proxy.port());
                exchange(one, other);
                // The session is with the relay, through the tunnel.
                assertThat(overTls.wasChallenged()).isFalse();
            }
        }
    }

    @Test
    void aForwardProxyThatDoesNotKnowUsIsToldAndOneThatIsNotMeantIsNotAsked() throws Exception {
        try (var proxy = ForwardProxy.start(folder, "user", "password")) {
            var server = ProxyServer.of("127.0.0.1", proxy.port());
            assertThat(refusal(ProxyRules.of(server), http.url())).hasMessageContaining("it wants credentials");
            assertThat(refusal(ProxyRules.of(server.withCredentials("user", "guess")), http.url()))
                    .hasMessageContaining("proxy 127.0.0.1:%d answered 40".formatted(proxy.port()));

            var excepted = ProxyRules.of(server).except("localhost,127.0.0.0/8");
            try (var client = client().proxies(excepted).build();
                    var connection = client.connect(http.url().toString())) {
                await(connection, RelayEvent.Proved.class);
            }
        }
    }

    private static RelayConnectException refusal(ProxyRules rules, URI relay) throws Exception {
        try (var client = client().proxies(rules).build()) {
            var url = RelayUrl.parse(relay.toString());
            var failure = catchThrowableOfType(RelayConnectException.class, () -> client.connect(url));
            assertThat(failure.stage()).isEqualTo(Stage.PROXY);
            return failure;
        }
    }
}
