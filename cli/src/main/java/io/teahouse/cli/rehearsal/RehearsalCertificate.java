package io.teahouse.cli.rehearsal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key and its self-signed certificate, made for one rehearsal: out of a key store into the files a relay reads. */
record RehearsalCertificate(Certificate certificate, Key key) {
    private static final char[] PASSWORD = "rehearsal".toCharArray();

    static RehearsalCertificate read(Path keyStore) throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(keyStore.toFile(), PASSWORD);
        String alias = store.aliases().nextElement();
        return new RehearsalCertificate(store.getCertificate(alias), store.getKey(alias, PASSWORD));
    }

    Path writeChain(Path folder) throws IOException, GeneralSecurityException {
        return writePem(folder.resolve("chain.pem"), "CERTIFICATE", certificate.getEncoded());
    }

    Path writeKey(Path folder) throws IOException {
        return writePem(folder.resolve("key.pem"), "PRIVATE KEY", key.getEncoded());
    }

    /** A client's context that trusts this certificate and no other. */
    SSLContext trustingContext() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("relay", certificate);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static Path writePem(Path file, String label, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(der);
        return Files.writeString(file, "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n".formatted(label, base64));
    }
}
