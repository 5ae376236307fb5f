package io.teahouse.interop;

import java.io.IOException;
import java.math.BigInteger;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Certificate;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.RevocationReason;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.connector.NetworkSettings;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.provider.GenericAcmeProvider;

/** The account of a relay, in the hands of its operator: with the key that the relay keeps. */
final class AcmeAccount {
    private final Login login;

    private AcmeAccount(Login login) {
        this.login = login;
    }

    /**
     * {@return what a relay keeps: account, certificate}
     *
     * @param cache its directory
     */
    static List<Path> cached(Path cache) throws IOException {
        try (var files = Files.list(cache)) {
            return files.sorted().toList();
        }
    }

    /**
     * {@return the account of a relay, which is there already}
     *
     * @param cache     the relay's directory
     * @param authority where it has the account
     */
    static AcmeAccount of(Path cache, Pebble authority) throws Exception {
        byte[] der = Files.readAllBytes(cached(cache).getFirst());
        var session = new Session(authority.url(), new GenericAcmeProvider() {
            @Override
            public HttpClient createHttpClient(NetworkSettings settings) {
                return HttpClient.newBuilder()
                        .sslContext(authority.clientContext())
                        .build();
            }
        });
        return new AcmeAccount(
                new AccountBuilder().onlyExisting().useKeyPair(keyPair(der)).createLogin(session));
    }

    /** The public half is what the file ends with, as in those of iroh's relay. */
    private static KeyPair keyPair(byte[] der) throws Exception {
        var factory = KeyFactory.getInstance("EC");
        var key = (ECPrivateKey) factory.generatePrivate(new PKCS8EncodedKeySpec(der));
        var x = new BigInteger(1, Arrays.copyOfRange(der, der.length - 64, der.length - 32));
        var y = new BigInteger(1, Arrays.copyOfRange(der, der.length - 32, der.length));
        return new KeyPair(factory.generatePublic(new ECPublicKeySpec(new ECPoint(x, y), key.getParams())), key);
    }

    void revoke(X509Certificate certificate) throws AcmeException {
        Certificate.revoke(login, certificate, RevocationReason.KEY_COMPROMISE);
    }
}
