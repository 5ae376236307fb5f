package io.teahouse.cli.config;

import io.teahouse.cli.text.AddressText;
import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.RelayServerConfig.Tls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Reads the {@code [tls]} table, but for what is said of QUIC (iroh relay spec, sections 3 and 5). */
final class TlsReader {
    private static final int HTTPS_PORT = 443;
    private static final String ACME_MODE = "LetsEncrypt";
    private static final List<String> CERT_MODES = List.of("Manual", ACME_MODE, "Reloading");

    /** Those that take the certificate from files. */
    private static final List<String> FILE_MODES = List.of("Manual", "Reloading");

    private final Settings settings;
    private final List<Problem> problems;
    private final List<Notice> notices;
    private final boolean dev;

    TlsReader(Settings settings, List<Problem> problems, List<Notice> notices, boolean dev) {
        this.settings = settings;
        this.problems = problems;
        this.notices = notices;
        this.dev = dev;
    }

    /** Whether there is to be a TLS listener. */
    boolean isUsed() {
        return settings.hasTable("tls") && !dev && !settings.bool("tls.dangerous_http_only", false);
    }

    /**
     * What the table says.
     *
     * @param https       where the TLS listener is, if there is one
     * @param certificate what it or address discovery shows, if one of both is there and nothing is wrong
     */
    record Table(Optional<InetSocketAddress> https, Optional<CertificateSource> certificate) {
        Optional<Tls> listener() {
            return https.flatMap(address -> certificate.map(shown -> new Tls(address, shown)));
        }
    }

    /**
     * Reads the table.
     *
     * @param ip            where the TLS listener is unless the table names an address
     * @param withDiscovery whether there is something else that needs a certificate
     */
    Table read(InetAddress ip, boolean withDiscovery) {
        if (!settings.hasTable("tls")) {
            return new Table(Optional.empty(), Optional.empty());
        }
        var address = settings.address("tls.https_bind_addr", HTTPS_PORT);
        var directory = settings.path("tls.cert_dir", "a directory", Path.of("."));
        var chain = settings.path("tls.manual_cert_path", "a file");
        var key = settings.path("tls.manual_key_path", "a file");
        boolean used = isUsed();
        String certMode = certMode();
        noteWithoutEffect(certMode, used || withDiscovery);
        Optional<InetSocketAddress> https = used ? address.or(() -> Optional.of(usualAddress(ip))) : Optional.empty();
        if (!used && !withDiscovery) {
            return new Table(https, Optional.empty());
        }
        if (certMode.equals(ACME_MODE)) {
            return new Table(https, authority(directory, used));
        }
        if (!FILE_MODES.contains(certMode)) {
            return new Table(https, Optional.empty());
        }
        return new Table(
                https,
                Optional.of(new CertificateSource.Files(
                        file("tls.manual_cert_path", chain, directory.resolve("default.crt"), "the certificate chain"),
                        file("tls.manual_key_path", key, directory.resolve("default.key"), "the private key"),
                        Optional.of(Tls.DEFAULT_RELOAD_INTERVAL).filter(_ -> certMode.equals("Reloading")))));
    }

    /** The authority has to reach one of the relay's ports, to see whether a name is ours. */
    private Optional<CertificateSource> authority(Path directory, boolean used) {
        if (!used || !settings.bool("enable_relay", true)) {
            settings.bad(
                    "tls.cert_mode",
                    ACME_MODE,
                    "\"Manual\" or \"Reloading\" where nothing but address discovery has TLS",
                    "the authority asks at the ports of the relay, which are not there");
            return Optional.empty();
        }
        return new AcmeReader(settings, problems).read(directory).map(acme -> acme);
    }

    private InetSocketAddress usualAddress(InetAddress ip) {
        var usual = new InetSocketAddress(ip, HTTPS_PORT);
        settings.usual("tls.https_bind_addr", AddressText.of(usual));
        return usual;
    }

    private String certMode() {
        if (!settings.has("tls.cert_mode")) {
            problems.add(new Problem.Missing(
                    settings.place("tls"),
                    "tls.cert_mode",
                    "[tls] is present; write cert_mode = \"Reloading\", with manual_cert_path and manual_key_path"));
            return "";
        }
        String expected = "\"Manual\", \"Reloading\" or \"LetsEncrypt\"";
        String mode = settings.text("tls.cert_mode", expected).orElse("");
        if (!mode.isEmpty() && !CERT_MODES.contains(mode)) {
            settings.bad(
                    "tls.cert_mode",
                    mode,
                    expected,
                    CERT_MODES.stream()
                            .filter(known -> known.equalsIgnoreCase(mode))
                            .map("did you mean \"%s\"?"::formatted)
                            .findFirst()
                            .orElse(""));
        }
        return mode;
    }

    /** Types are checked of all keys; of some that is all, since what they speak of is not there. */
    private void noteWithoutEffect(String certMode, boolean used) {
        if (used && certMode.equals(ACME_MODE)) {
            for (String key : List.of("tls.manual_cert_path", "tls.manual_key_path")) {
                note(key, "has no effect with cert_mode = " + Quoted.text(certMode));
            }
            return;
        }
        settings.bool("tls.prod_tls");
        settings.text("tls.contact", "an e-mail address");
        if (settings.find("tls.hostname").orElse(null) instanceof String) {
            settings.text("tls.hostname", "a name");
        } else {
            settings.texts("tls.hostname", "a name", _ -> {});
        }
        String why = FILE_MODES.contains(certMode)
                ? "has no effect with cert_mode = " + Quoted.text(certMode)
                : "has no effect on a relay without TLS";
        for (String key : List.of("tls.hostname", "tls.contact", "tls.prod_tls")) {
            note(key, why);
        }
    }

    private void note(String key, String text) {
        if (settings.has(key)) {
            notices.add(new Notice(settings.place(key), key, text));
        }
    }

    private Path file(String key, Optional<Path> named, Path usual, String content) {
        settings.usual(key, usual.toString());
        Path file = named.orElse(usual);
        if (Files.isRegularFile(file) && Files.isReadable(file)) {
            return file;
        }
        String reason;
        if (Files.isDirectory(file)) {
            reason = "is a directory";
        } else if (Files.exists(file)) {
            reason = "cannot be read by this user";
        } else {
            reason = "does not exist";
        }
        if (settings.has(key)) {
            String where = file.isAbsolute()
                    ? ""
                    : ", that is " + file.toAbsolutePath().normalize();
            settings.bad(
                    key, file.toString(), "a readable PEM file with " + content, "it %s%s".formatted(reason, where));
        } else {
            problems.add(new Problem.Missing(
                    settings.place("tls"),
                    key,
                    "its default, %s, %s; name the PEM file with %s".formatted(usual, reason, content)));
        }
        return file;
    }
}
