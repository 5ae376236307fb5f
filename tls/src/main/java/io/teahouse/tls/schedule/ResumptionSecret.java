package io.teahouse.tls.schedule;

import java.util.Arrays;

/** What the keys of tickets are made from (RFC 8446, section 4.6.1). Not thread-safe. */
public final class ResumptionSecret {
    private final HashAlgorithm hash;
    private final byte[] secret;

    ResumptionSecret(HashAlgorithm hash, byte[] secret) {
        this.hash = hash;
        this.secret = secret;
    }

    /**
     * {@return the key of one ticket, as long as the hash}
     *
     * @param nonce of the ticket, at most 255 bytes
     */
    public byte[] psk(byte[] nonce) {
        return Hkdf.expandLabel(hash, secret, "resumption", nonce, hash.length());
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
