package io.teahouse.relay.server.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslCredentialBuilder;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import io.teahouse.relay.server.RelayServerConfig;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * The TLS side of the listener: TLS 1.2 and 1.3, no client certificates, no ALPN (iroh relay server spec, section 3).
 *
 * <p>BoringSSL where its library loads, else the JDK. Safe for use by many threads.
 */
public final class ServerTls implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ServerTls.class.getName());

    /** How long a TLS handshake may take: 10 s. */
    private static final long HANDSHAKE_SECONDS = 10;

    /** Plaintext of a full record. */
    private static final int RECORD_BYTES = 16 * 1024;

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

    private final SslContext context;
    private final SessionSecrets secrets;

    private ServerTls(SslContext context, SessionSecrets secrets) {
        this.context = context;
        this.secrets = secrets;
    }

    /**
     * Reads certificate and key.
     *
     * @param config where they are
     * @return TLS that shows them
     * @throws IOException when they cannot be read, are not understood or do not belong together; the message says what
     *                     and where
     */
    public static ServerTls load(RelayServerConfig.Tls config) throws IOException {
        var key = PemFiles.readPrivateKey(config.privateKey());
        var chain = PemFiles.readCertificates(config.certificateChain());
        requirePair(key, chain[0], config);
        var keys = new OnlyKey(key, chain);
        if (!OpenSsl.isAvailable()) {
            LOG.log(System.Logger.Level.WARNING, "tls: BoringSSL does not load here, the slower JDK engine is used");
            return new ServerTls(builder(keys).sslProvider(SslProvider.JDK).build(), SessionSecrets.OF_JDK);
        }
        var credential = OpenSslCredentialBuilder.forX509(key, chain).build();
        try {
            var context = (ReferenceCountedOpenSslContext) builder(new OpenSslCachingX509KeyManagerFactory(keys))
                    .sslProvider(SslProvider.OPENSSL_REFCNT)
                    .addCredential(credential)
                    // Nothing in a handshake takes long enough to be worth a thread of its own.
                    .option(OpenSslContextOption.USE_TASKS, false)
                    .build();
            BoringSslHandle.chooseCertificateNatively(context);
            return new ServerTls(context, BoringSslSecrets.of(context));
        } finally {
            credential.release();
        }
    }

    private static SslContextBuilder builder(KeyManagerFactory keys) {
        return SslContextBuilder.forServer(keys)
                .protocols("TLSv1.3", "TLSv1.2")
                .ciphers(CIPHER_SUITES, SupportedCipherSuiteFilter.INSTANCE)
                .clientAuth(ClientAuth.NONE)
                // Nobody is asked for a certificate; said here, so that the JDK's roots are not read for nothing.
                .trustManager(new NobodyTrusted());
    }

    /**
     * {@return a handler for one connection}
     *
     * @param allocator makes its buffers
     */
    public SslHandler newHandler(ByteBufAllocator allocator) {
        var handler = context.newHandler(allocator);
        handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        // Longer than those who close connections here wait, so that they decide, and nobody logs that a client is
        // slow.
        handler.setCloseNotifyFlushTimeoutMillis(3000);
        handler.setWrapDataSize(RECORD_BYTES);
        return handler;
    }

    /**
     * {@return what is to be known of the session of a connection}
     *
     * @param handler of that connection, from {@link #newHandler}
     */
    public TlsSession session(SslHandler handler) {
        return secrets.session(handler.engine());
    }

    /** Frees native memory; no handler may be made any more. */
    @Override
    public void close() {
        ReferenceCountUtil.release(context);
    }

    private static void requirePair(PrivateKey key, X509Certificate certificate, RelayServerConfig.Tls config)
            throws IOException {
        var problem = "tls config: the key in %s does not belong to the first certificate in %s"
                .formatted(config.privateKey(), config.certificateChain());
        try {
            var algorithm = switch (key.getAlgorithm()) {
                case "RSA" -> "SHA256withRSA";
                case "EC" -> "SHA256withECDSA";
                default -> "Ed25519";
            };
            var probe = new byte[32];
            var signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(probe);
            var verifier = Signature.getInstance(algorithm);
            verifier.initVerify(certificate.getPublicKey());
            verifier.update(probe);
            if (!verifier.verify(signer.sign())) {
                throw new IOException(problem);
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(problem, e);
        }
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
