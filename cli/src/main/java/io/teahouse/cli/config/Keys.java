package io.teahouse.cli.config;

import io.teahouse.cli.text.Spelling;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tomlj.TomlArray;

/** The table of keys: all that a relay can be told, as iroh's relay knows it and some more, and what a key that is not in it may have meant. */
final class Keys {
    /** What a key's value is, by the word of the documentation. */
    enum Type {
        BOOL("bool"),
        NUMBER("number"),
        DECIMAL("number"),
        TEXT("text"),
        URL("text"),
        ADDRESS("address"),
        PATH("path"),
        IDS("list of ids"),
        RANGES("list of addresses and ranges"),
        NAMES("text or list of texts"),
        SECRET("text"),
        SECRETS("list of texts");

        private static final String HIDDEN = "\"***\"";

        private final String word;

        Type(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }

        boolean isSecret() {
            return this == SECRET || this == SECRETS;
        }

        /** Writes a value of this type as TOML, and of secrets only that there are some. */
        String toml(Object value) {
            return switch (this) {
                case SECRET -> HIDDEN;
                case SECRETS ->
                    value instanceof TomlArray list
                            ? "[" + String.join(", ", Collections.nCopies(list.size(), HIDDEN)) + "]"
                            : HIDDEN;
                case URL -> Quoted.toml(value).replaceFirst("\\?.*\"$", "?***\"");
                default -> Quoted.toml(value);
            };
        }
    }

    /**
     * One of them.
     *
     * @param name full and dotted
     */
    record Key(String name, Type type) {
        /** The environment variable that takes the place of the file's value. */
        String variable() {
            return VARIABLE_PREFIX + name.toUpperCase(Locale.ROOT).replace('.', '_');
        }
    }

    static final String VARIABLE_PREFIX = "TEAHOUSE_";

    /** In the order of iroh relay spec, section 5, ours behind those of their table. */
    static final List<Key> ALL = List.of(
            new Key("enable_relay", Type.BOOL),
            new Key("http_bind_addr", Type.ADDRESS),
            new Key("enable_quic_addr_discovery", Type.BOOL),
            new Key("enable_metrics", Type.BOOL),
            new Key("metrics_bind_addr", Type.ADDRESS),
            new Key("key_cache_capacity", Type.NUMBER),
            new Key("reuse_port", Type.BOOL),
            new Key("drain_seconds", Type.NUMBER),
            new Key("access", Type.TEXT),
            new Key("access.allowlist", Type.IDS),
            new Key("access.denylist", Type.IDS),
            new Key("access.shared_token", Type.SECRETS),
            new Key("access.http.url", Type.URL),
            new Key("access.http.bearer_token", Type.SECRET),
            new Key("access.http.timeout_ms", Type.NUMBER),
            new Key("access.http.cache_seconds", Type.NUMBER),
            new Key("access.http.fail_open", Type.BOOL),
            new Key("access.http.max_concurrent", Type.NUMBER),
            new Key("access.http.send_client_ip", Type.BOOL),
            new Key("access.tokens.issuers", Type.IDS),
            new Key("access.tokens.issuers_file", Type.PATH),
            new Key("access.tokens.clock_skew_seconds", Type.NUMBER),
            new Key("access.tokens.required", Type.BOOL),
            new Key("access.tokens.close_on_token_expiry", Type.BOOL),
            new Key("access.tokens.isolate_projects", Type.BOOL),
            new Key("tls.https_bind_addr", Type.ADDRESS),
            new Key("tls.quic_bind_addr", Type.ADDRESS),
            new Key("tls.hostname", Type.NAMES),
            new Key("tls.cert_mode", Type.TEXT),
            new Key("tls.cert_dir", Type.PATH),
            new Key("tls.manual_cert_path", Type.PATH),
            new Key("tls.manual_key_path", Type.PATH),
            new Key("tls.prod_tls", Type.BOOL),
            new Key("tls.contact", Type.TEXT),
            new Key("tls.dangerous_http_only", Type.BOOL),
            new Key("limits.accept_conn_limit", Type.DECIMAL),
            new Key("limits.accept_conn_burst", Type.NUMBER),
            new Key("limits.max_connections", Type.NUMBER),
            new Key("limits.max_connections_per_address", Type.NUMBER),
            new Key("limits.quic.max_connections", Type.NUMBER),
            new Key("limits.quic.retry_from_handshakes", Type.NUMBER),
            new Key("limits.client.rx.bytes_per_second", Type.NUMBER),
            new Key("limits.client.rx.max_burst_bytes", Type.NUMBER),
            new Key("limits.rx.bytes_per_second", Type.NUMBER),
            new Key("limits.rx.max_burst_bytes", Type.NUMBER),
            new Key("proxy.trusted", Type.RANGES),
            new Key("proxy.client_address", Type.TEXT),
            new Key("proxy.url_prefix", Type.TEXT),
            new Key("admin.bind_addr", Type.ADDRESS),
            new Key("admin.token", Type.SECRET));

    /** What stands for the name of a project, of which a file has as many as it likes. */
    private static final String ANY_PROJECT = ProjectsReader.TABLE + ".NAME";

    /** The keys of one project, with {@code NAME} for its name; they have no variables. */
    static final List<Key> OF_A_PROJECT = List.of(
            new Key(ANY_PROJECT + ".issuers", Type.IDS),
            new Key(ANY_PROJECT + ".issuers_file", Type.PATH),
            new Key(ANY_PROJECT + ".max_clients", Type.NUMBER),
            new Key(ANY_PROJECT + ".rx.bytes_per_second", Type.NUMBER),
            new Key(ANY_PROJECT + ".rx.max_burst_bytes", Type.NUMBER),
            new Key(ANY_PROJECT + ".rx_total_bytes_per_second", Type.NUMBER));

    private static final Pattern PROJECT = Pattern.compile("^" + Pattern.quote(ProjectsReader.TABLE) + "\\.[^.]+");

    private Keys() {}

    /** The keys of a project that a file has. */
    static List<Key> ofProject(String name) {
        return OF_A_PROJECT.stream()
                .map(key -> new Key(key.name.replace(ANY_PROJECT, ProjectsReader.TABLE + "." + name), key.type))
                .toList();
    }

    private static Stream<String> names() {
        return Stream.concat(ALL.stream(), OF_A_PROJECT.stream()).map(Key::name);
    }

    private static String withoutProject(String key) {
        return PROJECT.matcher(key).replaceFirst(ANY_PROJECT);
    }

    static boolean isValue(String key) {
        return names().anyMatch(withoutProject(key)::equals);
    }

    static boolean isTable(String key) {
        return names().anyMatch(known -> known.startsWith(withoutProject(key) + "."));
    }

    /** {@code name} is not known in {@code table} (empty for the top of the file); says what may have been meant. */
    static String adviceFor(String table, String name) {
        if (isValue(name)) {
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
        String prefix = table.isEmpty() ? "" : withoutProject(table) + ".";
        return names().filter(key -> key.startsWith(prefix))
                .map(key -> key.substring(prefix.length()).split("\\.", 2)[0])
                .distinct()
                .toList();
    }

    /** A key of another table than the one it was written in. */
    private static Optional<String> elsewhere(String name) {
        return names().filter(key -> lastName(key).equals(name)).findFirst();
    }

    private static String lastName(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }
}
