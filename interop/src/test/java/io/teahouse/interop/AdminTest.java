package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Operators see a real endpoint, and end its connection. */
class AdminTest {
    private static final Pattern CONNECTION = Pattern.compile("\"connection\":([0-9]+)");

    @Test
    void aRealEndpointIsListedAndComesBackWhenItIsDisconnected() throws Exception {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (var relay = RelayServer.builder()
                        .admin(new RelayServerConfig.Admin(address, Optional.empty()))
                        .start();
                var peer =
                        PeerProcess.listen(Peer.PYTHON, URI.create(relay.url())).awaitOnline()) {
            String path = "/clients/" + peer.id();
            String first = connection(ask(relay, "GET", path)).orElseThrow();

            assertThat(ask(relay, "POST", path + "/disconnect")).contains("\"disconnected\":true");

            long deadline = System.nanoTime() + Program.DEADLINE.toNanos();
            Optional<String> present;
            do {
                assertThat(System.nanoTime()).as("comes back").isLessThan(deadline);
                present = connection(ask(relay, "GET", "/clients?id=" + peer.id()));
            } while (present.isEmpty() || present.get().equals(first));
        }
    }

    private static Optional<String> connection(String body) {
        return CONNECTION.matcher(body).results().map(found -> found.group(1)).findFirst();
    }

    private static String ask(RelayServer relay, String method, String path) throws Exception {
        int port = relay.adminAddress().orElseThrow().getPort();
        var connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setRequestMethod(method);
        try (var body = connection.getInputStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
