package io.teahouse.relay.server.testing;

import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs a real relay for tests, on a free port of the loopback address.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final RelayServerExtension relay = RelayServerExtension.http();
 * }</pre>
 *
 * <p>In a {@code static} field one relay serves all tests of the class and of the classes nested in it; in an instance
 * field each test has its own. It is closed after the last test that it is for.
 *
 * <p>May be shared between threads, as JUnit does when it runs tests in parallel; {@link #restart} changes the relay
 * under all of them.
 */
public final class RelayServerExtension implements BeforeAllCallback, BeforeEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(RelayServerExtension.class);

    private final boolean tls;
    private final Consumer<RelayServerConfig.Builder> customizer;
    private volatile @Nullable TestRelay running;

    private RelayServerExtension(boolean tls, Consumer<RelayServerConfig.Builder> customizer) {
        this.tls = tls;
        this.customizer = customizer;
    }

    /**
     * {@return a relay for everyone on plain HTTP}
     */
    public static RelayServerExtension http() {
        return new RelayServerExtension(false, _ -> {});
    }

    /**
     * {@return a relay for everyone behind TLS, with a certificate of {@link #certificateAuthority()}}
     */
    public static RelayServerExtension https() {
        return new RelayServerExtension(true, _ -> {});
    }

    /**
     * {@return another relay of the same kind, with settings changed}
     *
     * @param customizer changes the configuration before each start; called after those given before
     */
    public RelayServerExtension with(Consumer<RelayServerConfig.Builder> customizer) {
        return new RelayServerExtension(tls, this.customizer.andThen(customizer));
    }

    /** Starts the relay of a static field. */
    @Override
    public void beforeAll(ExtensionContext context) {
        startOnce(context);
    }

    /** Starts the relay of an instance field. */
    @Override
    public void beforeEach(ExtensionContext context) {
        startOnce(context);
    }

    // What is in the store of a class is seen from its tests and nested classes, and closed when the class is over: so
    // the first call starts the relay, and the relay ends with the context of that call.
    private void startOnce(ExtensionContext context) {
        context.getStore(NAMESPACE).computeIfAbsent(this, _ -> start(), TestRelay.class);
    }

    private TestRelay start() {
        try {
            var started = TestRelay.start(tls, customizer);
            running = started;
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("relay for tests: cannot be started", e);
        }
    }

    /**
     * {@return the relay}
     *
     * @throws IllegalStateException before the first test
     */
    public RelayServer server() {
        return running().server();
    }

    /**
     * {@return where clients find the relay: scheme, IP address and port}
     *
     * @throws IllegalStateException before the first test
     */
    public URI url() {
        return running().url();
    }

    /**
     * {@return who signed the certificate of a relay behind TLS}
     *
     * @throws IllegalStateException before the first test, and for a relay on plain HTTP
     */
    public TestCertificateAuthority certificateAuthority() {
        return running().certificateAuthority();
    }

    /**
     * Closes the relay and starts it again on the same port, as an upgrade of a relay does.
     *
     * @throws IOException           when it cannot be started; it stays closed then
     * @throws IllegalStateException before the first test
     */
    public void restart() throws IOException {
        running().restart();
    }

    private TestRelay running() {
        var relay = running;
        if (relay == null) {
            throw new IllegalStateException(
                    "relay for tests: not started (expected: a field with @RegisterExtension, used in a test)");
        }
        return relay;
    }
}
