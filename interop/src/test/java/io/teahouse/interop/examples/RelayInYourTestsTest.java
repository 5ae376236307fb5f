package io.teahouse.interop.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.testing.RelayServerExtension;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * How tests of your own get a relay.
 *
 * <p>With Maven, beside JUnit 6 and the relay server itself:
 *
 * <pre>{@code
 * <dependency>
 *   <groupId>io.teahouse</groupId>
 *   <artifactId>teahouse-relay-server</artifactId>
 *   <version>${teahouse.version}</version>
 *   <type>test-jar</type>
 *   <scope>test</scope>
 * </dependency>
 * <dependency>  <!-- only for RelayServerExtension.https() -->
 *   <groupId>org.bouncycastle</groupId>
 *   <artifactId>bcpkix-jdk18on</artifactId>
 *   <scope>test</scope>
 * </dependency>
 * }</pre>
 */
class RelayInYourTestsTest {
    /** One relay for all tests of the class, since the field is static. */
    @RegisterExtension
    static final RelayServerExtension relay = RelayServerExtension.http();

    /** Behind TLS, with a certificate that nobody else trusts. */
    @RegisterExtension
    static final RelayServerExtension secureRelay = RelayServerExtension.https();

    /** Everything that a relay can be told, and one for each test, since the field is not static. */
    @RegisterExtension
    final RelayServerExtension slowRelay = RelayServerExtension.http()
            .with(config -> config.clientReceiveLimit(ReceiveLimit.ofRate(100_000))
                    .metrics(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));

    @Test
    void yourProgramUsesTheRelay() throws Exception {
        // In place of this client: your program, told relay.url().
        try (var client = HttpClient.newHttpClient()) {
            assertThat(status(client, relay.url().resolve("/ping"))).isEqualTo(200);
        }
    }

    @Test
    void yourProgramTrustsTheRelaysCertificate() throws Exception {
        var tls = secureRelay.certificateAuthority().clientContext();
        try (var client = HttpClient.newBuilder().sslContext(tls).build()) {
            assertThat(status(client, secureRelay.url().resolve("/ping"))).isEqualTo(200);
        }
    }

    @Test
    void yourProgramOutlivesARestartOfTheRelay() throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            slowRelay.restart();

            assertThat(status(client, slowRelay.url().resolve("/ping"))).isEqualTo(200);
        }
    }

    @Test
    void youLookAtTheRelayItself() throws Exception {
        var metrics = slowRelay.server().metricsAddress().orElseThrow();
        try (var client = HttpClient.newHttpClient()) {
            assertThat(status(client, URI.create("http://127.0.0.1:%d/metrics".formatted(metrics.getPort()))))
                    .isEqualTo(200);
        }
    }

    private static int status(HttpClient client, URI url) throws Exception {
        return client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.discarding())
                .statusCode();
    }
}
