package io.teahouse.relay.server.conversation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.AccessControl.Decision;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Listens to all that is logged, down to the finest level, Netty's own lines included: no secret of a client is in it, and
 * nothing that a client does is worth a warning.
 */
@Isolated("changes the level of all loggers")
class LogSecretsConversationTest {
    private static final String TOKEN = "s3cr3t-t0ken-of-a-client";
    private static final String QUERY_VALUE = "value-in-the-query";
    private static final List<String> NAMES = List.of("io.teahouse", "io.netty");

    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Queue<LogRecord> warnings = new ConcurrentLinkedQueue<>();
    private final List<Logger> loggers = NAMES.stream().map(Logger::getLogger).toList();

    private final Handler handler = new Handler() {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord record) {
            var text = new StringWriter();
            text.append(formatter.formatMessage(record));
            if (record.getThrown() != null) {
                record.getThrown().printStackTrace(new PrintWriter(text, true));
            }
            lines.add(text.toString());
            if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
                warnings.add(record);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        handler.setLevel(Level.ALL);
        loggers.forEach(logger -> {
            logger.setLevel(Level.ALL);
            logger.addHandler(handler);
            // The console would show it all.
            logger.setUseParentHandlers(false);
        });
    }

    @AfterEach
    void listenNoMore() {
        loggers.forEach(logger -> {
            logger.removeHandler(handler);
            logger.setLevel(null);
            logger.setUseParentHandlers(true);
        });
    }

    private static String request(String... headers) {
        return ScriptedClient.upgradeRequest(
                "/relay?token=%s&x=%s".formatted(TOKEN, QUERY_VALUE), ProtocolVersion.V2, headers);
    }

    @Test
    void noTokenAndNoQueryIsInTheLogWhateverGoesWrong() throws Exception {
        for (var rule : List.of(
                AccessControl.sharedTokens(List.of(TOKEN)),
                AccessControl.sharedTokens(List.of("another")),
                (AccessControl) request -> Decision.deny("no"))) {
            try (var relay = RelayServer.builder()
                    .metrics(Counters.ADDRESS)
                    .access(rule)
                    .tls(TestTls.server())
                    .start()) {
                try (var client = ScriptedClient.connect(relay)) {
                    client.exchange(request("Authorization: Bearer " + TOKEN));
                    client.answerChallenge(ScriptedClient.newKey());
                    client.nextMessage();
                    client.sendBinary(new byte[] {63});
                    client.readToEnd();
                }
                try (var client = ScriptedClient.connect(relay)) {
                    client.exchange(request());
                    client.answerChallenge(ScriptedClient.newKey());
                    client.nextMessage();
                    client.wire().reset();
                }
                for (var bad : List.of(
                        "GET /relay?token=" + TOKEN + " HTTP/1.1\r\n\r\n",
                        "GET /other?token=" + TOKEN + " HTTP/1.1\r\nAuthorization: Bearer " + TOKEN + "\r\n\r\n",
                        "GET /relay?token=" + TOKEN + "\r\n\r\n",
                        "GET /" + QUERY_VALUE + " HTTP/1.1\r\nAuthorization " + TOKEN + "\r\n\r\n",
                        request().replace("v2", "v9"))) {
                    try (var client = ScriptedClient.connect(relay)) {
                        assertThat(client.exchange(bad).status()).isGreaterThanOrEqualTo(400);
                    }
                }
                // What is plain text is no TLS.
                try (var wire = Wire.plain(relay.httpsAddress().orElseThrow())) {
                    wire.write(request("Authorization: Bearer " + TOKEN));
                    wire.skipToEnd();
                }
                Await.until("all have gone", () -> {
                    var counters = Counters.of(relay);
                    return counters.get("http_connections") == 8 && counters.get("http_connections_closed") == 8;
                });
            }
        }

        assertThat(lines).as("this listens to the right log").anyMatch(line -> line.contains("closed, "));
        for (var secret : List.of(TOKEN, QUERY_VALUE)) {
            // In hexadecimal, too: so Netty quotes bytes that it does not understand.
            var hex = HexFormat.of().formatHex(secret.getBytes(UTF_8));
            assertThat(lines).noneMatch(line -> line.contains(secret) || line.contains(hex));
        }
        assertThat(warnings).extracting(LogRecord::getMessage).isEmpty();
    }
}
