package io.teahouse.tls.schedule;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;

/** A hash that a cipher suite uses for its transcript and its keys. */
public enum HashAlgorithm {
    /** SHA-256. */
    SHA256("SHA-256", "HmacSHA256", 32),
    /** SHA-384. */
    SHA384("SHA-384", "HmacSHA384", 48);

    private final String hmacName;
    private final int length;

    /** To be copied, since to look one up takes longer than most of what is done with it. Never used. */
    @SuppressWarnings("ImmutableEnumChecker") // copies change, not this
    private final MessageDigest digest;

    @SuppressWarnings("ImmutableEnumChecker")
    private final Mac mac;

    HashAlgorithm(String digestName, String hmacName, int length) {
        this.hmacName = hmacName;
        this.length = length;
        try {
            this.digest = MessageDigest.getInstance(digestName);
            this.mac = Mac.getInstance(hmacName);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("a JDK without " + digestName, e);
        }
    }

    /**
     * {@return bytes of a hash, and of every secret that is made with it}
     */
    public int length() {
        return length;
    }

    MessageDigest newDigest() {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("a JDK whose hashes cannot be copied", e);
        }
    }

    Mac newMac() {
        try {
            return (Mac) mac.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("a JDK whose hashes cannot be copied", e);
        }
    }

    String hmacName() {
        return hmacName;
    }
}
