package io.teahouse.relay.server.conversation;

import static io.teahouse.relay.server.conversation.Await.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.admin.AdminOperations;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators are told over the admin listener, and who is not. */
@Conversation
class AdminConversationTest {
    private static final Pattern CONNECTION = Pattern.compile("\"connection\":([0-9]+)");
    private static final Pattern NEXT = Pattern.compile("\"next\":\"([0-9]+)\"");

    private static RelayServer relay(String... token) throws IOException {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return RelayServer.builder()
                .eventLoops(2)
                .admin(new RelayServerConfig.Admin(
                        address, List.of(token).stream().findFirst()))
                .start();
    }

    private static HttpReply ask(RelayServer relay, String line, String... headers) throws IOException {
        return askWithHost(relay, line, "127.0.0.1", headers);
    }

    private static HttpReply askWithHost(RelayServer relay, String line, String host, String... headers)
            throws IOException {
        var request = new StringBuilder(line + " HTTP/1.1\r\nHost: " + host + "\r\n");
        for (var header : headers) {
            request.append(header).append("\r\n");
        }
        try (var wire = Wire.plain(relay.adminAddress().orElseThrow())) {
            wire.write(request + "\r\n");
            var reply = HttpReply.read(wire, line.substring(0, line.indexOf(' ')));
            assertThat(reply.header("access-control-allow-origin")).isEmpty();
            assertThat(reply.header("connection")).contains("close");
            return reply;
        }
    }

    // ---- who may ask ---------------------------------------------------------------------------------------------

    @Test
    void onAnAddressOfOtherMachinesItNeedsAToken() {
        var everywhere = new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0);
        assertThatThrownBy(() -> new RelayServerConfig.Admin(everywhere, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("token: none");
        assertThat(new RelayServerConfig.Admin(everywhere, Optional.of("sencha")).toString())
                .doesNotContain("sencha");
    }

    @Test
    void itIsOffUnlessAskedFor() throws Exception {
        try (var relay = RelayServer.builder().start()) {
            assertThat(relay.adminAddress()).isEmpty();
        }
    }

    @Test
    void withATokenOnlyWhoShowsItIsAnswered() throws Exception {
        try (var relay = relay("sencha")) {
            assertThat(ask(relay, "GET /status").status()).isEqualTo(401);
            assertThat(ask(relay, "GET /status", "Authorization: Bearer senchb").status())
                    .isEqualTo(401);
            assertThat(ask(relay, "GET /status", "Authorization: sencha").status())
                    .isEqualTo(401);
            assertThat(ask(relay, "GET /nothing").status()).isEqualTo(401);
            assertThat(ask(relay, "GET /status", "Authorization: Bearer sencha").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aWebPageIsNotAnswered() throws Exception {
        try (var relay = relay()) {
            assertThat(ask(relay, "GET /status", "Origin: http://127.0.0.1").status())
                    .isEqualTo(403);
            assertThat(ask(relay, "POST /drain", "Origin: null").status()).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "localhost,200",
        "LOCALHOST:9091,200",
        "127.0.0.1:9091,200",
        "[::1]:9091,200",
        "evil.example,403",
        "evil.example:9091,403",
        "127.0.0.1.evil.example,403",
        "10.0.0.1,403",
        "[::1,403",
        "'',403"
    })
    void aHostThatIsNotOursIsNotAnswered(String host, int status) throws Exception {
        try (var relay = relay()) {
            assertThat(askWithHost(relay, "GET /status", host).status()).isEqualTo(status);
        }
    }

    @Test
    void twoHostsAreNone() throws Exception {
        try (var relay = relay()) {
            assertThat(ask(relay, "GET /status", "Host: localhost").status()).isIn(400, 403);
        }
    }

    // ---- what can be asked ---------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"GET /drain", "GET /reload", "PUT /drain", "POST /clients", "POST /status", "HEAD /config"})
    void anotherMethodIsNotAllowed(String line) throws Exception {
        try (var relay = relay()) {
            var reply = ask(relay, line);
            assertThat(reply.status()).isEqualTo(405);
            assertThat(reply.header("allow"))
                    .contains(line.contains("/drain") || line.contains("/reload") ? "POST" : "GET");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET /,404",
        "GET /nothing,404",
        "GET /clients/x/y,404",
        "GET /clients/x/disconnect/z,404",
        "GET /clients/x,400",
        "GET /clients?limit=0,400",
        "GET /clients?limit=10001,400",
        "GET /clients?after=-1,400",
        "GET /clients?after=1&after=2,400",
        "POST /clients/x/disconnect,400",
        "GET /config,503"
    })
    void whatCannotBeAnsweredSaysSo(String line, int status) throws Exception {
        try (var relay = relay()) {
            var reply = ask(relay, line);
            assertThat(reply.status()).isEqualTo(status);
            assertThat(reply.body()).startsWith("{\"error\":\"");
        }
    }

    @Test
    void aBodyThatIsTooLongEndsTheConnection() throws Exception {
        try (var relay = relay();
                var wire = Wire.plain(relay.adminAddress().orElseThrow())) {
            wire.write("POST /drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n" + "x".repeat(70000));
            assertThat(HttpReply.read(wire, "POST").status()).isEqualTo(413);
        }
    }

    @Test
    void theStatusTellsOfListenersAndClients() throws Exception {
        try (var relay = relay();
                var _ = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
            var reply = ask(relay, "GET /status");
            assertThat(reply.header("content-type")).contains("application/json");
            assertThat(reply.header("cache-control")).contains("no-store");
            assertThat(reply.body())
                    .contains("\"ready\":true", "\"clients\":1,", "\"forwarding\":2")
                    .contains("{\"name\":\"admin\",\"address\":\"127.0.0.1:%d\"}"
                            .formatted(relay.adminAddress().orElseThrow().getPort()));
        }
    }

    @Test
    void pagesHaveEveryClientOnceInOrder() throws Exception {
        var open = new ArrayList<ScriptedClient>();
        try (var relay = relay()) {
            for (int i = 0; i < 300; i++) {
                open.add(ScriptedClient.admitted(relay, ScriptedClient.newKey()));
            }
            var all = new ArrayList<Long>();
            String after = "0";
            int pages = 0;
            while (!after.isEmpty()) {
                var body = ask(relay, "GET /clients?limit=70&after=" + after).body();
                CONNECTION
                        .matcher(body)
                        .results()
                        .map(found -> Long.valueOf(found.group(1)))
                        .forEach(all::add);
                after = NEXT.matcher(body)
                        .results()
                        .map((MatchResult found) -> found.group(1))
                        .findFirst()
                        .orElse("");
                pages++;
            }
            assertThat(pages).isEqualTo(5);
            assertThat(all).hasSize(300).doesNotHaveDuplicates().isSorted();
            assertThat(ask(relay, "GET /clients?limit=300").body()).doesNotContain("\"next\"");
        } finally {
            for (var client : open) {
                client.close();
            }
        }
    }

    @Test
    void aClientIsShownWithWhatItSentAndDisplacedOnesToo() throws Exception {
        var key = ScriptedClient.newKey();
        try (var relay = relay();
                var older = ScriptedClient.admitted(relay, key);
                var newer = ScriptedClient.admitted(relay, key)) {
            var id = key.endpointId();
            newer.sendDatagram(id, new byte[100]);
            newer.nextMessage();
            until("counted", () -> ask(relay, "GET /clients/" + id).body().contains("\"received_bytes\":100"));
            var body = ask(relay, "GET /clients?id=" + id).body();
            assertThat(body)
                    .contains("\"id\":\"" + id + "\"", "\"protocol\":\"iroh-relay-v2\"", "\"address\":\"127.0.0.1:")
                    .containsSubsequence("\"state\":\"inactive\"", "\"state\":\"active\"");
            assertThat(older.nextMessage()).isNotEmpty();
        }
    }

    // ---- what can be done ----------------------------------------------------------------------------------------

    @Test
    void aDisconnectedClientIsGone() throws Exception {
        var key = ScriptedClient.newKey();
        try (var relay = relay();
                var client = ScriptedClient.admitted(relay, key)) {
            var path = "/clients/" + key.endpointId();
            assertThat(ask(relay, "POST " + path + "/disconnect?connection=0").status())
                    .isEqualTo(404);
            assertThat(ask(relay, "POST " + path + "/disconnect").status()).isEqualTo(200);
            client.expectClosed(1008);
            until("gone", () -> ask(relay, "GET " + path).status() == 404);
        }
    }

    @Test
    void drainIsAnsweredAndReloadTellsWhatCameOfIt() throws Exception {
        var drained = new CountDownLatch(1);
        try (var relay = relay()) {
            relay.setAdminOperations(new AdminOperations() {
                @Override
                public void drain() {
                    drained.countDown();
                }

                @Override
                public Reloaded reload() {
                    return new Reloaded(false, "to be \"mended\"", Optional.empty(), List.of("proxy.*"));
                }

                @Override
                public List<Setting> config() {
                    return List.of(new Setting("access", Optional.of("\"everyone\""), Optional.empty()));
                }
            });
            assertThat(ask(relay, "POST /reload").status()).isEqualTo(422);
            assertThat(ask(relay, "POST /reload").body()).isEqualTo("""
                            {"applied":false,"message":"to be \\"mended\\"","need_restart":["proxy.*"]}
                            """);
            assertThat(ask(relay, "GET /config").body()).isEqualTo("""
                            {"settings":[{"key":"access","value":"\\"everyone\\""}]}
                            """);
            assertThat(drained.getCount()).isEqualTo(1);
            assertThat(ask(relay, "POST /drain").status()).isEqualTo(202);
            assertThat(drained.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
