package io.teahouse.cli.config;

import io.teahouse.cli.text.Spelling;
import java.util.List;
import java.util.Optional;

/** The keys of a relay's file, as iroh's relay knows them and some more, and what a key that is not among them may have meant. */
final class KnownKeys {
    /** All keys that hold a value, in the order of iroh relay spec, section 5, ours behind those of their table. */
    private static final List<String> VALUES = List.of(
            "enable_relay",
            "http_bind_addr",
            "enable_quic_addr_discovery",
            "enable_metrics",
            "metrics_bind_addr",
            "key_cache_capacity",
            "reuse_port",
            "drain_seconds",
            "access.allowlist",
            "access.denylist",
            "access.shared_token",
            "access.http.url",
            "access.http.bearer_token",
            "access.http.timeout_ms",
            "access.http.cache_seconds",
            "access.http.fail_open",
            "access.http.max_concurrent",
            "access.http.send_client_ip",
            "access.tokens.issuers",
            "access.tokens.issuers_file",
            "access.tokens.clock_skew_seconds",
            "access.tokens.required",
            "tls.https_bind_addr",
            "tls.quic_bind_addr",
            "tls.hostname",
            "tls.cert_mode",
            "tls.cert_dir",
            "tls.manual_cert_path",
            "tls.manual_key_path",
            "tls.prod_tls",
            "tls.contact",
            "tls.dangerous_http_only",
            "limits.accept_conn_limit",
            "limits.accept_conn_burst",
            "limits.max_connections",
            "limits.max_connections_per_address",
            "limits.client.rx.bytes_per_second",
            "limits.client.rx.max_burst_bytes",
            "proxy.trusted",
            "proxy.client_address",
            "proxy.url_prefix");

    private KnownKeys() {}

    static boolean isValue(String key) {
        return VALUES.contains(key);
    }

    static boolean isTable(String key) {
        return VALUES.stream().anyMatch(value -> value.startsWith(key + "."));
    }

    /** {@code name} is not known in {@code table} (empty for the top of the file); says what may have been meant. */
    static String adviceFor(String table, String name) {
        if (VALUES.contains(name)) {
            // The classic slip: written below a [table], it became part of it.
            return "it belongs at the top of the file, above every [table]";
        }
        var siblings = namesIn(table);
        return elsewhere(name)
                .or(() -> Spelling.nearest(name, siblings))
                .map("did you mean %s?"::formatted)
                .orElseGet(() -> "known here: " + String.join(", ", siblings));
    }

    private static List<String> namesIn(String table) {
        String prefix = table.isEmpty() ? "" : table + ".";
        return VALUES.stream()
                .filter(key -> key.startsWith(prefix))
                .map(key -> key.substring(prefix.length()).split("\\.", 2)[0])
                .distinct()
                .toList();
    }

    /** A key of another table than the one it was written in. */
    private static Optional<String> elsewhere(String name) {
        return VALUES.stream().filter(key -> lastName(key).equals(name)).findFirst();
    }

    private static String lastName(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }
}
