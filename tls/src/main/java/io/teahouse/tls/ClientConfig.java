package io.teahouse.tls;

import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.KeyLog;
import java.util.List;
import java.util.Optional;

/**
 * What a client wants of one server. Immutable; the same for every connection to that server.
 *
 * <p>Defaults are what iroh's endpoints offer (observed with iroh 1.4.1): suites AES-256, AES-128, ChaCha20; groups X25519,
 * P-256, P-384, with a share for the first one.
 */
public final class ClientConfig {
    private final PeerVerifier verifier;
    private final List<Opaque> protocols;
    private final Optional<Credential> credential;
    private final List<CipherSuite> suites;
    private final List<NamedGroup> groups;
    private final List<NamedGroup> shares;
    private final boolean takesTickets;
    private final boolean offersEarlyData;
    private final Optional<KeyLog> keyLog;
    private final boolean isOverQuic;

    private ClientConfig(Builder builder) {
        verifier = builder.verifier;
        protocols = builder.protocols;
        credential = builder.credential;
        suites = builder.suites;
        groups = builder.groups;
        shares = builder.shares;
        takesTickets = builder.takesTickets;
        offersEarlyData = builder.offersEarlyData;
        keyLog = builder.keyLog;
        isOverQuic = builder.isOverQuic;
    }

    /**
     * {@return a builder with the defaults}
     *
     * @param verifier  what the server has to show
     * @param protocols application protocols (ALPN), the preferred one first, one at least; 1 to 255 bytes each
     */
    public static Builder builder(PeerVerifier verifier, List<Opaque> protocols) {
        return new Builder(verifier, protocols);
    }

    PeerVerifier verifier() {
        return verifier;
    }

    List<Opaque> protocols() {
        return protocols;
    }

    Optional<Credential> credential() {
        return credential;
    }

    List<CipherSuite> suites() {
        return suites;
    }

    List<NamedGroup> groups() {
        return groups;
    }

    List<NamedGroup> shares() {
        return shares;
    }

    boolean takesTickets() {
        return takesTickets;
    }

    boolean offersEarlyData() {
        return offersEarlyData;
    }

    Optional<KeyLog> keyLog() {
        return keyLog;
    }

    boolean isOverQuic() {
        return isOverQuic;
    }

    /** Makes a configuration. Not thread-safe. */
    public static final class Builder {
        private final PeerVerifier verifier;
        private final List<Opaque> protocols;
        private Optional<Credential> credential = Optional.empty();
        private List<CipherSuite> suites = List.of(
                CipherSuite.AES_256_GCM_SHA384, CipherSuite.AES_128_GCM_SHA256, CipherSuite.CHACHA20_POLY1305_SHA256);
        private List<NamedGroup> groups = List.of(NamedGroup.X25519, NamedGroup.SECP256R1, NamedGroup.SECP384R1);
        private List<NamedGroup> shares = List.of(NamedGroup.X25519);
        private boolean takesTickets = true;
        private boolean offersEarlyData = true;
        private Optional<KeyLog> keyLog = Optional.empty();
        private boolean isOverQuic = true;

        private Builder(PeerVerifier verifier, List<Opaque> protocols) {
            this.verifier = verifier;
            this.protocols = Arguments.protocols(protocols);
        }

        /**
         * Sets what the client shows when it is asked who it is. Default: nothing.
         *
         * @param own an endpoint's raw public key
         * @return this builder
         */
        public Builder credential(Credential own) {
            if (!(own instanceof Credential.RawKey)) {
                throw new IllegalArgumentException("credential: certificates (expected: a raw public key)");
            }
            credential = Optional.of(own);
            return this;
        }

        /**
         * Sets the cipher suites.
         *
         * @param offered the preferred one first, one at least
         * @return this builder
         */
        public Builder suites(CipherSuite... offered) {
            suites = Arguments.distinct("suites", List.of(offered));
            return this;
        }

        /**
         * Sets the groups, and those for which a share goes with the first flight. A share of X25519MLKEM768 has 1216 bytes,
         * so that ClientHello does not fit one Initial packet any longer.
         *
         * @param offered the preferred one first, one at least
         * @param shared  some of them; none costs a round trip
         * @return this builder
         */
        public Builder groups(List<NamedGroup> offered, List<NamedGroup> shared) {
            groups = Arguments.distinct("groups", offered);
            if (!groups.containsAll(shared)) {
                throw new IllegalArgumentException("shared: %s (expected: among %s)".formatted(shared, offered));
            }
            shares = List.copyOf(shared);
            return this;
        }

        /**
         * Has the server give no tickets. Default: it may.
         *
         * @return this builder
         */
        public Builder withoutTickets() {
            takesTickets = false;
            return this;
        }

        /**
         * Sends nothing in 0-RTT packets, though tickets allow it. Default: they decide.
         *
         * @return this builder
         */
        public Builder withoutEarlyData() {
            offersEarlyData = false;
            return this;
        }

        /**
         * Has all secrets written down. Default: none is.
         *
         * @param log where
         * @return this builder
         */
        public Builder keyLog(KeyLog log) {
            keyLog = Optional.of(log);
            return this;
        }

        /** For meetings with implementations of TLS over TCP, in tests: no transport parameters, no early data. */
        Builder withoutQuic() {
            isOverQuic = false;
            offersEarlyData = false;
            return this;
        }

        /**
         * {@return the configuration}
         */
        public ClientConfig build() {
            return new ClientConfig(this);
        }
    }
}
