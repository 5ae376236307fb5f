package io.teahouse.cli.config;

import io.teahouse.cli.text.SmallFile;
import io.teahouse.relay.server.CertificateSource.Acme;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads what {@code cert_mode = "LetsEncrypt"} needs: of the {@code [tls]} table, and of the environment (iroh relay server spec,
 * sections 3.1 and 4).
 */
final class AcmeReader {
    private static final String URL_VARIABLE = "IROH_RELAY_ACME_URL";
    private static final String CA_VARIABLE = "IROH_RELAY_ACME_CA";
    private static final int FILE_BYTES_MAX = 1 << 20;
    private static final String ROOTS_EXPECTED = "a readable PEM file with root certificates";

    private final Settings settings;
    private final List<Problem> problems;

    AcmeReader(Settings settings, List<Problem> problems) {
        this.settings = settings;
        this.problems = problems;
    }

    /** Empty if anything is wrong, which has been noted then. */
    Optional<Acme> read(Path directory) {
        int before = problems.size();
        var hostnames = hostnames();
        var contact = contact();
        var authority = authority();
        var roots = roots();
        return problems.size() > before || authority.isEmpty()
                ? Optional.empty()
                : Optional.of(new Acme(hostnames, contact, authority.get(), directory, roots));
    }

    private List<String> hostnames() {
        var hostnames = new ArrayList<String>();
        if (settings.find("tls.hostname").orElse("") instanceof String) {
            settings.text("tls.hostname", "a name")
                    .ifPresent(name -> add(hostnames, settings.place("tls.hostname"), "tls.hostname", name));
        } else {
            settings.texts("tls.hostname", "a name", item -> add(hostnames, item.place(), item.key(), item.text()));
        }
        if (hostnames.isEmpty() && problems.stream().noneMatch(AcmeReader::isOfHostname)) {
            problems.add(new Problem.Missing(
                    settings.place("tls.cert_mode"),
                    "tls.hostname",
                    "LetsEncrypt needs at least one hostname; write hostname = \"<the relay's name in DNS>\""));
        } else if (hostnames.size() > Acme.MAX_HOSTNAMES) {
            settings.bad(
                    "tls.hostname",
                    hostnames.size() + " names",
                    "%d at most".formatted(Acme.MAX_HOSTNAMES),
                    "no authority puts more into one certificate");
        }
        return hostnames;
    }

    private static boolean isOfHostname(Problem problem) {
        return problem.text().startsWith("tls.hostname");
    }

    private void add(List<String> hostnames, Place place, String key, String name) {
        if (Acme.isHostname(name)) {
            hostnames.add(name);
        } else {
            String advice = name.contains("*")
                    ? "a wildcard needs proofs in DNS, which this relay does not give: name the hosts one by one"
                    : "";
            problems.add(new Problem.BadValue(place, key, Quoted.text(name), "a name in DNS", advice));
        }
    }

    private String contact() {
        String expected = "an e-mail address";
        var contact = settings.text("tls.contact", expected);
        if (contact.isPresent() && !Acme.isContact(contact.get())) {
            settings.bad("tls.contact", contact.get(), expected, "without mailto:, and one only");
        } else if (!settings.has("tls.contact")) {
            problems.add(new Problem.Missing(
                    settings.place("tls.cert_mode"),
                    "tls.contact",
                    "LetsEncrypt needs a contact email; write contact = \"<where the authority may write to>\""));
        }
        return contact.orElse("");
    }

    private Optional<URI> authority() {
        boolean production = settings.bool("tls.prod_tls", true);
        var variable = settings.variable(URL_VARIABLE);
        if (variable.isEmpty()) {
            return Optional.of(production ? Acme.LETS_ENCRYPT : Acme.LETS_ENCRYPT_STAGING);
        }
        String url = variable.get();
        try {
            var directory = URI.create(url);
            if (Acme.isDirectory(directory)) {
                return Optional.of(directory);
            }
        } catch (IllegalArgumentException _) {
            // Told below.
        }
        bad(URL_VARIABLE, url, "the http or https URL of an ACME directory", "unset it to have Let's Encrypt");
        return Optional.empty();
    }

    private List<X509Certificate> roots() {
        var variable = settings.variable(CA_VARIABLE);
        if (variable.isEmpty()) {
            return List.of();
        }
        String name = variable.get();
        try {
            var text = SmallFile.read(name, FILE_BYTES_MAX).getBytes(StandardCharsets.UTF_8);
            var roots = new ArrayList<X509Certificate>();
            for (var root :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(text))) {
                roots.add((X509Certificate) root);
            }
            if (roots.isEmpty()) {
                bad(
                        CA_VARIABLE,
                        name,
                        ROOTS_EXPECTED,
                        "failed to parse %s: there is none in it".formatted(CA_VARIABLE));
            }
            return roots;
        } catch (SmallFile.UnreadableException e) {
            bad(CA_VARIABLE, name, ROOTS_EXPECTED, "failed to read %s: it %s".formatted(CA_VARIABLE, e.getMessage()));
        } catch (CertificateException _) {
            bad(CA_VARIABLE, name, ROOTS_EXPECTED, "failed to parse %s: it is not PEM".formatted(CA_VARIABLE));
        }
        return List.of();
    }

    private void bad(String variable, String value, String expected, String advice) {
        problems.add(
                new Problem.BadValue(settings.place("tls.cert_mode"), variable, Quoted.text(value), expected, advice));
    }
}
