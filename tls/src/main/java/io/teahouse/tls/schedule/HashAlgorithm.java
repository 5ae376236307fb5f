package io.teahouse.tls.schedule;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A hash that a cipher suite uses for its transcript and its keys. */
public enum HashAlgorithm {
    /** SHA-256. */
    SHA256("SHA-256", "HKDF-SHA256", "HmacSHA256", 32),
    /** SHA-384. */
    SHA384("SHA-384", "HKDF-SHA384", "HmacSHA384", 48);

    private final String digestName;
    private final String hkdfName;
    private final String hmacName;
    private final int length;

    HashAlgorithm(String digestName, String hkdfName, String hmacName, int length) {
        this.digestName = digestName;
        this.hkdfName = hkdfName;
        this.hmacName = hmacName;
        this.length = length;
    }

    /**
     * {@return bytes of a hash, and of every secret that is made with it}
     */
    public int length() {
        return length;
    }

    MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance(digestName);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("a JDK without " + digestName, e);
        }
    }

    String hkdfName() {
        return hkdfName;
    }

    String hmacName() {
        return hmacName;
    }
}
