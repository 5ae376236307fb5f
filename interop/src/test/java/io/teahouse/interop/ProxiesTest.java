package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame.ReceivedDatagrams;
import io.teahouse.relay.protocol.RelayFrame.SendDatagrams;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig.AcceptLimits;
import io.teahouse.relay.server.RelayServerConfig.Tls;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.ConnectRequest;
import io.teahouse.relay.server.proxy.AddressRange;
import io.teahouse.relay.server.proxy.Proxies;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import io.teahouse.relay.server.testing.TestCertificateAuthority.ServerFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The relay behind real reverse proxies that are set up as we recommend. */
class ProxiesTest {
    private static final InetSocketAddress ANY_LOOPBACK_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final String ELSEWHERE = "127.0.0.2";

    private final TestCertificateAuthority authority = TestCertificateAuthority.create();
    private final List<InetSocketAddress> clients = new CopyOnWriteArrayList<>();

    @TempDir
    private Path folder;

    private ServerFiles files = new ServerFiles(Path.of("chain"), Path.of("key"));

    @BeforeEach
    void issueCertificate() throws IOException {
        files = authority.issue(Files.createDirectory(folder.resolve("certificate")), "localhost", "127.0.0.1");
    }

    private RelayServer relayFor(ReverseProxy.Recipe recipe) throws IOException {
        var relay = RelayServer.builder()
                .http(ANY_LOOPBACK_PORT)
                .proxies(Proxies.trusting(recipe.source(), AddressRange.of("127.0.0.1")))
                .acceptLimits(new AcceptLimits(0, 1, 1000, 2))
                .access(new AccessControl() {
                    @Override
                    public Decision onConnect(ConnectRequest request) {
                        clients.add(request.remoteAddress());
                        return Decision.allow();
                    }
                });
        if (recipe.relayHasTls()) {
            relay.tls(new Tls(ANY_LOOPBACK_PORT, files.chain(), files.privateKey()));
        }
        return relay.start();
    }

    private ReverseProxy proxy(ReverseProxy.Recipe recipe, RelayServer relay) throws Exception {
        return ReverseProxy.start(recipe, Files.createDirectory(folder.resolve("proxy")), files, relay);
    }

    private HttpClient.Builder httpClient() {
        return HttpClient.newBuilder().sslContext(authority.clientContext());
    }

    /** A client that comes from another address than the proxy, and lies about it. */
    private ForeignRelayClient connectFromElsewhere(ReverseProxy proxy) throws Exception {
        var http = httpClient().localAddress(InetAddress.ofLiteral(ELSEWHERE));
        var lies = Map.of("X-Forwarded-For", "192.0.2.1", "Forwarded", "for=192.0.2.1");
        return ForeignRelayClient.connect(
                (uri, offered, events) -> JdkWebSocket.open(http, lies, uri, offered, events),
                proxy.url(),
                ProtocolVersion.V2);
    }

    @ParameterizedTest
    @EnumSource
    void thePagesOfTheRelayAreThere(ReverseProxy.Recipe recipe) throws Exception {
        try (var relay = relayFor(recipe);
                var proxy = proxy(recipe, relay);
                var http = httpClient().build()) {
            var ping = http.send(request(proxy.url().resolve("/ping")), HttpResponse.BodyHandlers.ofString());
            assertThat(ping.statusCode()).isEqualTo(200);
            assertThat(ping.headers().firstValue("access-control-allow-origin")).hasValue("*");

            var probe =
                    http.send(request(proxy.plainUrl().resolve("/generate_204")), HttpResponse.BodyHandlers.ofString());
            assertThat(probe.statusCode()).isEqualTo(204);
            assertThat(probe.headers().firstValue("x-iroh-response")).hasValue("response oolong");
        }
    }

    private static HttpRequest request(URI uri) {
        return HttpRequest.newBuilder(uri)
                .version(HttpClient.Version.HTTP_1_1)
                .header("X-Iroh-Challenge", "oolong")
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void theRelaySeesWhereAClientComesFromWhateverItSaysItself(ReverseProxy.Recipe recipe) throws Exception {
        try (var relay = relayFor(recipe);
                var proxy = proxy(recipe, relay);
                var first = connectFromElsewhere(proxy);
                var second = connectFromElsewhere(proxy)) {
            assertThat(clients)
                    .hasSize(2)
                    .allMatch(client -> client.getAddress().getHostAddress().equals(ELSEWHERE));

            var datagram = new Datagrams(0, 0, ByteBuffer.wrap("tea".getBytes(StandardCharsets.US_ASCII)));
            first.send(new SendDatagrams(second.id(), datagram));
            assertThat(second.receive()).isEqualTo(new ReceivedDatagrams(first.id(), datagram));

            expectRefusal(recipe, proxy);
        }
    }

    /** Two connections are what an address may have here. */
    private void expectRefusal(ReverseProxy.Recipe recipe, ReverseProxy proxy) {
        try (var third = connectFromElsewhere(proxy)) {
            throw proxy.failure("lets in %s as the third".formatted(third.id()));
        } catch (ExecutionException e) {
            if (!recipe.relayHasTls()) {
                assertThat(e.getCause())
                        .asInstanceOf(InstanceOfAssertFactories.type(WebSocketHandshakeException.class))
                        .extracting(failed -> failed.getResponse().statusCode())
                        .isEqualTo(429);
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void realEndpointsMeet(ReverseProxy.Recipe recipe) throws Exception {
        PeerPackages.root();
        var trusted = authority.writeCertificate(folder.resolve("authority.pem"));
        try (var relay = relayFor(recipe);
                var proxy = proxy(recipe, relay);
                var listener = PeerProcess.listen(Peer.PYTHON, proxy.url(), trusted, "--relay-only", "--conns", "1")
                        .awaitOnline();
                var dialler = PeerProcess.connect(
                        Peer.NPM,
                        proxy.url(),
                        trusted,
                        listener.id(),
                        "--relay-only",
                        "--expect",
                        "relay",
                        "--bytes",
                        "1000000",
                        "--datagrams",
                        "20")) {
            dialler.awaitSuccess();
            listener.awaitSuccess();

            assertThat(dialler.await("round").number("bytes")).isEqualTo(1_000_000);
            assertThat(dialler.await("datagrams").number("echoed")).isEqualTo(20);
            assertThat(clients).hasSize(2);
        }
    }
}
