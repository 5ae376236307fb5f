package io.teahouse.relay.server.discovery;

import io.teahouse.relay.server.tls.ServerCertificate;
import io.teahouse.tls.ServerConfig;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.message.Opaque;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * TLS for new connections, with the certificate that is in force when they begin: that of the TLS listener, whenever it is
 * replaced. Not thread-safe: confined to the thread that asks.
 */
final class CertificateShown {
    private static final System.Logger LOG = System.getLogger(CertificateShown.class.getName());

    /** What endpoints ask for (iroh QUIC spec, section 3.2). */
    static final Opaque PROTOCOL = Opaque.ofUtf8("/iroh-qad/0");

    private final Supplier<Optional<ServerCertificate>> inForce;
    private @Nullable ServerCertificate seen;
    private Optional<ServerConfig> config = Optional.empty();

    CertificateShown(Supplier<Optional<ServerCertificate>> inForce) {
        this.inForce = inForce;
    }

    /**
     * Finds out whether a certificate can be used here.
     *
     * @throws IOException when it cannot; the message says why
     */
    static void requireUsable(ServerCertificate certificate) throws IOException {
        try {
            make(certificate);
        } catch (IllegalArgumentException e) {
            throw new IOException("quic: the certificate cannot be used for address discovery: " + e.getMessage(), e);
        }
    }

    private static ServerConfig make(ServerCertificate certificate) {
        return ServerConfig.builder(Credential.of(certificate.chain(), certificate.key()), List.of(PROTOCOL))
                .build();
    }

    /** Returns TLS as it is to be now; empty while there is no certificate. */
    @SuppressWarnings("ReferenceEquality") // one is replaced by another, and this is asked for each client
    Optional<ServerConfig> config() {
        var now = inForce.get();
        if (now.isPresent() && now.get() != seen) {
            seen = now.get();
            try {
                config = Optional.of(make(now.get()));
            } catch (IllegalArgumentException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "quic: address discovery keeps the certificate that was in force before: " + e.getMessage());
            }
        }
        return config;
    }
}
