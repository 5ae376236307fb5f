package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig.Timeouts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Finds out how large a request may be and how long it may take (iroh relay server spec, sections 1 and 11). */
@Conversation
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpLimitsConversationTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(300);

    /** What a timer may be late by on a busy machine; far below what it would be if another limit were at work. */
    private static final Duration SLACK = Duration.ofSeconds(15);

    private final RelayServer plain;
    private final RelayServer tls;

    HttpLimitsConversationTest() throws IOException {
        plain = RelayServer.builder().start();
        tls = RelayServer.builder().tls(TestTls.server()).start();
    }

    @AfterAll
    void stop() {
        plain.close();
        tls.close();
    }

    private static String withHeaderLines(int count) {
        return "GET /ping HTTP/1.1\r\n" + "x: y\r\n".repeat(count) + "\r\n";
    }

    @Test
    void aHundredHeaderLinesAreFineAndOneMoreIsTooMany() throws IOException {
        for (var relay : new RelayServer[] {plain, tls}) {
            try (var client = ScriptedClient.connect(relay)) {
                assertThat(client.exchange(withHeaderLines(100)).status()).isEqualTo(200);

                expectRefusal(client, client.exchange(withHeaderLines(101)), 431);
            }
        }
    }

    @Test
    void aTargetOf65000BytesIsFineAndOneOf66000IsTooLong() throws IOException {
        for (var relay : new RelayServer[] {plain, tls}) {
            try (var client = ScriptedClient.connect(relay)) {
                assertThat(client.exchange("GET /ping?" + "x".repeat(64_994) + " HTTP/1.1\r\n\r\n")
                                .status())
                        .isEqualTo(200);

                expectRefusal(client, client.exchange("GET /ping?" + "x".repeat(65_994) + " HTTP/1.1\r\n\r\n"), 414);
            }
        }
    }

    @Test
    void aHeadOf300000BytesIsFineAndOneOf500000IsTooLarge() throws IOException {
        for (var relay : new RelayServer[] {plain, tls}) {
            try (var client = ScriptedClient.connect(relay)) {
                assertThat(client.exchange(withHeadOf(300_000)).status()).isEqualTo(200);

                expectRefusal(client, client.exchange(withHeadOf(500_000)), 431);
            }
        }
    }

    private static String withHeadOf(int bytes) {
        var start = "GET /ping HTTP/1.1\r\n";
        var line = "a: " + "x".repeat(bytes / 50 - 5) + "\r\n";
        return start + line.repeat(50) + "\r\n";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\r\n\r\n",
                "GET\r\n\r\n",
                "GET /\r\n\r\n",
                "GET / HTTP/1.1\r\n no header\r\n\r\n",
                "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                "GET / HTTP/1.1\r\nname : space\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n",
                "GET / HTTX/1.1\r\n\r\n"
            })
    void whatIsNoRequestIsAnsweredWith400AndClosed(String request) throws IOException {
        try (var client = ScriptedClient.connect(plain)) {
            client.wire().write(request);

            expectRefusal(client, HttpReply.read(client.wire(), "GET"), 400);
        }
    }

    @Test
    void http2IsNotSpoken() throws IOException {
        for (var relay : new RelayServer[] {plain, tls}) {
            try (var client = ScriptedClient.connect(relay)) {
                client.wire().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
                client.wire().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});

                var rest = new StringBuilder();
                for (var line = client.wire().readLine();
                        line.isPresent();
                        line = client.wire().readLine()) {
                    rest.append(line.get()).append('\n');
                }

                // Closed at once, or after one answer that says that this was no request.
                assertThat(rest.toString())
                        .satisfiesAnyOf(
                                none -> assertThat(none).isEmpty(),
                                one -> assertThat(one)
                                        .startsWith("HTTP/1.1 400")
                                        .containsOnlyOnce("HTTP/1.1"));
            }
        }
    }

    @Test
    void aBodyThatNobodyWantsHasAnEnd() throws IOException {
        try (var client = ScriptedClient.connect(plain)) {
            var small = client.exchange("POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n" + "x".repeat(60_000));
            assertThat(small.status()).isEqualTo(404);

            expectRefusal(
                    client,
                    client.exchange("POST / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n" + "x".repeat(70_000)),
                    413);
        }
    }

    private static void expectRefusal(ScriptedClient client, HttpReply reply, int status) throws IOException {
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.body()).isEmpty();
        assertThat(reply.header("connection")).contains("close");
        assertThat(reply.header("date")).isPresent();
        assertThat(client.wire().readLine()).isEqualTo(Optional.empty());
    }

    // ---- time ----------------------------------------------------------------------------------------------------

    private static RelayServer relay(Timeouts timeouts, boolean withTls) {
        var builder = RelayServer.builder().timeouts(timeouts);
        if (withTls) {
            builder.tls(TestTls.server());
        }
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Checks that the other side closes, not before a time is over and not much after. */
    private static void expectEndAfter(Wire wire, Duration least, long fromNanos) throws IOException {
        assertThat(wire.readLine()).isEqualTo(Optional.empty());
        var passed = Duration.ofNanos(System.nanoTime() - fromNanos);
        assertThat(passed).isBetween(least, least.plus(SLACK));
    }

    @Test
    void aConnectionThatSaysNothingIsClosed() throws IOException {
        try (var relay = relay(new Timeouts(LONG, SHORT, LONG, LONG), false)) {
            long start = System.nanoTime();
            try (var wire = Wire.plain(relay.httpAddress())) {
                expectEndAfter(wire, SHORT, start);
            }
        }
    }

    @Test
    void aConnectionThatNeverBeginsTlsIsClosed() throws IOException {
        try (var relay = relay(new Timeouts(LONG, SHORT, LONG, LONG), true)) {
            long start = System.nanoTime();
            try (var main = Wire.plain(relay.httpsAddress().orElseThrow());
                    var beside = Wire.plain(relay.httpAddress())) {
                expectEndAfter(main, SHORT, start);
                expectEndAfter(beside, SHORT, start);
            }
        }
    }

    @Test
    void aConnectionThatStopsWithinItsTlsHandshakeIsClosed() throws IOException {
        try (var relay = relay(new Timeouts(LONG, SHORT, LONG, LONG), true)) {
            long start = System.nanoTime();
            try (var wire = Wire.plain(relay.httpsAddress().orElseThrow())) {
                // The beginning of a record that announces 512 bytes.
                wire.write(new byte[] {22, 3, 1, 2, 0, 1, 0});

                expectEndAfter(wire, SHORT, start);
            }
        }
    }

    @Test
    void aRequestThatComesTooSlowlyIsCutOff() throws IOException {
        try (var relay = relay(new Timeouts(LONG, LONG, SHORT, LONG), false)) {
            long start = System.nanoTime();
            try (var wire = Wire.plain(relay.httpAddress())) {
                wire.write("GET /ping HTTP/1.1\r\nHost: loc");

                expectEndAfter(wire, SHORT, start);
            }
        }
    }

    @Test
    void aBodyThatNeverComesIsCutOffToo() throws IOException {
        try (var relay = relay(new Timeouts(LONG, LONG, SHORT, LONG), false)) {
            long start = System.nanoTime();
            try (var wire = Wire.plain(relay.httpAddress())) {
                wire.write(ScriptedClient.upgradeRequest(ProtocolVersion.V2, "Content-Length: 10") + "abc");

                expectEndAfter(wire, SHORT, start);
            }
        }
    }

    @Test
    void aConnectionThatIsIdleAfterAnAnswerIsClosed() throws IOException {
        try (var relay = relay(new Timeouts(LONG, SHORT, LONG, LONG), false);
                var client = ScriptedClient.connect(relay)) {
            long start = System.nanoTime();
            assertThat(client.exchange("GET /ping HTTP/1.1\r\n\r\n").status()).isEqualTo(200);

            expectEndAfter(client.wire(), SHORT, start);
        }
    }

    @Test
    void aConnectionThatIsUsedLivesOnBeyondItsIdleTimeAndMayThenUpgrade() throws IOException {
        var idle = Duration.ofSeconds(2);
        try (var relay = relay(new Timeouts(idle, idle, idle, LONG), false);
                var client = ScriptedClient.connect(relay)) {
            long start = System.nanoTime();
            do {
                assertThat(client.exchange("GET /ping HTTP/1.1\r\n\r\n").status())
                        .isEqualTo(200);
            } while (System.nanoTime() - start < idle.plusMillis(300).toNanos());

            client.beAdmitted(ScriptedClient.newKey(), ProtocolVersion.V2);

            client.expectQuietAndAlive();
        }
    }

    @Test
    void aClientThatIsNotAdmittedInTimeIsClosedAndToldWhy() throws IOException {
        try (var relay = relay(new Timeouts(SHORT, LONG, LONG, LONG), false)) {
            long start = System.nanoTime();
            try (var client = ScriptedClient.connect(relay)) {
                client.upgrade(ProtocolVersion.V2);
                assertThat(client.nextMessage()).hasSize(17);

                client.expectClosed(1008);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(SHORT, SHORT.plus(SLACK));
            }
        }
    }

    @Test
    void theMetricsListenerHasTheSameTimeLimits() throws IOException {
        var free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (var relay = RelayServer.builder()
                .timeouts(new Timeouts(LONG, SHORT, LONG, LONG))
                .metrics(free)
                .start()) {
            long start = System.nanoTime();
            try (var wire = Wire.plain(relay.metricsAddress().orElseThrow())) {
                expectEndAfter(wire, SHORT, start);
            }
        }
    }
}
