package io.teahouse.relay.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.teahouse.core.RelayUrl;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.client.RelayConnectException.Stage;
import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.ProtocolVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client dials servers of bytes (iroh relay spec, sections 2.1, 2.3, 3.3 and 5.1). */
@Timeout(60)
class RelayDialTest {
    private static final SecretKey KEY = SecretKey.fromBytes(new byte[32]);
    private static final Datagrams HELLO = new Datagrams(0, 0, ByteBuffer.wrap("hello".getBytes(ISO_8859_1)));

    private RelayClient client = builder().build();

    private static RelayClient.Builder builder() {
        return RelayClient.builder(KEY).eventLoops(1);
    }

    private void use(RelayClient.Builder builder) {
        client.close();
        client = builder.build();
    }

    @AfterEach
    void close() {
        client.close();
    }

    // The request.

    @Test
    void theRequestIsWholeAndNothingFollowsItBeforeTheAnswer() throws Exception {
        var requests = new ArrayBlockingQueue<String>(1);
        try (var relay = new ScriptedRelay(peer -> {
            var request = peer.readHead();
            requests.add(request);
            peer.socket.setSoTimeout(200);
            assertThatThrownBy(() -> peer.socket.getInputStream().read())
                    .isInstanceOf(java.net.SocketTimeoutException.class);
            peer.socket.setSoTimeout(30_000);
            peer.write(ScriptedRelay.Peer.switching(request, "iroh-relay-v2"));
            peer.say("02");
            peer.awaitEnd();
        })) {
            client.connect(relay.url() + "/some/path?a=b&c#fragment").close();

            var lines = requests.take().lines().toList();
            assertThat(lines)
                    .startsWith(
                            "GET /relay?a=b&c HTTP/1.1",
                            "Host: 127.0.0.1:%d".formatted(relay.port()),
                            "Upgrade: websocket",
                            "Connection: Upgrade")
                    .contains("Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: iroh-relay-v2, iroh-relay-v1");
            assertThat(lines.stream().map(line -> line.replaceAll(":.*", "").toLowerCase(java.util.Locale.ROOT)))
                    .doesNotContain("authorization", "x-iroh-relay-client-auth-v1");
            var key = lines.stream()
                    .filter(line -> line.startsWith("Sec-WebSocket-Key: "))
                    .findFirst()
                    .orElseThrow();
            assertThat(Base64.getDecoder().decode(key.substring("Sec-WebSocket-Key: ".length())))
                    .hasSize(16);
        }
    }

    @Test
    void aTokenIsShown() throws Exception {
        use(builder().tokens(AccessTokens.fixed("some.token~")));
        var requests = new ArrayBlockingQueue<String>(1);
        try (var relay = new ScriptedRelay(peer -> {
            requests.add(peer.letIn("iroh-relay-v2"));
            peer.awaitEnd();
        })) {
            client.connect(relay.url()).close();

            assertThat(requests.take()).contains("\r\nAuthorization: Bearer some.token~\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "line\r\nbreak", "caf\u00e9"})
    void aTokenThatIsNoHeaderValueIsNeverSent(String token) {
        use(builder().tokens(AccessTokens.fixed(token)));

        var failure = failureOf("http://127.0.0.1:9");

        assertThat(failure.stage()).isEqualTo(Stage.SETTINGS);
        assertThat(failure).hasMessageContaining("access token has %d characters".formatted(token.length()));
        if (!token.isEmpty()) {
            assertThat(failure).hasMessageNotContaining(token);
        }
    }

    @Test
    void theOldVersionAloneCanBeOffered() throws Exception {
        use(builder().highestVersion(ProtocolVersion.V1));
        var requests = new ArrayBlockingQueue<String>(1);
        try (var relay = new ScriptedRelay(peer -> {
            requests.add(peer.letIn("iroh-relay-v1"));
            peer.awaitEnd();
        })) {
            try (var connection = client.connect(relay.url())) {
                assertThat(connection.version()).isEqualTo(ProtocolVersion.V1);
            }

            assertThat(requests.take()).contains("\r\nSec-WebSocket-Protocol: iroh-relay-v1\r\n");
        }
    }

    // The answer.

    @ParameterizedTest
    @EnumSource
    void theRelayChoosesTheVersion(ProtocolVersion version) throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn(version.subprotocol());
            peer.awaitEnd();
        })) {
            try (var connection = client.connect(relay.url())) {
                assertThat(connection.version()).isEqualTo(version);
                assertThat(connection.receive()).isInstanceOf(RelayEvent.Proved.class);
                assertThat(connection.firstRoundTrip()).isPresent();
            }
        }
    }

    @Test
    void whatFollowsTheAnswerInTheSameSegmentIsNotLost() throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            var request = peer.readHead();
            // Upgrade, challenge and confirmation in one write: the client's answer is read afterwards.
            peer.write(ScriptedRelay.Peer.switching(request, "iroh-relay-v2") + "\u0082\u0011\0" + "c".repeat(16)
                    + "\u0082\u0001\u0002");
            assertThat(peer.hear()).startsWith("01" + KEY.endpointId());
            peer.awaitEnd();
        })) {
            try (var connection = client.connect(relay.url())) {
                assertThat(connection.wasChallenged()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    HTTP/1.1 404 Not Found                  | answered 404 Not Found (expected: 101; is it a relay?)
                    HTTP/1.1 301 Moved\\r\\nLocation: /x     | answered 301 Moved (expected: 101; is it a relay?)
                    HTTP/1.1 200 OK                         | answered 200 OK (expected: 101; is it a relay?)
                    HTTP/1.1 401 \u001b[31m\u0007           | answered 401 [31m (expected: 101; is it a relay?)
                    SSH-2.0-OpenSSH_9.2                     | the answer is not HTTP (expected: 101 Switching Protocols)
                    """)
    void anythingButASwitchFailsTheAttempt(String answer, String why) throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            peer.readHead();
            peer.write(answer.replace("\\r\\n", "\r\n") + "\r\n\r\n");
            peer.awaitEnd();
        })) {
            var failure = failureOf(relay.url());

            assertThat(failure.stage()).isEqualTo(Stage.UPGRADE);
            assertThat(failure).hasMessage("relay %s: upgrade: %s".formatted(relay.url(), why));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "iroh-relay-v3",
                "IROH-RELAY-V2",
                "iroh-relay-v2, iroh-relay-v1",
                "iroh-relay-v2\r\nSec-WebSocket-Protocol: iroh-relay-v1"
            })
    void thereHasToBeOneKnownVersionInTheAnswer(String protocol) throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            peer.write(ScriptedRelay.Peer.switching(peer.readHead(), protocol));
            peer.awaitEnd();
        })) {
            assertThat(failureOf(relay.url()).stage()).isEqualTo(Stage.UPGRADE);
        }
    }

    @Test
    void aVersionThatWasNotOfferedIsNotSpoken() throws Exception {
        use(builder().highestVersion(ProtocolVersion.V1));
        try (var relay = new ScriptedRelay(peer -> {
            peer.write(ScriptedRelay.Peer.switching(peer.readHead(), "iroh-relay-v2"));
            peer.awaitEnd();
        })) {
            assertThat(failureOf(relay.url()).stage()).isEqualTo(Stage.UPGRADE);
        }
    }

    @Test
    void theAnswerHasToBeToOurKey() throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            var other = peer.readHead().replaceAll("Sec-WebSocket-Key: .*", "Sec-WebSocket-Key: another");
            peer.write(ScriptedRelay.Peer.switching(other, "iroh-relay-v2"));
            peer.awaitEnd();
        })) {
            assertThat(failureOf(relay.url())).hasMessageEndingWith("Sec-WebSocket-Accept does not answer our key");
        }
    }

    @Test
    void anAnswerWithoutEndIsNotReadForEver() throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            peer.readHead();
            peer.write("HTTP/1.1 101 Switching Protocols\r\n");
            for (int i = 0; ; i++) {
                peer.write("X-%d: %s\r\n".formatted(i, "x".repeat(1000)));
            }
        })) {
            assertThat(failureOf(relay.url()).stage()).isEqualTo(Stage.UPGRADE);
            relay.awaitFailure();
        }
    }

    @Test
    void aServerThatHangsUpIsTold() throws Exception {
        try (var relay = new ScriptedRelay(ScriptedRelay.Peer::readHead)) {
            assertThat(failureOf(relay.url()))
                    .hasMessage("relay %s: upgrade: the connection was closed".formatted(relay.url()));
        }
    }

    @Test
    void aRelayThatDeniesUsIsQuoted() throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            peer.upgrade("iroh-relay-v2");
            peer.say("0302" + "6e6f");
            peer.awaitEnd();
        })) {
            assertThat(failureOf(relay.url()))
                    .hasMessage("relay %s: denied: the relay denied our authentication (no)".formatted(relay.url()));
        }
    }

    // Time.

    @ParameterizedTest
    @ValueSource(strings = {"silent", "half an answer", "upgraded", "challenge"})
    void anAttemptHasALimitHoweverFarItGot(String how) throws Exception {
        use(builder().connectTimeout(Duration.ofMillis(300)));
        try (var relay = new ScriptedRelay(peer -> {
            switch (how) {
                case "half an answer" -> {
                    peer.readHead();
                    peer.write("HTTP/1.1 101 Swi");
                }
                case "upgraded" -> peer.upgrade("iroh-relay-v2");
                case "challenge" -> {
                    peer.upgrade("iroh-relay-v2");
                    peer.say("00" + "11".repeat(16));
                }
                default -> {}
            }
            peer.awaitEnd();
        })) {
            assertThat(failureOf(relay.url())).hasMessageEndingWith("no end within 300 ms");
        }
    }

    @Test
    void whoWaitsForAConnectionCanBeInterrupted() throws Exception {
        var reached = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        try (var relay = new ScriptedRelay(peer -> {
            reached.countDown();
            peer.awaitEnd();
            ended.countDown();
        })) {
            var thread = Thread.startVirtualThread(() ->
                    assertThatThrownBy(() -> client.connect(relay.url())).isInstanceOf(InterruptedException.class));
            reached.await();

            thread.interrupt();

            assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    // Addresses.

    @Test
    void aFamilyThatIsNotServedCostsAQuarterOfASecondAtMost() throws Exception {
        use(builder()
                .resolver((host, family) ->
                        List.of(InetAddress.ofLiteral(family == AddressFamily.IPV6 ? "::1" : "127.0.0.1"))));
        try (var relay = new ScriptedRelay(InetAddress.ofLiteral("127.0.0.1"), peer -> {
            peer.letIn("iroh-relay-v2");
            peer.awaitEnd();
        })) {
            try (var connection = client.connect("http://relay.example.:" + relay.port())) {
                assertThat(connection.remoteAddress().toString()).contains("127.0.0.1");
            }
        }
    }

    @Test
    void theResolverIsAskedForTheHostAsItIsWritten() throws Exception {
        BlockingQueue<String> asked = new ArrayBlockingQueue<>(4);
        use(builder().resolver((host, family) -> {
            asked.add(host + " " + family);
            throw new IOException("not today");
        }));

        var failure = failureOf("http://relay.example.");

        assertThat(failure.stage()).isEqualTo(Stage.RESOLVE);
        assertThat(failure).hasMessageContaining("IPv4: not today").hasMessageContaining("IPv6: not today");
        assertThat(asked).containsExactlyInAnyOrder("relay.example. IPv4", "relay.example. IPv6");
    }

    @Test
    void aResolverThatBreaksIsToldToo() {
        use(builder().resolver((host, family) -> {
            throw new IllegalStateException("broken");
        }));

        assertThat(failureOf("http://relay.example").stage()).isEqualTo(Stage.RESOLVE);
    }

    @Test
    void nobodyThereIsToldWithTheAddress() throws Exception {
        var url = ScriptedRelay.urlOfNobody();

        assertThat(failureOf(url)).hasMessage("relay %s: connect: /127.0.0.1: Connection refused".formatted(url));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:3340", "http://relay.example:0"})
    void aUrlThatCannotBeDialledIsRefused(String url) {
        assertThat(failureOf(url).stage()).isEqualTo(Stage.SETTINGS);
    }

    @Test
    void secretsInAUrlAreNotTold() {
        assertThat(failureOf("http://user:secret@127.0.0.1:0/?token=secret")).hasMessageNotContaining("secret");
    }

    // Proxies.

    @Test
    void aProxyIsAskedForATunnelByNameAndWithCredentials() throws Exception {
        var heads = new ArrayBlockingQueue<String>(2);
        try (var proxy = new ScriptedRelay(peer -> {
            heads.add(peer.readHead());
            peer.write("HTTP/1.0 204 Connection established\r\nContent-Length: 9\r\n\r\n");
            heads.add(peer.letIn("iroh-relay-v2"));
            peer.awaitEnd();
        })) {
            use(builder()
                    .proxies(ProxyRules.of(
                            ProxyServer.of("127.0.0.1", proxy.port()).withCredentials("us er", "p:\u00e4/%"))));

            client.connect("http://relay.example.:3340").close();

            assertThat(heads.take())
                    .isEqualTo("CONNECT relay.example:3340 HTTP/1.1\r\nHost: relay.example:3340\r\n"
                            + "Proxy-Connection: Keep-Alive\r\nProxy-Authorization: Basic "
                            + Base64.getEncoder().encodeToString("us er:p:\u00c3\u00a4/%".getBytes(ISO_8859_1))
                            + "\r\n\r\n");
            assertThat(heads.take()).startsWith("GET /relay HTTP/1.1\r\nHost: relay.example.:3340\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    HTTP/1.1 407 Who are you | answered 407 Who are you (expected: 2xx; it wants credentials, and none are set)
                    HTTP/1.1 403 Forbidden   | answered 403 Forbidden (expected: 2xx)
                    what?                    | answered something that is not HTTP (expected: 2xx)
                    """)
    void aProxyThatRefusesIsToldAsSuch(String answer, String why) throws Exception {
        try (var proxy = new ScriptedRelay(peer -> {
            peer.readHead();
            peer.write(answer + "\r\n\r\n");
            peer.awaitEnd();
        })) {
            use(builder().proxies(ProxyRules.of(ProxyServer.of("127.0.0.1", proxy.port()))));

            assertThat(failureOf("http://relay.example"))
                    .hasMessage(
                            "relay http://relay.example: proxy: proxy 127.0.0.1:%d %s".formatted(proxy.port(), why));
        }
    }

    // The connection.

    @Test
    void datagramsGoOutAndComeIn() throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            var sent = peer.hear();
            assertThat(sent).isEqualTo("04" + KEY.endpointId() + "00" + "68656c6c6f");
            peer.say("06" + sent.substring(2));
            assertThat(peer.hear()).isEqualTo("05" + KEY.endpointId() + "01" + "0002" + "68656c6c6f");
            assertThat(peer.hear()).isEqualTo("8:03e8");
            peer.awaitEnd();
        })) {
            var connection = client.connect(relay.url());
            connection.send(KEY.endpointId(), HELLO);

            assertThat(connection.receive()).isInstanceOf(RelayEvent.Proved.class);
            assertThat(connection.receive()).isEqualTo(new RelayEvent.Received(KEY.endpointId(), HELLO));
            connection.send(KEY.endpointId(), new Datagrams(1, 2, HELLO.contents()));

            connection.close();
            assertThat(connection.end().orElseThrow().cause()).isEqualTo(ConnectionEnd.Cause.CLOSED_HERE);
            assertThat(connection.receive()).isInstanceOf(RelayEvent.Ended.class);
            assertThat(connection.receive()).isInstanceOf(RelayEvent.Ended.class);
            assertThat(connection.figures().sentFrames()).isEqualTo(2);
            assertThat(connection.figures().receivedFrames()).isEqualTo(1);
            assertThat(connection.trySend(KEY.endpointId(), HELLO)).isFalse();
            assertThatThrownBy(() -> connection.send(KEY.endpointId(), HELLO)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void whatCannotBeDeliveredIsNotTaken() throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            peer.awaitEnd();
        })) {
            try (var connection = client.connect(relay.url())) {
                var empty = new Datagrams(0, 0, ByteBuffer.allocate(0));
                var large = new Datagrams(0, 0, ByteBuffer.allocate(65_503));

                assertThatThrownBy(() -> connection.trySend(KEY.endpointId(), empty))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> connection.trySend(KEY.endpointId(), large))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void datagramsWithNothingInThemAreDroppedAndCounted() throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            peer.say("06" + KEY.endpointId() + "00");
            peer.say("08" + KEY.endpointId());
            peer.awaitEnd();
        })) {
            try (var connection = client.connect(relay.url())) {
                connection.receive();

                assertThat(connection.receive()).isEqualTo(new RelayEvent.EndpointGone(KEY.endpointId()));
                assertThat(connection.figures().dropped(DropReason.RECEIVED_EMPTY))
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void aProgramThatTakesNothingLosesTheNewestAndKeepsItsConnection() throws Exception {
        var allSaid = new CountDownLatch(1);
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            for (int i = 0; i < RelayInbox.MAX_FRAMES + 10; i++) {
                peer.say("06" + KEY.endpointId() + "00" + "%08x".formatted(i));
            }
            peer.say("090000000000000001");
            while (!peer.hear().equals("0a0000000000000001")) {
                // a ping of the client's
            }
            allSaid.countDown();
            peer.awaitEnd();
        })) {
            try (var connection = client.connect(relay.url())) {
                assertThat(allSaid.await(30, TimeUnit.SECONDS)).isTrue();

                assertThat(connection.figures().dropped(DropReason.INBOX_FULL)).isEqualTo(10);
                connection.receive();
                for (int i = 0; i < RelayInbox.MAX_FRAMES; i++) {
                    var received = (RelayEvent.Received) connection.receive();
                    assertThat(received.datagrams().contents().getInt()).isEqualTo(i);
                }
                assertThat(connection.receive(Duration.ZERO)).isEmpty();
            }
        }
    }

    @Test
    void aRelayThatDoesNotReadFillsTheQueueAndNoMore() throws Exception {
        var done = new CountDownLatch(1);
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            done.await();
        })) {
            var connection = client.connect(relay.url());
            var datagrams = new Datagrams(0, 1200, ByteBuffer.allocate(60_000));
            int taken = 0;
            while (connection.trySend(KEY.endpointId(), datagrams)) {
                taken++;
            }

            // What the sockets and the channel hold, and then the queue.
            assertThat(taken).isBetween(17, 400);
            done.countDown();
            connection.close();
            assertThat(connection.figures().sentFrames()
                            + connection.figures().dropped(DropReason.CONNECTION_ENDED)
                            + connection.figures().dropped(DropReason.TOO_OLD))
                    .isEqualTo(taken);
        }
    }

    @Test
    void theEndIsTheLastEvent() throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            peer.say("0c000003e800002710");
        })) {
            var connection = client.connect(relay.url());

            assertThat(connection.receive()).isInstanceOf(RelayEvent.Proved.class);
            assertThat(connection.receive())
                    .isEqualTo(new RelayEvent.Restarting(Duration.ofSeconds(1), Duration.ofSeconds(10)));
            assertThat(((RelayEvent.Ended) connection.receive()).end().cause())
                    .isEqualTo(ConnectionEnd.Cause.STREAM_ENDED);
        }
    }

    @Test
    void manyConnectionsShareAnInbox() throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            peer.say("06" + KEY.endpointId() + "00" + "01");
            peer.awaitEnd();
        })) {
            var inbox = new RelayInbox();
            var connections = new java.util.HashSet<RelayConnection>();
            for (int i = 0; i < 20; i++) {
                connections.add(client.connect(RelayUrl.parse(relay.url()), inbox));
            }

            var heard = new java.util.HashSet<RelayConnection>();
            for (int i = 0; i < 40; i++) {
                heard.add(inbox.take().connection());
            }
            assertThat(heard).isEqualTo(connections);
            assertThatThrownBy(() -> connections.iterator().next().receive()).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aClosedClientDialsNoMore() throws Exception {
        try (var relay = new ScriptedRelay(peer -> {
            peer.letIn("iroh-relay-v2");
            assertThat(peer.hear()).isEqualTo("8:03e8");
        })) {
            var connection = client.connect(relay.url());

            client.close();

            assertThat(connection.end().orElseThrow().cause()).isEqualTo(ConnectionEnd.Cause.CLOSED_HERE);
            assertThat(failureOf(relay.url())).hasMessageEndingWith("the client has been closed");
        }
    }

    private RelayConnectException failureOf(String url) {
        var failure = catchThrowableOfType(RelayConnectException.class, () -> client.connect(url));
        assertThat(failure).as("the attempt fails").isNotNull();
        return failure;
    }
}
