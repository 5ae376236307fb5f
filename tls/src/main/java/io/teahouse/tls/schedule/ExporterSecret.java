package io.teahouse.tls.schedule;

import java.util.Arrays;

/** Keying material for others, bound to the connection (RFC 8446, section 7.5). Not thread-safe. */
public final class ExporterSecret {
    private final HashAlgorithm hash;
    private final byte[] secret;

    ExporterSecret(HashAlgorithm hash, byte[] secret) {
        this.hash = hash;
        this.secret = secret;
    }

    /**
     * {@return keying material}
     *
     * @param label   in ASCII, at most 249 characters
     * @param context any; none and an empty one are the same
     * @param length  how many bytes are wanted, 1 to 255 times the length of the hash
     */
    public byte[] export(String label, byte[] context, int length) {
        byte[] derived = Hkdf.deriveSecret(hash, secret, label, hash.newDigest().digest());
        try {
            return Hkdf.expandLabel(hash, derived, "exporter", hash.newDigest().digest(context), length);
        } finally {
            Arrays.fill(derived, (byte) 0);
        }
    }

    /** Wipes it. */
    public void destroy() {
        Arrays.fill(secret, (byte) 0);
    }

    /** The secret itself, for the key log and the vectors. */
    byte[] bytes() {
        return secret;
    }
}
