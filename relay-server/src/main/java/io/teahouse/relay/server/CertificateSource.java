package io.teahouse.relay.server;

import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where the certificate of a TLS listener comes from. Immutable, and so safe to share between threads. */
public sealed interface CertificateSource {

    /**
     * Files that somebody else writes.
     *
     * @param certificateChain PEM file, the server's own certificate first
     * @param privateKey       PEM file: PKCS#8, PKCS#1 or SEC1, not encrypted
     * @param reloadInterval   how often it is looked whether the files have changed, 1 ms to 24 h; empty for never
     */
    record Files(Path certificateChain, Path privateKey, Optional<Duration> reloadInterval)
            implements CertificateSource {
        private static final Duration MIN_RELOAD_INTERVAL = Duration.ofMillis(1);
        private static final Duration MAX_RELOAD_INTERVAL = Duration.ofHours(24);

        /** Refuses null, and an interval out of its range. */
        public Files {
            Objects.requireNonNull(certificateChain, "certificateChain");
            Objects.requireNonNull(privateKey, "privateKey");
            Objects.requireNonNull(reloadInterval, "reloadInterval");
            if (reloadInterval.isPresent()
                    && (reloadInterval.get().compareTo(MIN_RELOAD_INTERVAL) < 0
                            || reloadInterval.get().compareTo(MAX_RELOAD_INTERVAL) > 0)) {
                throw new IllegalArgumentException(
                        "reloadInterval: %s (expected: 1 ms to 24 h)".formatted(reloadInterval.get()));
            }
        }
    }

    /**
     * A certification authority that is asked over ACME (RFC 8555) for one certificate with all names, and again before that
     * expires. It has to reach the relay under each of the names: at port 443, where the TLS listener has to be (RFC 8737), or
     * at port 80, where plain HTTP has to be. Until there is a first certificate TLS clients are refused.
     *
     * @param hostnames       the DNS names, without wildcards, 1 to {@link #MAX_HOSTNAMES}
     * @param contact         e-mail address that the authority may write to
     * @param directory       the authority's ACME directory, http or https
     * @param cacheDirectory  where the account's key and the certificate are kept; made when it is first written to
     * @param additionalRoots whom to trust, beside the JDK's roots, as the authority's web server
     */
    record Acme(
            List<String> hostnames,
            String contact,
            URI directory,
            Path cacheDirectory,
            List<X509Certificate> additionalRoots)
            implements CertificateSource {
        /** Let's Encrypt, whose certificates all clients accept. */
        public static final URI LETS_ENCRYPT = URI.create("https://acme-v02.api.letsencrypt.org/directory");

        /** Let's Encrypt's place to try things out, whose certificates nobody accepts. */
        public static final URI LETS_ENCRYPT_STAGING =
                URI.create("https://acme-staging-v02.api.letsencrypt.org/directory");

        /** As many names a certificate can have: what Let's Encrypt allows. */
        public static final int MAX_HOSTNAMES = 100;

        /** Letters, digits and hyphens between dots (RFC 1123, section 2.1). */
        private static final Pattern DNS_NAME = Pattern.compile("(?=.{1,253}$)[a-z0-9-]{1,63}(\\.[a-z0-9-]{1,63})*");

        /** Takes names in lower case; refuses null, and what cannot be asked for. */
        public Acme {
            hostnames = hostnames.stream()
                    .map(name -> name.toLowerCase(Locale.ROOT))
                    .distinct()
                    .toList();
            if (hostnames.isEmpty() || hostnames.size() > MAX_HOSTNAMES) {
                throw new IllegalArgumentException(
                        "hostnames: %d (expected: 1 to %d)".formatted(hostnames.size(), MAX_HOSTNAMES));
            }
            hostnames.stream().filter(name -> !isHostname(name)).findFirst().ifPresent(name -> {
                throw new IllegalArgumentException(
                        "hostnames: \"%s\" (expected: a DNS name without wildcard)".formatted(name));
            });
            if (!isContact(contact)) {
                throw new IllegalArgumentException("contact: \"%s\" (expected: an e-mail address)".formatted(contact));
            }
            if (!isDirectory(directory)) {
                throw new IllegalArgumentException(
                        "directory: %s (expected: an http or https URL)".formatted(directory));
            }
            Objects.requireNonNull(cacheDirectory, "cacheDirectory");
            additionalRoots = List.copyOf(additionalRoots);
        }

        /**
         * {@return whether a certificate can be asked for with this name: a DNS name without wildcard}
         *
         * @param name the name, in any case
         */
        public static boolean isHostname(String name) {
            return DNS_NAME.matcher(name.toLowerCase(Locale.ROOT)).matches();
        }

        /**
         * {@return whether this could be an e-mail address}
         *
         * @param contact the text
         */
        public static boolean isContact(String contact) {
            return contact.matches("[^@\\s,?:]+@[^@\\s,?:]+");
        }

        /**
         * {@return whether this could be the URL of an ACME directory}
         *
         * @param url the URL
         */
        public static boolean isDirectory(URI url) {
            return ("https".equals(url.getScheme()) || "http".equals(url.getScheme())) && url.getHost() != null;
        }

        /**
         * {@return certificates of Let's Encrypt}
         *
         * @param contact        e-mail address that it may write to
         * @param cacheDirectory where the account's key and the certificate are kept
         * @param hostnames      the DNS names
         */
        public static Acme letsEncrypt(String contact, Path cacheDirectory, String... hostnames) {
            return new Acme(List.of(hostnames), contact, LETS_ENCRYPT, cacheDirectory, List.of());
        }
    }
}
