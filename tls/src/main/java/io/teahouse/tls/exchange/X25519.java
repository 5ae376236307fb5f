package io.teahouse.tls.exchange;

/**
 * The function of RFC 7748, section 5, on keys of 32 bytes each. Keeps no state between calls: any thread may call.
 */
interface X25519 {
    /** Bytes of a secret key, a public key and a shared secret. */
    int LENGTH = 32;

    /**
     * {@return the shared secret; all zeros if the public key is of small order}
     *
     * @param secretKey any 32 bytes
     * @param publicKey any 32 bytes
     */
    byte[] agree(byte[] secretKey, byte[] publicKey);

    /**
     * {@return the public key of a secret one}
     *
     * <p>By BouncyCastle, which has a table for it and is as fast as native code that multiplies an arbitrary point.
     *
     * @param secretKey any 32 bytes
     */
    static byte[] publicKey(byte[] secretKey) {
        var publicKey = new byte[LENGTH];
        org.bouncycastle.math.ec.rfc7748.X25519.scalarMultBase(secretKey, 0, publicKey, 0);
        return publicKey;
    }

    /**
     * {@return the fastest there is on this machine; found, and its native code loaded, at the first call}
     */
    static X25519 fastest() {
        return FastestX25519.INSTANCE;
    }
}
