package io.teahouse.relay.server.testing;

import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.RelayServerConfig.AddressDiscovery;
import io.teahouse.relay.server.RelayServerConfig.Tls;
import io.teahouse.relay.server.discovery.DiscoveryLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The relay of one {@link RelayServerExtension} and its certificate, from the first start to the end.
 *
 * <p>Safe for use by several threads.
 */
final class TestRelay implements AutoCloseable {
    private static final InetSocketAddress ANY_LOOPBACK_PORT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    /** Of all addresses: clients ask for the one of each family. */
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.ofLiteral("::"), 0);

    private final Consumer<RelayServerConfig.Builder> customizer;
    private final Optional<Certificate> certificate;
    private volatile RelayServer server;

    private TestRelay(Consumer<RelayServerConfig.Builder> customizer, Optional<Certificate> certificate)
            throws IOException {
        this.customizer = customizer;
        this.certificate = certificate;
        this.server = RelayServer.start(builder().build());
    }

    static TestRelay start(boolean tls, Consumer<RelayServerConfig.Builder> customizer) throws IOException {
        return new TestRelay(customizer, tls ? Optional.of(Certificate.create()) : Optional.empty());
    }

    private RelayServerConfig.Builder builder() {
        var builder = RelayServerConfig.builder().http(ANY_LOOPBACK_PORT);
        certificate.ifPresent(shown -> {
            builder.tls(shown.at(ANY_LOOPBACK_PORT));
            builder.addressDiscovery(shown.discoveryAt(ANY_PORT));
        });
        customizer.accept(builder);
        return builder;
    }

    RelayServer server() {
        return server;
    }

    URI url() {
        return URI.create(server.url());
    }

    TestCertificateAuthority certificateAuthority() {
        return certificate
                .map(Certificate::authority)
                .orElseThrow(() -> new IllegalStateException(
                        "certificateAuthority: none (expected: a relay made by RelayServerExtension.https())"));
    }

    void restart() throws IOException {
        var before = server;
        before.close();
        var builder = builder().http(before.httpAddress());
        before.httpsAddress().ifPresent(address -> certificate.ifPresent(shown -> builder.tls(shown.at(address))));
        before.quicAddress()
                .ifPresent(address ->
                        certificate.ifPresent(shown -> builder.addressDiscovery(shown.discoveryAt(address))));
        server = RelayServer.start(builder.build());
    }

    @Override
    public void close() throws IOException {
        server.close();
        if (certificate.isPresent()) {
            certificate.get().delete();
        }
    }

    /** What a relay behind TLS shows. */
    private record Certificate(
            TestCertificateAuthority authority, Path directory, TestCertificateAuthority.ServerFiles files) {

        static Certificate create() throws IOException {
            var authority = TestCertificateAuthority.create();
            var directory = Files.createTempDirectory("teahouse-test-relay");
            return new Certificate(authority, directory, authority.issue(directory, "localhost", "127.0.0.1", "::1"));
        }

        Tls at(InetSocketAddress address) {
            return new Tls(address, files.chain(), files.privateKey());
        }

        AddressDiscovery discoveryAt(InetSocketAddress address) {
            return new AddressDiscovery(address, at(address).certificate(), DiscoveryLimits.DEFAULT);
        }

        void delete() throws IOException {
            Files.deleteIfExists(files.chain());
            Files.deleteIfExists(files.privateKey());
            Files.deleteIfExists(directory);
        }
    }
}
