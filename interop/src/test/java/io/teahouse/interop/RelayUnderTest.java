package io.teahouse.interop;

import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.testing.RelayServerExtension;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The relay that foreign software meets in a test: ours, in this process; or the reference's, where {@code
 * TEAHOUSE_REFERENCE_RELAY} in the environment names its program, to see whether a test is right.
 *
 * <p>In a {@code static} field it serves the class, in an instance field one test.
 */
final class RelayUnderTest implements BeforeAllCallback, BeforeEachCallback {
    private static final Optional<Path> REFERENCE =
            Optional.ofNullable(System.getenv("TEAHOUSE_REFERENCE_RELAY")).map(Path::of);
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(RelayUnderTest.class);

    private final boolean tls;
    private final RelayServerExtension ours;
    private final String referenceSettings;
    private volatile @Nullable ReferenceRelay reference;
    private volatile @Nullable Path certificateFile;

    private RelayUnderTest(boolean tls, RelayServerExtension ours, String referenceSettings) {
        this.tls = tls;
        this.ours = ours;
        this.referenceSettings = referenceSettings;
    }

    static RelayUnderTest http() {
        return new RelayUnderTest(false, RelayServerExtension.http(), "");
    }

    static RelayUnderTest https() {
        return new RelayUnderTest(true, RelayServerExtension.https(), "");
    }

    /**
     * {@return another relay of the same kind, with one setting changed}
     *
     * @param setting   changes it for ours
     * @param reference says the same to the reference, in TOML with full keys
     */
    RelayUnderTest with(Consumer<RelayServerConfig.Builder> setting, String reference) {
        return new RelayUnderTest(tls, ours.with(setting), referenceSettings + reference + "\n");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getStore(NAMESPACE).computeIfAbsent(this, _ -> start(context), AutoCloseable.class);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        beforeAll(context);
    }

    private AutoCloseable start(ExtensionContext context) {
        try {
            if (REFERENCE.isPresent()) {
                reference = ReferenceRelay.start(REFERENCE.get(), tls, referenceSettings);
            } else {
                ours.beforeAll(context);
            }
            if (tls) {
                certificateFile = authority().writeCertificate(Files.createTempFile("teahouse-interop", ".pem"));
            }
            return this::close;
        } catch (IOException e) {
            throw new UncheckedIOException("relay under test: cannot be started", e);
        }
    }

    private void close() throws IOException {
        var file = certificateFile;
        if (file != null) {
            Files.deleteIfExists(file);
        }
        var relay = reference;
        if (relay != null) {
            relay.close();
        }
    }

    URI url() {
        var relay = reference;
        return relay == null ? ours.url() : relay.url();
    }

    /**
     * {@return the UDP port of address discovery, of a relay behind TLS}
     */
    int quicPort() {
        var relay = reference;
        return relay == null ? ours.server().quicAddress().orElseThrow().getPort() : relay.quicPort();
    }

    /**
     * {@return who signed the certificate of a relay behind TLS}
     */
    TestCertificateAuthority authority() {
        var relay = reference;
        return relay == null ? ours.certificateAuthority() : relay.authority();
    }

    /**
     * {@return the PEM file of what clients must trust, if the relay is behind TLS}
     */
    Optional<Path> trustedCertificate() {
        return Optional.ofNullable(certificateFile);
    }

    /** Ends the relay and starts it again on the same port. */
    void restart() throws IOException {
        var relay = reference;
        if (relay == null) {
            ours.restart();
        } else {
            relay.restart();
        }
    }
}
