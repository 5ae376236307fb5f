package io.teahouse.relay.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Whom a client believes that a relay is the one it dialled: certification authorities, or keys of single relays.
 *
 * <p>Immutable.
 */
public final class TrustedRoots {
    /** Where systems keep the authorities that they trust, all in one PEM file. */
    private static final List<Path> SYSTEM_FILES = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"),
            Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
            Path.of("/etc/ssl/ca-bundle.pem"),
            Path.of("/etc/ssl/cert.pem"));

    /** The largest PEM file that is read: 8 MB. */
    private static final long MAX_FILE_BYTES = 8_000_000;

    /** A key is pinned by 64 hex digits. */
    private static final int PIN_LENGTH = 64;

    private final Set<X509Certificate> authorities;
    private final Set<String> pins;

    private TrustedRoots(Collection<X509Certificate> authorities, Set<String> pins) {
        this.authorities = Collections.unmodifiableSet(new LinkedHashSet<>(authorities));
        this.pins = pins;
    }

    /**
     * {@return the authorities that come with the JDK: those that browsers trust}
     */
    public static TrustedRoots builtIn() {
        try {
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            var authorities = new ArrayList<X509Certificate>();
            for (var manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    authorities.addAll(List.of(x509.getAcceptedIssuers()));
                }
            }
            return new TrustedRoots(authorities, Set.of());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has a trust manager", e);
        }
    }

    /**
     * {@return the authorities that the operating system trusts, to which its administrator may have added some}
     *
     * @throws IOException when the system's store is not found or cannot be read
     */
    public static TrustedRoots ofSystem() throws IOException {
        var os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (os.startsWith("windows")) {
            return ofKeyStore("Windows-ROOT");
        }
        if (os.startsWith("mac")) {
            return ofKeyStore("KeychainStore-ROOT");
        }
        for (var file : SYSTEM_FILES) {
            if (Files.isReadable(file)) {
                return ofPem(file);
            }
        }
        throw new IOException(
                "trusted roots: none of %s can be read (expected: the system's certificates)".formatted(SYSTEM_FILES));
    }

    private static TrustedRoots ofKeyStore(String type) throws IOException {
        try {
            var store = KeyStore.getInstance(type);
            store.load(null, null);
            var authorities = new ArrayList<X509Certificate>();
            for (var alias : Collections.list(store.aliases())) {
                if (store.getCertificate(alias) instanceof X509Certificate certificate) {
                    authorities.add(certificate);
                }
            }
            return new TrustedRoots(authorities, Set.of());
        } catch (GeneralSecurityException e) {
            throw new IOException("trusted roots: the system's store %s cannot be read".formatted(type), e);
        }
    }

    /**
     * {@return the authorities in a file, and no others}
     *
     * @param file PEM with one certificate or more
     * @throws IOException when it cannot be read, or holds something else
     */
    public static TrustedRoots ofPem(Path file) throws IOException {
        long size = Files.size(file);
        if (size > MAX_FILE_BYTES) {
            throw new IOException(
                    "%s: %d bytes (expected: PEM of at most %d bytes)".formatted(file, size, MAX_FILE_BYTES));
        }
        try {
            var certificates = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
            if (certificates.isEmpty()) {
                throw new IOException("%s: no certificate in it (expected: PEM with one or more)".formatted(file));
            }
            return of(certificates.stream().map(X509Certificate.class::cast).toList());
        } catch (GeneralSecurityException e) {
            throw new IOException("%s: not a certificate (expected: PEM with one or more)".formatted(file), e);
        }
    }

    /**
     * {@return these authorities, and no others}
     *
     * @param authorities their certificates
     */
    public static TrustedRoots of(Collection<X509Certificate> authorities) {
        return new TrustedRoots(authorities, Set.of());
    }

    /**
     * {@return relays with one of these keys, and no others; who signed a certificate, for which name and until when, is not
     * looked at then}
     *
     * @param sha256 of the SubjectPublicKeyInfo, 64 hex digits each; at least one. See {@link #pinOf}
     */
    public static TrustedRoots pinned(Collection<String> sha256) {
        var pins = new LinkedHashSet<String>();
        for (var pin : sha256) {
            var lower = pin.toLowerCase(Locale.ROOT);
            if (lower.length() != PIN_LENGTH || !lower.matches("[0-9a-f]+")) {
                throw new IllegalArgumentException(
                        "pin: %d characters (expected: %d hex digits, a SHA-256)".formatted(pin.length(), PIN_LENGTH));
            }
            pins.add(lower);
        }
        if (pins.isEmpty()) {
            throw new IllegalArgumentException("pins: none (expected: 1 or more)");
        }
        return new TrustedRoots(Set.of(), Set.copyOf(pins));
    }

    /**
     * {@return what to pin to trust the key of a certificate: the SHA-256 of its SubjectPublicKeyInfo, in hex}
     *
     * @param certificate a relay's
     */
    public static String pinOf(X509Certificate certificate) {
        try {
            var digest = MessageDigest.getInstance("SHA-256")
                    .digest(certificate.getPublicKey().getEncoded());
            return HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * {@return these authorities and others; not to be combined with pins}
     *
     * @param others to be trusted too
     */
    public TrustedRoots and(TrustedRoots others) {
        if (!pins.isEmpty() || !others.pins.isEmpty()) {
            throw new IllegalArgumentException("pins and authorities (expected: either; a pin would add nothing)");
        }
        var all = new LinkedHashSet<>(authorities);
        all.addAll(others.authorities);
        return new TrustedRoots(all, Set.of());
    }

    TrustManager[] trustManagers() {
        if (!pins.isEmpty()) {
            return new TrustManager[] {new PinnedKeys(pins)};
        }
        try {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (var authority : authorities) {
                store.setCertificateEntry("authority " + number++, authority);
            }
            var factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return factory.getTrustManagers();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has PKIX", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return pins.isEmpty()
                ? "%d authorities".formatted(authorities.size())
                : "%d pinned keys".formatted(pins.size());
    }
}
