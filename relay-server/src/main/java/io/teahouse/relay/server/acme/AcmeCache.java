package io.teahouse.relay.server.acme;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.tls.ServerCertificate;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * What outlives the relay: the key of its account and the last certificate, in the files of iroh's relay (iroh relay server spec,
 * section 3.1), so that each can go on with what the other left. A file is there as a whole or not at all, and only its owner can
 * read it. Immutable.
 */
final class AcmeCache {
    private static final int MAX_ACCOUNT_BYTES = 4096;

    private final Path directory;
    private final Path account;
    private final Path certificate;

    AcmeCache(CertificateSource.Acme source) {
        directory = source.cacheDirectory();
        account = directory.resolve(CacheNames.account(List.of("mailto:" + source.contact()), source.directory()));
        certificate = directory.resolve(CacheNames.certificate(source.hostnames(), source.directory()));
    }

    /** Not to find it out when there is a certificate to be kept. */
    void requireUsable() throws IOException {
        if (Files.exists(directory) && !(Files.isDirectory(directory) && Files.isWritable(directory))) {
            throw new IOException(
                    "certificates cannot be kept in %s (expected: a directory that this user can write to)"
                            .formatted(directory));
        }
    }

    Path accountFile() {
        return account;
    }

    Path certificateFile() {
        return certificate;
    }

    /** Returns the account's key, if there is one. */
    Optional<KeyPair> readAccount() throws IOException {
        try (var in = Files.newInputStream(account)) {
            return Optional.of(P256.fromPkcs8(in.readNBytes(MAX_ACCOUNT_BYTES)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (GeneralSecurityException | ClassCastException e) {
            throw new IOException("%s is no account key (expected: PKCS#8 of a P-256 key)".formatted(account), e);
        }
    }

    void writeAccount(KeyPair key) throws IOException {
        write(account, P256.toPkcs8(key));
    }

    /** Returns the certificate, if there is one. */
    Optional<ServerCertificate> readCertificate() throws IOException {
        return Files.exists(certificate) ? Optional.of(ServerCertificate.read(certificate)) : Optional.empty();
    }

    void writeCertificate(KeyPair key, List<X509Certificate> chain) throws IOException {
        try {
            var pem = new StringBuilder(block("PRIVATE KEY", P256.toPkcs8(key)));
            for (var link : chain) {
                pem.append(block("CERTIFICATE", link.getEncoded()));
            }
            write(certificate, pem.toString().getBytes(US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IOException("a certificate cannot be encoded", e);
        }
    }

    private static String block(String label, byte[] der) {
        var base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n"
                .formatted(label, base64)
                .replace("\r", "");
    }

    private void write(Path file, byte[] contents) throws IOException {
        Files.createDirectories(directory);
        // Made with mode 0600 where there are modes.
        var fresh = Files.createTempFile(directory, ".new", "");
        try {
            Files.write(fresh, contents);
            try (var channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
