package io.teahouse.tls.schedule;

import java.util.Arrays;

/** The first stage: what is known before the key exchange, a pre-shared key or nothing. Not thread-safe. */
public final class EarlySecret {
    private final HashAlgorithm hash;
    private final byte[] secret;

    private EarlySecret(HashAlgorithm hash, byte[] psk) {
        this.hash = hash;
        this.secret = Hkdf.extract(hash, new byte[0], psk);
    }

    /**
     * {@return the stage of a handshake without a pre-shared key}
     *
     * @param hash that of the cipher suite
     */
    public static EarlySecret withoutPsk(HashAlgorithm hash) {
        return new EarlySecret(hash, new byte[hash.length()]);
    }

    /**
     * {@return the stage of a handshake that resumes another one}
     *
     * @param hash that of the ticket
     * @param psk  the ticket's key; not kept
     */
    public static EarlySecret withPsk(HashAlgorithm hash, byte[] psk) {
        return new EarlySecret(hash, psk);
    }

    /**
     * {@return the binder that proves the possession of the ticket's key}
     *
     * @param partialHelloHash of everything up to the binders
     */
    public byte[] binder(byte[] partialHelloHash) {
        byte[] key =
                Hkdf.deriveSecret(hash, secret, "res binder", hash.newDigest().digest());
        try {
            return Hkdf.finished(hash, key, partialHelloHash);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /**
     * {@return the secret of what the client sends in 0-RTT packets}
     *
     * @param suite           that of the ticket
     * @param clientHelloHash of the whole ClientHello
     */
    public TrafficSecret clientTraffic(CipherSuite suite, byte[] clientHelloHash) {
        return new TrafficSecret(suite, Hkdf.deriveSecret(hash, secret, "c e traffic", clientHelloHash));
    }

    /**
     * {@return the secret from which early keying material is exported}
     *
     * @param clientHelloHash of the whole ClientHello
     */
    public ExporterSecret exporter(byte[] clientHelloHash) {
        return new ExporterSecret(hash, Hkdf.deriveSecret(hash, secret, "e exp master", clientHelloHash));
    }

    /**
     * {@return the next stage; this one is wiped}
     *
     * @param sharedSecret what the key exchange gave; wiped
     */
    public HandshakeSecret toHandshake(byte[] sharedSecret) {
        byte[] salt = Hkdf.derived(hash, secret);
        try {
            return new HandshakeSecret(hash, Hkdf.extract(hash, salt, sharedSecret));
        } finally {
            Arrays.fill(salt, (byte) 0);
            Arrays.fill(sharedSecret, (byte) 0);
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
