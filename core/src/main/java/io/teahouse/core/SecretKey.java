package io.teahouse.core;

import java.security.MessageDigest;
import java.security.SecureRandom;

/**
 * The secret half of an {@link EndpointId}: the 32-byte seed of an Ed25519 key (RFC 8032, section 5.1.5).
 *
 * <p>Any 32 bytes are one. It has no text form to be printed, so that none ends in a log. Immutable.
 */
public final class SecretKey {
    /** Bytes of every secret key. */
    public static final int LENGTH = 32;

    private final byte[] seed;
    private final EndpointId endpointId;

    private SecretKey(byte[] seed) {
        this.seed = seed;
        this.endpointId = derive(seed);
    }

    private static EndpointId derive(byte[] seed) {
        var publicKey = new byte[EndpointId.LENGTH];
        org.bouncycastle.math.ec.rfc8032.Ed25519.generatePublicKey(seed, 0, publicKey, 0);
        try {
            return EndpointId.fromBytes(publicKey);
        } catch (FormatException e) {
            throw new AssertionError("a multiple of the base point is on the curve", e);
        }
    }

    /**
     * {@return a new key}
     *
     * @param random gives 32 bytes; everything rests on nobody else knowing them
     */
    public static SecretKey generate(SecureRandom random) {
        var seed = new byte[LENGTH];
        random.nextBytes(seed);
        return new SecretKey(seed);
    }

    /**
     * {@return the key of these bytes}
     *
     * @param seed {@value #LENGTH} bytes, copied, so that they may be wiped
     */
    public static SecretKey fromBytes(byte[] seed) {
        if (seed.length != LENGTH) {
            throw new IllegalArgumentException("seed: %d bytes (expected: %d)".formatted(seed.length, LENGTH));
        }
        return new SecretKey(seed.clone());
    }

    /**
     * {@return the key that a text spells: 64 lower-case hex digits, or 52 characters of RFC 4648 base32 in either
     * case}
     *
     * @param text nothing around it is skipped
     * @throws FormatException if it is neither; the message does not repeat the text
     */
    public static SecretKey parse(String text) throws FormatException {
        return new SecretKey(KeyText.decode(text));
    }

    /**
     * {@return the public half}
     */
    public EndpointId endpointId() {
        return endpointId;
    }

    /**
     * {@return the signature of this key on a message; always the same for the same message}
     *
     * @param message what to sign
     */
    public Signature sign(byte[] message) {
        return Signature.ofOwned(Ed25519.fastest().sign(seed, endpointId.toBytes(), message));
    }

    /**
     * {@return the 32 bytes, a copy: who asks for them keeps them secret}
     */
    public byte[] toBytes() {
        return seed.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecretKey that && MessageDigest.isEqual(seed, that.seed);
    }

    @Override
    public int hashCode() {
        return endpointId.hashCode();
    }

    /**
     * {@return which key this is, without the key}
     */
    @Override
    public String toString() {
        return "secret key of " + endpointId.shortForm();
    }
}
