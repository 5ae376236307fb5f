package io.teahouse.cli.config;

import io.teahouse.cli.text.AddressText;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.RelayServerConfig.AcceptLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Turns the settings of a file into a {@link RelayServerConfig}, key by key (iroh relay spec, section 5), and notes
 * every problem on the way. What is returned counts only if no problem was noted.
 */
final class RelayReader {
    private static final int HTTP_PORT = 80;
    private static final int DEV_HTTP_PORT = 3340;
    private static final int METRICS_PORT = 9090;

    /** Docker kills what has not ended after 10 s. */
    private static final int DRAIN_SECONDS_DEFAULT = 5;

    private static final int DRAIN_SECONDS_MAX = 3600;
    private static final double ACCEPT_RATE_MAX = 1e9;

    private final Settings settings;
    private final List<Problem> problems;
    private final List<Notice> notices;
    private final boolean dev;
    private String whoMayUse = "";
    private Optional<Path> accessFile = Optional.empty();

    RelayReader(Settings settings, List<Problem> problems, List<Notice> notices, boolean dev) {
        this.settings = settings;
        this.problems = problems;
        this.notices = notices;
        this.dev = dev;
    }

    RelayServerConfig read() {
        boolean relay = settings.bool("enable_relay", true);
        var http = httpAddress();
        var tlsReader = new TlsReader(settings, problems, notices, dev);
        var discoveryReader = new DiscoveryReader(settings, problems, notices);
        boolean discovers = discoveryReader.isWanted(tlsReader.isUsed());
        if (!relay && !discovers) {
            settings.bad(
                    "enable_relay",
                    false,
                    "true, unless %s is".formatted(DiscoveryReader.ENABLE),
                    "nothing would be left to run");
        }
        var table = tlsReader.read(http.getAddress(), discovers);
        var tls = table.listener();
        var limits = acceptLimits();
        var discovery = discoveryReader.read(
                discovers,
                table.https().map(InetSocketAddress::getAddress).orElse(http.getAddress()),
                table.certificate(),
                limits.connectionsPerAddress());
        var metrics = metricsAddress();
        var admin = new AdminReader(settings, problems, notices).read();
        refuseOverlaps(relay, http, tls, metrics, admin);

        var access = new AccessReader(settings, problems, notices).read();
        whoMayUse = access.people();
        accessFile = access.file();
        var config = RelayServerConfig.builder()
                .http(http)
                .relay(relay || discovery.isEmpty()) // without both, a problem was noted
                .acceptLimits(limits)
                .proxies(new ProxyReader(settings, problems, notices).read())
                .keyCacheCapacity(keyCacheCapacity())
                .reusePort(settings.bool("reuse_port", false))
                .isolateProjects(isolateProjects())
                .access(access.control());
        tls.ifPresent(config::tls);
        discovery.ifPresent(config::addressDiscovery);
        metrics.ifPresent(config::metrics);
        admin.ifPresent(config::admin);
        RateReader.read(settings, problems, "limits.client.rx").ifPresent(config::clientReceiveLimit);
        RateReader.read(settings, problems, "limits.rx").ifPresent(config::receiveLimit);
        return config.build();
    }

    /** The key is in force only beside other rules for tokens. */
    private boolean isolateProjects() {
        return !settings.hasTable("access.tokens") || settings.bool("access.tokens.isolate_projects", true);
    }

    /** Over what time at most clients are sent away before the relay ends. */
    Duration drain() {
        return Duration.ofSeconds(
                settings.number("drain_seconds", 0, DRAIN_SECONDS_MAX, "seconds", DRAIN_SECONDS_DEFAULT));
    }

    String whoMayUse() {
        return whoMayUse;
    }

    Optional<Path> accessFile() {
        return accessFile;
    }

    private InetSocketAddress httpAddress() {
        var usual = new InetSocketAddress(InetAddress.ofLiteral("::"), dev ? DEV_HTTP_PORT : HTTP_PORT);
        settings.usual("http_bind_addr", AddressText.of(usual));
        return settings.address("http_bind_addr", HTTP_PORT).orElse(usual);
    }

    /** Unlike iroh's relay, which serves its figures to the world, this one keeps them on the machine. */
    private Optional<InetSocketAddress> metricsAddress() {
        if (settings.bool("enable_metrics", true)) {
            var usual = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), METRICS_PORT);
            return Optional.of(settings.address("metrics_bind_addr", usual));
        }
        settings.address("metrics_bind_addr", METRICS_PORT);
        if (settings.has("metrics_bind_addr")) {
            notices.add(new Notice(
                    settings.place("metrics_bind_addr"),
                    "metrics_bind_addr",
                    "has no effect while enable_metrics is false"));
        }
        return Optional.empty();
    }

    private int keyCacheCapacity() {
        return (int) settings.number(
                "key_cache_capacity",
                0,
                Integer.MAX_VALUE,
                "endpoint ids",
                RelayServerConfig.DEFAULT_KEY_CACHE_CAPACITY);
    }

    private AcceptLimits acceptLimits() {
        String rateKey = "limits.accept_conn_limit";
        String burstKey = "limits.accept_conn_burst";
        String expected = "connections per second, above 0, such as 1000.0";
        double rate =
                settings.decimal(rateKey, expected).map(Number::doubleValue).orElse(0.0);
        if (settings.has(rateKey) && !(rate > 0 && rate <= ACCEPT_RATE_MAX)) {
            settings.find(rateKey)
                    .filter(Number.class::isInstance)
                    .ifPresent(found -> settings.bad(rateKey, found, expected, "without the line there is no limit"));
            rate = 0;
        }
        var burst = settings.number(burstKey, 1, Integer.MAX_VALUE, "connections");
        if (settings.has(burstKey) && !settings.has(rateKey)) {
            problems.add(new Problem.Missing(
                    settings.place(burstKey), rateKey, "accept_conn_burst is set, and a burst needs a rate"));
        }
        long usualBurst = Math.max(1, (long) rate);
        if (rate > 0) {
            settings.usual(burstKey, usualBurst);
        }
        return new AcceptLimits(
                rate,
                (int) burst.orElse(usualBurst),
                connections("limits.max_connections"),
                connections("limits.max_connections_per_address"));
    }

    private int connections(String key) {
        return (int) settings.number(key, 1, Integer.MAX_VALUE, "connections").orElse(Integer.MAX_VALUE);
    }

    /** One listener of the relay. */
    private record Listener(String key, InetSocketAddress address) {
        boolean overlaps(Listener other) {
            InetAddress one = address.getAddress();
            InetAddress two = other.address.getAddress();
            return address.getPort() != 0
                    && address.getPort() == other.address.getPort()
                    && (one.equals(two) || one.isAnyLocalAddress() || two.isAnyLocalAddress());
        }
    }

    /** Two listeners on one port fail as if another program had taken it, which would be looked for in vain. */
    private void refuseOverlaps(
            boolean relay,
            InetSocketAddress http,
            Optional<RelayServerConfig.Tls> tls,
            Optional<InetSocketAddress> metrics,
            Optional<RelayServerConfig.Admin> admin) {
        var listeners = new ArrayList<Listener>();
        if (relay) {
            listeners.add(new Listener("http_bind_addr", http));
            tls.ifPresent(value -> listeners.add(new Listener("tls.https_bind_addr", value.httpsBindAddress())));
        }
        metrics.ifPresent(address -> listeners.add(new Listener("metrics_bind_addr", address)));
        admin.ifPresent(value -> listeners.add(new Listener(AdminReader.ADDRESS, value.bindAddress())));
        for (int i = 1; i < listeners.size(); i++) {
            for (var earlier : listeners.subList(0, i)) {
                refuseOverlap(earlier, listeners.get(i));
            }
        }
    }

    private void refuseOverlap(Listener earlier, Listener later) {
        if (!later.overlaps(earlier)) {
            return;
        }
        boolean blameLater = settings.has(later.key) || !settings.has(earlier.key);
        var blamed = blameLater ? later : earlier;
        var other = blameLater ? earlier : later;
        problems.add(new Problem.BadValue(
                settings.place(blamed.key),
                blamed.key,
                Quoted.text(AddressText.of(blamed.address)),
                "a port that no other part of the relay uses",
                "%s is %s%s"
                        .formatted(
                                other.key,
                                AddressText.of(other.address),
                                settings.has(other.key) ? "" : ", its default")));
    }
}
