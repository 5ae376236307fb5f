package io.teahouse.tls;

import io.teahouse.tls.certificate.CertificateType;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ReplayGuard;
import io.teahouse.tls.resumption.TicketKeys;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.KeyLog;
import java.util.List;
import java.util.Optional;

/**
 * What a server is and demands, for all of its connections. Any thread may use it.
 *
 * <p>Defaults: all suites; the groups X25519 and P-256, since P-384 costs ten times as much and every client has one of these;
 * clients remain anonymous; no tickets.
 */
public final class ServerConfig {
    private final Credential credential;
    private final List<Opaque> protocols;
    private final Optional<PeerVerifier> verifier;
    private final List<CipherSuite> suites;
    private final List<NamedGroup> groups;
    private final Optional<Tickets> tickets;
    private final Optional<EarlyData> earlyData;
    private final Optional<KeyLog> keyLog;
    private final boolean isOverQuic;

    /** How tickets are given. */
    record Tickets(TicketKeys keys, int count) {}

    /** When data in 0-RTT packets is taken. */
    record EarlyData(ReplayGuard guard, Opaque context) {}

    private ServerConfig(Builder builder) {
        credential = builder.credential;
        protocols = builder.protocols;
        verifier = builder.verifier;
        suites = builder.suites;
        groups = builder.groups;
        tickets = builder.tickets;
        earlyData = builder.earlyData;
        keyLog = builder.keyLog;
        isOverQuic = builder.isOverQuic;
    }

    /**
     * {@return a builder with the defaults}
     *
     * @param credential what the server shows
     * @param protocols  application protocols (ALPN), the preferred one first, one at least; 1 to 255 bytes each
     */
    public static Builder builder(Credential credential, List<Opaque> protocols) {
        return new Builder(credential, protocols);
    }

    Credential credential() {
        return credential;
    }

    List<Opaque> protocols() {
        return protocols;
    }

    Optional<PeerVerifier> verifier() {
        return verifier;
    }

    List<CipherSuite> suites() {
        return suites;
    }

    List<NamedGroup> groups() {
        return groups;
    }

    Optional<Tickets> tickets() {
        return tickets;
    }

    Optional<EarlyData> earlyData() {
        return earlyData;
    }

    Optional<KeyLog> keyLog() {
        return keyLog;
    }

    boolean isOverQuic() {
        return isOverQuic;
    }

    /** Makes a configuration. Not thread-safe. */
    public static final class Builder {
        /** Tickets that a client is given at most: more than that it can get with one of them. */
        private static final int TICKETS_MAX = 4;

        private static final int CONTEXT_LENGTH_MAX = 255;

        private final Credential credential;
        private final List<Opaque> protocols;
        private Optional<PeerVerifier> verifier = Optional.empty();
        private List<CipherSuite> suites = List.of(CipherSuite.values());
        private List<NamedGroup> groups = List.of(NamedGroup.X25519, NamedGroup.SECP256R1);
        private Optional<Tickets> tickets = Optional.empty();
        private Optional<EarlyData> earlyData = Optional.empty();
        private Optional<KeyLog> keyLog = Optional.empty();
        private boolean isOverQuic = true;

        private Builder(Credential credential, List<Opaque> protocols) {
            this.credential = credential;
            this.protocols = Arguments.protocols(protocols);
        }

        /**
         * Demands that clients show who they are. Default: they are not asked.
         *
         * @param demanded what they have to show: a raw public key
         * @return this builder
         */
        public Builder verifier(PeerVerifier demanded) {
            if (demanded.type() != CertificateType.RAW_PUBLIC_KEY) {
                throw new IllegalArgumentException(
                        "verifier: %s of clients (expected: RAW_PUBLIC_KEY)".formatted(demanded.type()));
            }
            verifier = Optional.of(demanded);
            return this;
        }

        /**
         * Sets the cipher suites. Of several the client's preference decides, as with iroh's endpoints.
         *
         * @param accepted one at least
         * @return this builder
         */
        public Builder suites(CipherSuite... accepted) {
            suites = Arguments.distinct("suites", List.of(accepted));
            return this;
        }

        /**
         * Sets the groups. The first one is taken that the client gives a share for; only if it gives none that will do, it is
         * asked for the first one that it knows.
         *
         * @param accepted the preferred one first, one at least
         * @return this builder
         */
        public Builder groups(NamedGroup... accepted) {
            groups = Arguments.distinct("groups", List.of(accepted));
            return this;
        }

        /**
         * Gives tickets to clients that can use them.
         *
         * @param keys  to seal them with, for all connections
         * @param count how many for each connection, 1 to 4; iroh's endpoints give 2
         * @return this builder
         */
        public Builder tickets(TicketKeys keys, int count) {
            if (count < 1 || count > TICKETS_MAX) {
                throw new IllegalArgumentException("count: %d (expected: 1 to %d)".formatted(count, TICKETS_MAX));
            }
            tickets = Optional.of(new Tickets(keys, count));
            return this;
        }

        /**
         * Takes data in 0-RTT packets from clients that come back with a ticket. Who listens reads it before it is certain that
         * it is not a recording that somebody plays again, on another server for instance.
         *
         * @param guard   of all connections
         * @param context what such data depends on, at most 255 bytes, say a hash of the transport parameters: tickets of
         *                connections with another one do not count
         * @return this builder
         */
        public Builder earlyData(ReplayGuard guard, Opaque context) {
            if (context.length() > CONTEXT_LENGTH_MAX) {
                throw new IllegalArgumentException(
                        "context: %d bytes (expected: at most %d)".formatted(context.length(), CONTEXT_LENGTH_MAX));
            }
            earlyData = Optional.of(new EarlyData(guard, context));
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
            earlyData = Optional.empty();
            return this;
        }

        /**
         * {@return the configuration}
         */
        public ServerConfig build() {
            return new ServerConfig(this);
        }
    }
}
