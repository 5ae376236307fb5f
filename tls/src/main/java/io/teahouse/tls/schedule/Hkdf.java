package io.teahouse.tls.schedule;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.InvalidKeyException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HKDF in the form that TLS 1.3 and QUIC give it (RFC 5869; RFC 8446, section 7.1). Keeps nothing between calls. */
public final class Hkdf {
    private static final byte[] PREFIX = "tls13 ".getBytes(US_ASCII);

    /** What a label may have, its prefix included, and what a context may have. */
    private static final int OPAQUE_8_MAX = 255;

    private Hkdf() {}

    /**
     * {@return HKDF-Extract, as long as the hash}
     *
     * @param hash the algorithm
     * @param salt any; all zeros and no bytes at all are the same
     * @param ikm  the keying material, one byte or more
     */
    public static byte[] extract(HashAlgorithm hash, byte[] salt, byte[] ikm) {
        return mac(hash, salt.length == 0 ? new byte[hash.length()] : salt).doFinal(ikm);
    }

    /**
     * {@return HKDF-Expand-Label}
     *
     * @param hash    the algorithm
     * @param secret  as long as the hash
     * @param label   in ASCII, without "tls13 ", at most 249 characters
     * @param context at most 255 bytes, mostly a hash or nothing
     * @param length  how many bytes are wanted, 1 to 255 times the length of the hash
     */
    public static byte[] expandLabel(HashAlgorithm hash, byte[] secret, String label, byte[] context, int length) {
        byte[] info = label(label, context, length);
        var mac = mac(hash, secret);
        var expanded = new byte[length];
        byte[] block = new byte[0];
        byte number = 1;
        for (int at = 0; at < length; at += block.length) {
            mac.update(block);
            mac.update(info);
            mac.update(number++);
            block = mac.doFinal();
            System.arraycopy(block, 0, expanded, at, Math.min(block.length, length - at));
        }
        Arrays.fill(block, (byte) 0);
        return expanded;
    }

    /** By hand, and not by the JDK's KDF: to look that up takes longer than all that it does, forty times a handshake. */
    private static Mac mac(HashAlgorithm hash, byte[] key) {
        try {
            var mac = hash.newMac();
            mac.init(new SecretKeySpec(key, hash.hmacName()));
            return mac;
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("a JDK without " + hash.hmacName(), e);
        }
    }

    /**
     * {@return the HkdfLabel structure}
     *
     * @param label   in ASCII, without "tls13 ", at most 249 characters
     * @param context at most 255 bytes
     * @param length  how many bytes are wanted, 1 to 65535
     */
    public static byte[] label(String label, byte[] context, int length) {
        byte[] ascii = label.getBytes(US_ASCII);
        if (PREFIX.length + ascii.length > OPAQUE_8_MAX || context.length > OPAQUE_8_MAX) {
            throw new IllegalArgumentException("label and context: %d and %d bytes (expected: at most 249 and 255)"
                    .formatted(ascii.length, context.length));
        }
        var info = new byte[2 + 1 + PREFIX.length + ascii.length + 1 + context.length];
        info[0] = (byte) (length >>> 8);
        info[1] = (byte) length;
        info[2] = (byte) (PREFIX.length + ascii.length);
        System.arraycopy(PREFIX, 0, info, 3, PREFIX.length);
        System.arraycopy(ascii, 0, info, 3 + PREFIX.length, ascii.length);
        int at = 3 + PREFIX.length + ascii.length;
        info[at] = (byte) context.length;
        System.arraycopy(context, 0, info, at + 1, context.length);
        return info;
    }

    /** Derive-Secret, with the hash of the transcript in place of the transcript. */
    static byte[] deriveSecret(HashAlgorithm hash, byte[] secret, String label, byte[] transcriptHash) {
        assert transcriptHash.length == hash.length() : transcriptHash.length;
        return expandLabel(hash, secret, label, transcriptHash, hash.length());
    }

    /** The secret with which the next stage starts. */
    static byte[] derived(HashAlgorithm hash, byte[] secret) {
        return deriveSecret(hash, secret, "derived", hash.newDigest().digest());
    }

    /** The verify_data of Finished, and a binder, which is made the same way (RFC 8446, section 4.4.4). */
    static byte[] finished(HashAlgorithm hash, byte[] baseKey, byte[] transcriptHash) {
        byte[] key = expandLabel(hash, baseKey, "finished", new byte[0], hash.length());
        try {
            return mac(hash, key).doFinal(transcriptHash);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }
}
