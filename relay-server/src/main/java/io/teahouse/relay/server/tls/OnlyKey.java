package io.teahouse.relay.server.tls;

import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A server's only key with its certificates. Given a bare key, Netty would put it into a key store, encrypt it there and
 * decrypt it again, which takes as long as the rest of a relay's start.
 *
 * <p>Immutable, and so safe for use by many threads.
 */
final class OnlyKey extends SimpleKeyManagerFactory {
    private static final String ALIAS = "relay";

    private final PrivateKey key;
    private final X509Certificate[] chain;

    OnlyKey(PrivateKey key, X509Certificate... chain) {
        this.key = key;
        this.chain = chain.clone();
    }

    @Override
    protected void engineInit(@Nullable KeyStore keyStore, char @Nullable [] password) {}

    @Override
    protected void engineInit(ManagerFactoryParameters parameters) {}

    @Override
    protected KeyManager[] engineGetKeyManagers() {
        return new KeyManager[] {new Manager()};
    }

    private final class Manager extends X509ExtendedKeyManager {
        /**
         * Types of keys are "RSA", "EC" and so on; some are followed by "_" and the type that signed the certificate. BoringSSL's
         * side asks for no EdDSA: suites for ECDSA stand for both (RFC 8422, section 5.10).
         */
        private boolean isOfType(String keyType) {
            var algorithm = key.getAlgorithm();
            return keyType.equals(algorithm)
                    || keyType.startsWith(algorithm + "_")
                    || (keyType.equals("EC") && algorithm.equals("EdDSA"));
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return isOfType(keyType) ? ALIAS : null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return isOfType(keyType) ? ALIAS : null;
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return isOfType(keyType) ? new String[] {ALIAS} : null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null; // a server's key
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(String alias) {
            return alias.equals(ALIAS) ? chain.clone() : null;
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
            return alias.equals(ALIAS) ? key : null;
        }
    }
}
