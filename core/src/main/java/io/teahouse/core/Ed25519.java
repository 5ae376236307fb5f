package io.teahouse.core;

/**
 * Signs and verifies by Ed25519 (RFC 8032, section 5.1), without the strict checks of {@link EndpointId#verify}.
 *
 * <p>Keeps no state between calls: any thread may call.
 */
interface Ed25519 {
    /**
     * {@return the 64 bytes of the signature}
     *
     * @param seed      the 32 bytes of the secret key
     * @param publicKey the 32 bytes that belong to it: with any others the signature gives the secret away
     * @param message   what to sign
     */
    byte[] sign(byte[] seed, byte[] publicKey, byte[] message);

    /**
     * {@return whether the equation without the cofactor holds; for keys and R that are no points, it does not}
     *
     * @param publicKey 32 bytes
     * @param message   what should have been signed
     * @param signature 64 bytes
     */
    boolean verify(byte[] publicKey, byte[] message, byte[] signature);

    /**
     * {@return the fastest there is on this machine; found, and its native code loaded, at the first call}
     */
    static Ed25519 fastest() {
        return FastestEd25519.INSTANCE;
    }
}
