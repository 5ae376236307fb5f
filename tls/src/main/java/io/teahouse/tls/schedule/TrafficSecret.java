package io.teahouse.tls.schedule;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The secret of one direction at one encryption level, from which QUIC makes its keys (RFC 9001, section 5.1). Who has it
 * wipes it when the keys are made. Not thread-safe.
 */
public final class TrafficSecret {
    private final CipherSuite suite;
    private final byte[] secret;

    /**
     * Creates one.
     *
     * @param suite  what it is for
     * @param secret as long as the hash of the suite; kept, and wiped by {@link #destroy}
     */
    public TrafficSecret(CipherSuite suite, byte[] secret) {
        if (secret.length != suite.hash().length()) {
            throw new IllegalArgumentException("secret: %d bytes (expected: %d)"
                    .formatted(secret.length, suite.hash().length()));
        }
        this.suite = suite;
        this.secret = secret;
    }

    /**
     * {@return what the keys are for}
     */
    public CipherSuite suite() {
        return suite;
    }

    /**
     * {@return a key or another value by HKDF-Expand-Label with an empty context}
     *
     * @param label  as RFC 9001 gives it: {@code quic key}, {@code quic iv}, {@code quic hp}
     * @param length how many bytes are wanted
     */
    public byte[] expand(String label, int length) {
        return Hkdf.expandLabel(suite.hash(), secret, label, new byte[0], length);
    }

    /**
     * {@return the secret of the next key phase (RFC 9001, section 6.1); this one stays as it is}
     */
    public TrafficSecret next() {
        return new TrafficSecret(suite, expand("quic ku", suite.hash().length()));
    }

    /**
     * {@return the verify_data of the Finished that the sender of this direction sends; for handshake secrets only}
     *
     * @param transcriptHash of everything before it
     */
    public byte[] finished(byte[] transcriptHash) {
        return Hkdf.finished(suite.hash(), secret, transcriptHash);
    }

    /**
     * {@return another one with the same contents, so that each holder can wipe its own}
     */
    public TrafficSecret copy() {
        return new TrafficSecret(suite, secret.clone());
    }

    /**
     * {@return the secret itself, a copy: who asks for it keeps it secret, and wipes it}
     */
    public byte[] toBytes() {
        return secret.clone();
    }

    /** Wipes it. */
    public void destroy() {
        Arrays.fill(secret, (byte) 0);
    }

    /**
     * {@return whether suite and secret are the same}
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof TrafficSecret that && suite == that.suite && MessageDigest.isEqual(secret, that.secret);
    }

    @Override
    public int hashCode() {
        return suite.hashCode(); // nothing that tells of the secret
    }

    /**
     * {@return what it is for, without the secret}
     */
    @Override
    public String toString() {
        return "traffic secret for " + suite;
    }

    /** In hex, for the key log. */
    String toHex() {
        return HexFormat.of().formatHex(secret);
    }
}
