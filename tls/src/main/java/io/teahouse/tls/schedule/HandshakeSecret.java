package io.teahouse.tls.schedule;

import java.util.Arrays;

/** The second stage: key exchange done, the peer not yet authenticated. Not thread-safe. */
public final class HandshakeSecret {
    private final HashAlgorithm hash;
    private final byte[] secret;

    HandshakeSecret(HashAlgorithm hash, byte[] secret) {
        this.hash = hash;
        this.secret = secret;
    }

    /**
     * {@return the secret of what the client sends in Handshake packets}
     *
     * @param suite           the one that was chosen
     * @param serverHelloHash of everything up to ServerHello
     */
    public TrafficSecret clientTraffic(CipherSuite suite, byte[] serverHelloHash) {
        return new TrafficSecret(suite, Hkdf.deriveSecret(hash, secret, "c hs traffic", serverHelloHash));
    }

    /**
     * {@return the secret of what the server sends in Handshake packets}
     *
     * @param suite           the one that was chosen
     * @param serverHelloHash of everything up to ServerHello
     */
    public TrafficSecret serverTraffic(CipherSuite suite, byte[] serverHelloHash) {
        return new TrafficSecret(suite, Hkdf.deriveSecret(hash, secret, "s hs traffic", serverHelloHash));
    }

    /**
     * {@return the next stage; this one is wiped}
     */
    public MasterSecret toMaster() {
        byte[] salt = Hkdf.derived(hash, secret);
        try {
            return new MasterSecret(hash, Hkdf.extract(hash, salt, new byte[hash.length()]));
        } finally {
            Arrays.fill(salt, (byte) 0);
            destroy();
        }
    }

    /** Wipes it. */
    public void destroy() {
        Arrays.fill(secret, (byte) 0);
    }

    /** The secret itself, for the vectors. */
    byte[] bytes() {
        return secret;
    }
}
