package io.teahouse.relay.server;

import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.discovery.DiscoveryLimits;
import io.teahouse.relay.server.proxy.Proxies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything that can be said of a relay before it starts. A configuration file, the environment and code are three
 * ways to make one; {@link RelayServer#start} takes it.
 *
 * <p>Immutable, and so safe to share between threads.
 *
 * @param httpBindAddress      where plain HTTP listens; port 0 takes a free one. Without {@code tls} the whole relay
 *                             is here, with it only the captive-portal answer
 * @param tls                  the TLS listener, if there is one
 * @param addressDiscovery     address discovery over QUIC, if there is any
 * @param relay                whether datagrams are forwarded; without it nothing listens at the addresses for plain HTTP and
 *                             for TLS, and there has to be address discovery
 * @param metricsBindAddress   where metrics are served; empty for nowhere
 * @param admin                the listener for operators, if there is one
 * @param access               who may use the relay
 * @param clientReceiveLimit   how much each client may send; empty for as much as it can
 * @param receiveLimit         how much all clients may send together; empty for as much as they can
 * @param isolateProjects      whether clients of different projects cannot reach each other
 * @param acceptLimits         how many connections the main listener takes
 * @param proxies              what stands between clients and the relay
 * @param keyCacheCapacity     how many endpoint ids that were found to be valid are remembered, 0 or more
 * @param eventLoops           threads that carry datagrams, 1 or more; 0 lets the machine's size decide
 * @param queueMemoryBytes     what all waiting datagrams together may hold, in bytes; 0 for a quarter of what the
 *                             process may use outside its heap
 * @param reusePort            whether other processes of the same user may listen at the same addresses (SO_REUSEPORT), as
 *                             when a new version takes over from an old one
 * @param timeouts             how long clients may take
 */
public record RelayServerConfig(
        InetSocketAddress httpBindAddress,
        Optional<Tls> tls,
        Optional<AddressDiscovery> addressDiscovery,
        boolean relay,
        Optional<InetSocketAddress> metricsBindAddress,
        Optional<Admin> admin,
        AccessControl access,
        Optional<ReceiveLimit> clientReceiveLimit,
        Optional<ReceiveLimit> receiveLimit,
        boolean isolateProjects,
        AcceptLimits acceptLimits,
        Proxies proxies,
        int keyCacheCapacity,
        int eventLoops,
        long queueMemoryBytes,
        boolean reusePort,
        Timeouts timeouts) {

    /** How many valid endpoint ids are remembered when nothing is said: 1 Mi, the reference's figure. */
    public static final int DEFAULT_KEY_CACHE_CAPACITY = 1 << 20;

    /**
     * The TLS listener and what it shows.
     *
     * @param httpsBindAddress where it listens; port 0 takes a free one
     * @param certificate      where its certificate comes from
     */
    public record Tls(InetSocketAddress httpsBindAddress, CertificateSource certificate) {
        /** How often is often enough for files that a program renews: 10 s. */
        public static final Duration DEFAULT_RELOAD_INTERVAL = Duration.ofSeconds(10);

        /** Refuses null. */
        public Tls {
            Objects.requireNonNull(httpsBindAddress, "httpsBindAddress");
            Objects.requireNonNull(certificate, "certificate");
        }

        /**
         * A certificate that is read once, when the relay starts.
         *
         * @param httpsBindAddress where it listens; port 0 takes a free one
         * @param certificateChain PEM file, the server's own certificate first
         * @param privateKey       PEM file: PKCS#8, PKCS#1 or SEC1, not encrypted
         */
        public Tls(InetSocketAddress httpsBindAddress, Path certificateChain, Path privateKey) {
            this(httpsBindAddress, new CertificateSource.Files(certificateChain, privateKey, Optional.empty()));
        }

        /**
         * {@return the same, but for a certificate that is replaced when its files change}
         *
         * @param interval how often it is looked whether they have, 1 ms to 24 h
         * @throws IllegalStateException for a certificate that comes from no files
         */
        public Tls reloadingEvery(Duration interval) {
            if (certificate instanceof CertificateSource.Files files) {
                return new Tls(
                        httpsBindAddress,
                        new CertificateSource.Files(
                                files.certificateChain(), files.privateKey(), Optional.of(interval)));
            }
            throw new IllegalStateException(
                    "reloadingEvery: %s (expected: a certificate of files)".formatted(certificate));
        }
    }

    /**
     * Address discovery over QUIC: tells endpoints at which address they are seen.
     *
     * @param bindAddress the UDP address; port 0 takes a free one
     * @param certificate where its certificate comes from: the same as that of the TLS listener, if there is one
     * @param limits      how much it takes on
     */
    public record AddressDiscovery(
            InetSocketAddress bindAddress, CertificateSource certificate, DiscoveryLimits limits) {
        /** Refuses null. */
        public AddressDiscovery {
            Objects.requireNonNull(bindAddress, "bindAddress");
            Objects.requireNonNull(certificate, "certificate");
            Objects.requireNonNull(limits, "limits");
        }
    }

    /**
     * The listener for operators.
     *
     * @param bindAddress where it listens; port 0 takes a free one
     * @param token       what they have to show; may be empty on a loopback address only
     */
    public record Admin(InetSocketAddress bindAddress, Optional<String> token) {
        /** Refuses what would let everybody administer the relay. */
        public Admin {
            Objects.requireNonNull(bindAddress, "bindAddress");
            if (token.filter(String::isBlank).isPresent()) {
                throw new IllegalArgumentException("token: empty (expected: a token, or none at all)");
            }
            if (token.isEmpty() && !isLoopback(bindAddress)) {
                throw new IllegalArgumentException(
                        "token: none (expected: one, since %s can be reached from other machines)"
                                .formatted(bindAddress));
            }
        }

        private static boolean isLoopback(InetSocketAddress address) {
            return address.getAddress() != null && address.getAddress().isLoopbackAddress();
        }

        /** Shows no token. */
        @Override
        public String toString() {
            return "Admin[%s, %s]".formatted(bindAddress, token.isPresent() ? "with a token" : "without a token");
        }
    }

    /**
     * How much one client may send: a token bucket over the bytes of its connection (iroh relay spec, section 4.8). The same
     * numbers say what several may send together.
     *
     * @param bytesPerSecond what flows in, {@link #MIN_BYTES_PER_SECOND} or more
     * @param maxBurstBytes  what the bucket holds, 1 or more
     */
    public record ReceiveLimit(long bytesPerSecond, long maxBurstBytes) {
        /** Below this the bucket, filled ten times a second, would never fill. */
        public static final long MIN_BYTES_PER_SECOND = 10;

        /** The largest rate and burst: what the reference's file can hold. */
        public static final long MAX_BYTES = 0xFFFF_FFFFL;

        /** Refuses what no client could live with. */
        public ReceiveLimit {
            if (bytesPerSecond < MIN_BYTES_PER_SECOND || bytesPerSecond > MAX_BYTES) {
                throw new IllegalArgumentException("bytesPerSecond: %d (expected: %d to %d)"
                        .formatted(bytesPerSecond, MIN_BYTES_PER_SECOND, MAX_BYTES));
            }
            if (maxBurstBytes < 1 || maxBurstBytes > MAX_BYTES) {
                throw new IllegalArgumentException(
                        "maxBurstBytes: %d (expected: 1 to %d)".formatted(maxBurstBytes, MAX_BYTES));
            }
        }

        /**
         * {@return a limit with the usual burst, a tenth of a second's bytes}
         *
         * @param bytesPerSecond what flows in, {@link #MIN_BYTES_PER_SECOND} or more
         */
        public static ReceiveLimit ofRate(long bytesPerSecond) {
            return new ReceiveLimit(bytesPerSecond, bytesPerSecond / 10);
        }
    }

    /**
     * How many connections a listener takes.
     *
     * @param perSecond             how many a second, above 0; 0 for as many as come
     * @param burst                 how many at once in spite of that, 1 or more
     * @param connections           how many may be open, 1 or more
     * @param connectionsPerAddress how many of one IPv4 address, or one IPv6 network of 64 bits, 1 or more; trusted proxies are
     *                              not limited, their clients are
     */
    public record AcceptLimits(double perSecond, int burst, int connections, int connectionsPerAddress) {
        /** No limits but those of the machine. */
        public static final AcceptLimits NONE = new AcceptLimits(0, 1, Integer.MAX_VALUE, Integer.MAX_VALUE);

        /** Refuses what is out of range. */
        public AcceptLimits {
            if (!(perSecond >= 0) || Double.isInfinite(perSecond)) {
                throw new IllegalArgumentException("perSecond: %s (expected: 0 or more)".formatted(perSecond));
            }
            requireAtLeastOne("burst", burst);
            requireAtLeastOne("connections", connections);
            requireAtLeastOne("connectionsPerAddress", connectionsPerAddress);
        }

        private static void requireAtLeastOne(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException("%s: %d (expected: 1 or more)".formatted(name, value));
            }
        }
    }

    /**
     * How long clients may take; all above zero and at most an hour.
     *
     * @param admission  from the accept of a connection, or from its last plain answer, until its client is admitted
     * @param idle       between two requests of a plain HTTP connection
     * @param request    from the first byte of a request to its last
     * @param writeStall how long a client's socket may take no byte of what is to be sent to it
     */
    public record Timeouts(Duration admission, Duration idle, Duration request, Duration writeStall) {
        private static final Duration MAX = Duration.ofHours(1);

        /** 30 s, 30 s, 10 s and 2 s. */
        public static final Timeouts DEFAULT = new Timeouts(
                Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(2));

        /** Refuses what is out of range. */
        public Timeouts {
            requireTimeout("admission", admission);
            requireTimeout("idle", idle);
            requireTimeout("request", request);
            requireTimeout("writeStall", writeStall);
        }

        private static void requireTimeout(String name, Duration value) {
            if (!value.isPositive() || value.compareTo(MAX) > 0) {
                throw new IllegalArgumentException("%s: %s (expected: above 0, at most 1 h)".formatted(name, value));
            }
        }
    }

    /** Refuses null and numbers out of range. */
    public RelayServerConfig {
        Objects.requireNonNull(httpBindAddress, "httpBindAddress");
        Objects.requireNonNull(tls, "tls");
        Objects.requireNonNull(addressDiscovery, "addressDiscovery");
        Objects.requireNonNull(metricsBindAddress, "metricsBindAddress");
        Objects.requireNonNull(admin, "admin");
        Objects.requireNonNull(access, "access");
        Objects.requireNonNull(clientReceiveLimit, "clientReceiveLimit");
        Objects.requireNonNull(receiveLimit, "receiveLimit");
        Objects.requireNonNull(acceptLimits, "acceptLimits");
        Objects.requireNonNull(proxies, "proxies");
        Objects.requireNonNull(timeouts, "timeouts");
        requireAtLeastZero("keyCacheCapacity", keyCacheCapacity);
        requireAtLeastZero("eventLoops", eventLoops);
        requireAtLeastZero("queueMemoryBytes", queueMemoryBytes);
        if (!relay && addressDiscovery.isEmpty()) {
            throw new IllegalArgumentException("relay: off, and so is address discovery (expected: one of both)");
        }
        if (tls.isPresent()
                && addressDiscovery
                        .filter(asked -> !asked.certificate().equals(tls.get().certificate()))
                        .isPresent()) {
            throw new IllegalArgumentException(
                    "addressDiscovery: another certificate than that of the TLS listener (expected: the same)");
        }
    }

    /**
     * {@return where the certificate comes from, if there is anything that shows one}
     */
    public Optional<CertificateSource> certificate() {
        return addressDiscovery
                .map(AddressDiscovery::certificate)
                .or(() -> tls.filter(_ -> relay).map(Tls::certificate));
    }

    /**
     * {@return a builder of a relay for everyone on plain HTTP, on a free port of the loopback address}
     */
    public static Builder builder() {
        return new Builder();
    }

    private static void requireAtLeastZero(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException("%s: %d (expected: 0 or more)".formatted(name, value));
        }
    }

    /** Collects the parts of a {@link RelayServerConfig}. Not thread-safe. */
    public static final class Builder {
        private InetSocketAddress httpBindAddress = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        private Optional<Tls> tls = Optional.empty();
        private Optional<AddressDiscovery> addressDiscovery = Optional.empty();
        private boolean relay = true;
        private Optional<InetSocketAddress> metricsBindAddress = Optional.empty();
        private Optional<Admin> admin = Optional.empty();
        private AccessControl access = AccessControl.everyone();
        private Optional<ReceiveLimit> clientReceiveLimit = Optional.empty();
        private Optional<ReceiveLimit> receiveLimit = Optional.empty();
        private boolean isolateProjects = true;
        private AcceptLimits acceptLimits = AcceptLimits.NONE;
        private Proxies proxies = Proxies.NONE;
        private int keyCacheCapacity = DEFAULT_KEY_CACHE_CAPACITY;
        private int eventLoops;
        private long queueMemoryBytes;
        private boolean reusePort;
        private Timeouts timeouts = Timeouts.DEFAULT;

        private Builder() {}

        /**
         * Sets where plain HTTP listens.
         *
         * @param address the address; port 0 takes a free one
         * @return this builder
         */
        public Builder http(InetSocketAddress address) {
            this.httpBindAddress = address;
            return this;
        }

        /**
         * Adds the TLS listener; plain HTTP then only answers captive-portal probes.
         *
         * @param tls address, certificate and key
         * @return this builder
         */
        public Builder tls(Tls tls) {
            this.tls = Optional.of(tls);
            return this;
        }

        /**
         * Adds address discovery over QUIC.
         *
         * @param discovery where, with which certificate, and how much of it
         * @return this builder
         */
        public Builder addressDiscovery(AddressDiscovery discovery) {
            this.addressDiscovery = Optional.of(discovery);
            return this;
        }

        /**
         * Sets whether datagrams are forwarded; unless something else is said, they are.
         *
         * @param forwards false for address discovery alone
         * @return this builder
         */
        public Builder relay(boolean forwards) {
            this.relay = forwards;
            return this;
        }

        /**
         * Serves metrics.
         *
         * @param address where; port 0 takes a free one
         * @return this builder
         */
        public Builder metrics(InetSocketAddress address) {
            this.metricsBindAddress = Optional.of(address);
            return this;
        }

        /**
         * Adds the listener for operators.
         *
         * @param admin where it is, and who may ask
         * @return this builder
         */
        public Builder admin(Admin admin) {
            this.admin = Optional.of(admin);
            return this;
        }

        /**
         * Sets who may use the relay.
         *
         * @param access asked once for each connection
         * @return this builder
         */
        public Builder access(AccessControl access) {
            this.access = access;
            return this;
        }

        /**
         * Limits what each client may send.
         *
         * @param limit rate and burst
         * @return this builder
         */
        public Builder clientReceiveLimit(ReceiveLimit limit) {
            this.clientReceiveLimit = Optional.of(limit);
            return this;
        }

        /**
         * Limits what all clients may send together. Each project has its part of that while others send as well.
         *
         * @param limit rate and burst
         * @return this builder
         */
        public Builder receiveLimit(ReceiveLimit limit) {
            this.receiveLimit = Optional.of(limit);
            return this;
        }

        /**
         * Sets whether clients of different projects cannot reach each other; unless something else is said, they cannot.
         *
         * @param isolate whether they cannot
         * @return this builder
         */
        public Builder isolateProjects(boolean isolate) {
            this.isolateProjects = isolate;
            return this;
        }

        /**
         * Limits how many connections the main listener takes.
         *
         * @param limits rate and numbers
         * @return this builder
         */
        public Builder acceptLimits(AcceptLimits limits) {
            this.acceptLimits = limits;
            return this;
        }

        /**
         * Says what stands between clients and the relay.
         *
         * @param proxies which are trusted, and how they tell whom they serve
         * @return this builder
         */
        public Builder proxies(Proxies proxies) {
            this.proxies = proxies;
            return this;
        }

        /**
         * Sets how many endpoint ids that were found to be valid are remembered.
         *
         * @param capacity 0 or more; 0 checks each time
         * @return this builder
         */
        public Builder keyCacheCapacity(int capacity) {
            this.keyCacheCapacity = capacity;
            return this;
        }

        /**
         * Sets how many threads carry datagrams.
         *
         * @param count 1 or more; 0 lets the machine's size decide
         * @return this builder
         */
        public Builder eventLoops(int count) {
            this.eventLoops = count;
            return this;
        }

        /**
         * Sets what all waiting datagrams together may hold.
         *
         * @param bytes 1 or more; 0 for a quarter of what the process may use outside its heap
         * @return this builder
         */
        public Builder queueMemoryBytes(long bytes) {
            this.queueMemoryBytes = bytes;
            return this;
        }

        /**
         * Lets other processes of the same user listen at the same addresses.
         *
         * @param reusePort whether they may
         * @return this builder
         */
        public Builder reusePort(boolean reusePort) {
            this.reusePort = reusePort;
            return this;
        }

        /**
         * Sets how long clients may take.
         *
         * @param timeouts the time limits
         * @return this builder
         */
        public Builder timeouts(Timeouts timeouts) {
            this.timeouts = timeouts;
            return this;
        }

        /**
         * Starts a relay as it was said.
         *
         * @return the relay, which serves until it is closed
         * @throws IOException              when a certificate cannot be used or an address cannot be bound
         * @throws IllegalArgumentException when a number is out of its range
         */
        public RelayServer start() throws IOException {
            return RelayServer.start(build());
        }

        /**
         * {@return what was said}
         *
         * @throws IllegalArgumentException when a number is out of its range
         */
        public RelayServerConfig build() {
            return new RelayServerConfig(
                    httpBindAddress,
                    tls,
                    addressDiscovery,
                    relay,
                    metricsBindAddress,
                    admin,
                    access,
                    clientReceiveLimit,
                    receiveLimit,
                    isolateProjects,
                    acceptLimits,
                    proxies,
                    keyCacheCapacity,
                    eventLoops,
                    queueMemoryBytes,
                    reusePort,
                    timeouts);
        }
    }
}
