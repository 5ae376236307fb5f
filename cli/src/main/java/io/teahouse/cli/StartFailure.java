package io.teahouse.cli;

import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.RelayServerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Says in two lines why a relay did not start, and what to do. */
final class StartFailure {
    private static final int UNPRIVILEGED_PORT_MIN = 1024;

    private StartFailure() {}

    static String explain(IOException failure, RelayServerConfig config) {
        var reasons = reasons(failure);
        String reason = String.join(": ", reasons);
        return "teahouse: relay not started: %s%n    %s".formatted(reason, advice(reason, config));
    }

    /** What each cause adds to what was said before it. */
    private static List<String> reasons(Throwable failure) {
        var reasons = new ArrayList<String>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            String reason =
                    message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
            if (reasons.stream().noneMatch(said -> said.contains(reason))) {
                reasons.add(reason);
            }
        }
        return reasons;
    }

    private static String advice(String reason, RelayServerConfig config) {
        String lower = reason.toLowerCase(Locale.ROOT);
        if (lower.contains("in use")) {
            return "another program has that port ('ss -l%snp' shows which): stop it, or change %s"
                    .formatted(reason.contains("(UDP)") ? "u" : "t", keys(reason, config));
        }
        if (lower.contains("permission denied") && listeners(config).anyMatch(Listener::isPrivileged)) {
            return "ports below %d need root or CAP_NET_BIND_SERVICE: grant it, or change %s"
                    .formatted(UNPRIVILEGED_PORT_MIN, keys(reason, config));
        }
        if (lower.contains("assign requested address")) {
            return "this machine has no such address ('ip address' shows what it has): change " + keys(reason, config);
        }
        return config.certificate()
                .map(source -> switch (source) {
                    case CertificateSource.Files files ->
                        "tls.manual_cert_path is %s, tls.manual_key_path is %s"
                                .formatted(files.certificateChain(), files.privateKey());
                    case CertificateSource.Acme acme -> "tls.cert_dir is " + acme.cacheDirectory();
                })
                .orElseGet(() -> "look at " + keys(reason, config));
    }

    /** The keys whose address the message names; all of them if it names none. */
    private static String keys(String reason, RelayServerConfig config) {
        String named = keys(listeners(config).filter(listener -> listener.isIn(reason)));
        return named.isEmpty() ? keys(listeners(config)) : named;
    }

    private static String keys(Stream<Listener> listeners) {
        return listeners.map(Listener::key).collect(Collectors.joining(" or "));
    }

    private static Stream<Listener> listeners(RelayServerConfig config) {
        return Stream.of(
                        Optional.of(new Listener("http_bind_addr", config.httpBindAddress())),
                        config.tls().map(tls -> new Listener("tls.https_bind_addr", tls.httpsBindAddress())),
                        config.addressDiscovery()
                                .map(discovery -> new Listener("tls.quic_bind_addr", discovery.bindAddress())),
                        config.metricsBindAddress().map(address -> new Listener("metrics_bind_addr", address)),
                        config.admin().map(admin -> new Listener("admin.bind_addr", admin.bindAddress())))
                .flatMap(Optional::stream);
    }

    private record Listener(String key, InetSocketAddress address) {
        boolean isPrivileged() {
            return address.getPort() > 0 && address.getPort() < UNPRIVILEGED_PORT_MIN;
        }

        /** However the message writes the address, its port is there, and no digit follows. */
        boolean isIn(String reason) {
            return Pattern.compile(":%d(?![0-9])".formatted(address.getPort()))
                    .matcher(reason)
                    .find();
        }
    }
}
