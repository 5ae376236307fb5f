package io.teahouse.relay.server.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslCredentialBuilder;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509TrustManager;

/**
 * Makes the contexts of the TLS engine, BoringSSL's where its library loads and else the JDK's, and knows the sessions of
 * all of them. Safe for use by many threads.
 */
final class TlsContexts {
    private static final System.Logger LOG = System.getLogger(TlsContexts.class.getName());

    /** Those of the reference: all with forward secrecy and authenticated encryption. */
    private static final List<String> CIPHER_SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** Empty with the JDK's engine, whose sessions need no help. */
    private final Optional<BoringSslSecrets> secrets;

    private TlsContexts(Optional<BoringSslSecrets> secrets) {
        this.secrets = secrets;
    }

    static TlsContexts ofThisMachine() {
        if (!OpenSsl.isAvailable()) {
            LOG.log(System.Logger.Level.WARNING, "tls: BoringSSL does not load here, the slower JDK engine is used");
            return new TlsContexts(Optional.empty());
        }
        return new TlsContexts(Optional.of(new BoringSslSecrets()));
    }

    /** Returns a context that shows a certificate. It is the caller's to release; its handlers keep it for themselves. */
    SslContext make(ServerCertificate certificate) throws IOException {
        var chain = certificate.chain().toArray(X509Certificate[]::new);
        var keys = new OnlyKey(certificate.key(), chain);
        if (secrets.isEmpty()) {
            return builder(keys).sslProvider(SslProvider.JDK).build();
        }
        var credential =
                OpenSslCredentialBuilder.forX509(certificate.key(), chain).build();
        try {
            var context = (ReferenceCountedOpenSslContext) builder(new OpenSslCachingX509KeyManagerFactory(keys))
                    .sslProvider(SslProvider.OPENSSL_REFCNT)
                    .addCredential(credential)
                    // Nothing in a handshake takes long enough to be worth a thread of its own.
                    .option(OpenSslContextOption.USE_TASKS, false)
                    .build();
            BoringSslHandle.chooseCertificateNatively(context);
            secrets.get().listenTo(context);
            return context;
        } finally {
            credential.release();
        }
    }

    /** Returns a context that shows a certificate to those who offer one protocol over TLS, and says that we speak it. */
    SslContext makeFor(String protocol, ServerCertificate certificate) throws IOException {
        var keys = new OnlyKey(certificate.key(), certificate.chain().toArray(X509Certificate[]::new));
        return builder(secrets.isEmpty() ? keys : new OpenSslCachingX509KeyManagerFactory(keys))
                .sslProvider(secrets.isEmpty() ? SslProvider.JDK : SslProvider.OPENSSL_REFCNT)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        protocol))
                .build();
    }

    private static SslContextBuilder builder(KeyManagerFactory keys) {
        return SslContextBuilder.forServer(keys)
                .protocols("TLSv1.3", "TLSv1.2")
                .ciphers(CIPHER_SUITES, SupportedCipherSuiteFilter.INSTANCE)
                .clientAuth(ClientAuth.NONE)
                // Nobody is asked for a certificate; said here, so that the JDK's roots are not read for nothing.
                .trustManager(new NobodyTrusted());
    }

    /** Returns what is to be known of the session of an engine, whichever of the contexts it comes from. */
    TlsSession session(SSLEngine engine) {
        return secrets.<SessionSecrets>map(own -> own)
                .orElse(SessionSecrets.OF_JDK)
                .session(engine);
    }

    /** Would refuse every client certificate, if one were asked for. */
    private static final class NobodyTrusted implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("client certificates are not used");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("this is a server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
