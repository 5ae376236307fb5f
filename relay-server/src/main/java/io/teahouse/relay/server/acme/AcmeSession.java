package io.teahouse.relay.server.acme;

import io.teahouse.relay.server.CertificateSource;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.RenewalInfo;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.connector.Resource;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/**
 * A conversation with an authority: its directory, our account. Made for one order and closed then, since the next one is weeks
 * away. Blocks; used by one thread.
 */
final class AcmeSession implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Session session;
    private final HttpClient http;

    private AcmeSession(URI directory, HttpClient http) {
        this.http = http;
        this.session = new Session(directory, new GenericAcmeProvider() {
            @Override
            public HttpClient createHttpClient(NetworkSettings settings) {
                return http;
            }
        });
        session.networkSettings().setTimeout(TIMEOUT);
    }

    /** When an authority wants a certificate to be replaced, and until when it does not want to be asked again. */
    record Suggestion(Instant start, Instant end, Optional<Instant> notBefore) {}

    static AcmeSession open(CertificateSource.Acme source) throws IOException {
        var http = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(TIMEOUT);
        if (!source.additionalRoots().isEmpty()) {
            http.sslContext(trusting(source.additionalRoots()));
        }
        return new AcmeSession(source.directory(), http.build());
    }

    /** Returns the account that a key belongs to, made if there is none; the terms of service are agreed to. */
    Login logIn(KeyPair key, String contact) throws AcmeException {
        return new AccountBuilder()
                .addEmail(contact)
                .agreeToTermsOfService()
                .useKeyPair(key)
                .createLogin(session);
    }

    /** Returns whether the authority says when it wants certificates to be replaced. */
    boolean hasRenewalInfo() throws AcmeException {
        return session.resourceUrlOptional(Resource.RENEWAL_INFO).isPresent();
    }

    /** Returns when the authority wants a certificate to be replaced, if it tells. */
    Optional<Suggestion> suggestionFor(X509Certificate certificate) throws AcmeException {
        if (!hasRenewalInfo()) {
            return Optional.empty();
        }
        // Asked without an account, though the library wants one.
        RenewalInfo info = session.login(session.resourceUrl(Resource.NEW_ACCOUNT), P256.generate())
                .bindRenewalInfo(certificate);
        var notBefore = info.fetch();
        return Optional.of(new Suggestion(info.getSuggestedWindowStart(), info.getSuggestedWindowEnd(), notBefore));
    }

    private static SSLContext trusting(List<X509Certificate> additional) throws IOException {
        try {
            var all = KeyStore.getInstance(KeyStore.getDefaultType());
            all.load(null, null);
            int count = 0;
            for (var manager : trustManagers(null)) {
                if (manager instanceof X509TrustManager known) {
                    for (var root : known.getAcceptedIssuers()) {
                        all.setCertificateEntry("root" + count++, root);
                    }
                }
            }
            for (var root : additional) {
                all.setCertificateEntry("root" + count++, root);
            }
            var context = SSLContext.getInstance("TLS");
            context.init(null, trustManagers(all), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("the additional roots cannot be used: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trustManagers(@Nullable KeyStore roots) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(roots);
        return factory.getTrustManagers();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
