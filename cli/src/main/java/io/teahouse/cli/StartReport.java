package io.teahouse.cli;

import io.teahouse.cli.config.Place;
import io.teahouse.cli.config.RelayFile;
import io.teahouse.cli.text.AddressText;
import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.proxy.AddressRange;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the log says of a relay that has started: what is in force, what listens where, how to reach it. */
final class StartReport {
    private StartReport() {}

    /**
     * Where a relay really listens.
     *
     * @param http  where plain HTTP is; empty for address discovery alone
     * @param https where the TLS listener is; if there is one, plain HTTP has only the captive-portal answer
     * @param quic  where address discovery is, if there is any
     */
    record Listening(
            Optional<InetSocketAddress> http,
            Optional<InetSocketAddress> https,
            Optional<InetSocketAddress> quic,
            Optional<InetSocketAddress> metrics) {
        static Listening of(RelayServer server, RelayServerConfig config) {
            return new Listening(
                    config.relay() ? Optional.of(server.httpAddress()) : Optional.empty(),
                    config.relay() ? server.httpsAddress() : Optional.empty(),
                    server.quicAddress(),
                    server.metricsAddress());
        }
    }

    static String configuration(Optional<Path> path, RelayFile file) {
        return "relay: teahouse %s, %s%s"
                .formatted(
                        Version.number(),
                        path.map("configuration %s"::formatted).orElse("built-in settings"),
                        variables(file));
    }

    private static String variables(RelayFile file) {
        long count = file.effective().stream()
                .flatMap(setting -> setting.place().stream())
                .filter(Place::isVariable)
                .count();
        return count == 0 ? "" : ", and %d %s".formatted(count, count == 1 ? "variable" : "variables");
    }

    static List<String> lines(RelayFile file, Listening listening) {
        var lines = new ArrayList<String>();
        listening
                .https()
                .ifPresentOrElse(
                        https -> {
                            lines.add(listener("listening on", "https", https));
                            listening
                                    .http()
                                    .ifPresent(http -> lines.add(listener("captive-portal answers on", "http", http)));
                        },
                        () -> listening.http().ifPresent(http -> lines.add(listener("listening on", "http", http))));
        listening
                .quic()
                .ifPresent(quic -> lines.add("relay: address discovery on UDP %s%s"
                        .formatted(AddressText.of(quic), reach(quic.getAddress()))));
        listening
                .metrics()
                .ifPresent(
                        metrics -> lines.add("relay: metrics on http://%s/metrics".formatted(AddressText.of(metrics))));
        file.server()
                .clientReceiveLimit()
                .ifPresent(limit -> lines.add("relay: each client may send %d bytes/s, in bursts of up to %d bytes"
                        .formatted(limit.bytesPerSecond(), limit.maxBurstBytes())));
        var proxies = file.server().proxies();
        proxies.told()
                .ifPresent(source -> lines.add("relay: clients behind %s are known by %s"
                        .formatted(
                                proxies.trusted().stream()
                                        .map(AddressRange::toString)
                                        .collect(Collectors.joining(", ")),
                                source.text())));
        listening
                .http()
                .ifPresentOrElse(
                        http -> {
                            lines.add("relay: open to " + file.whoMayUse());
                            lines.add(
                                    "relay: point an endpoint at it with relay URL " + relayUrl(file, listening, http));
                        },
                        () -> lines.add("relay: datagrams are not forwarded, since enable_relay is false"));
        return lines;
    }

    /** Shows the port even where a URL would not need it. */
    private static String listener(String does, String scheme, InetSocketAddress address) {
        return "relay: %s %s://%s%s".formatted(does, scheme, AddressText.of(address), reach(address.getAddress()));
    }

    private static String reach(InetAddress ip) {
        if (ip.isLoopbackAddress()) {
            return " (this machine only)";
        }
        if (!ip.isAnyLocalAddress()) {
            return "";
        }
        return ip instanceof Inet6Address ? " (all addresses, IPv4 and IPv6)" : " (all IPv4 addresses)";
    }

    private static String relayUrl(RelayFile file, Listening listening, InetSocketAddress http) {
        var https = listening.https();
        if (https.isPresent()) {
            String host =
                    file.server().tls().flatMap(tls -> name(tls.certificate())).orElse("<a name of the certificate>");
            return AddressText.url("https", host, https.get().getPort());
        }
        if (http.getAddress().isAnyLocalAddress()) {
            return AddressText.url("http", "127.0.0.1", http.getPort())
                    + " (on other machines this one's name or address instead of 127.0.0.1)";
        }
        return AddressText.url("http", AddressText.host(http.getAddress()), http.getPort());
    }

    private static Optional<String> name(CertificateSource source) {
        return switch (source) {
            case CertificateSource.Files files -> CertificateName.of(files.certificateChain());
            case CertificateSource.Acme acme -> Optional.of(acme.hostnames().getFirst());
        };
    }
}
