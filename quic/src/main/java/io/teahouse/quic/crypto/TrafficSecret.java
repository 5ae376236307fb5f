package io.teahouse.quic.crypto;

import java.util.Arrays;

/**
 * The secret of one direction at one {@link EncryptionLevel}, from which all keys of that direction come.
 *
 * <p>What TLS hands to QUIC. Immutable; never shown.
 */
public final class TrafficSecret {
    private final CipherSuite suite;
    private final byte[] bytes;

    /**
     * Creates one.
     *
     * @param suite the suite that the handshake agreed on
     * @param bytes as many as the {@linkplain CipherSuite#secretLength suite's hash} has, copied
     */
    public TrafficSecret(CipherSuite suite, byte[] bytes) {
        if (bytes.length != suite.secretLength()) {
            throw new IllegalArgumentException(
                    "bytes: %d of them (expected: %d for %s)".formatted(bytes.length, suite.secretLength(), suite));
        }
        this.suite = suite;
        this.bytes = bytes.clone();
    }

    /**
     * {@return the suite that its keys are for}
     */
    public CipherSuite suite() {
        return suite;
    }

    /**
     * {@return the secret of the next key phase (RFC 9001, section 6.1)}
     */
    public TrafficSecret next() {
        return new TrafficSecret(suite, expand("quic ku", bytes.length));
    }

    /**
     * {@return what seals packets of this direction}
     */
    public PacketSealer sealer() {
        return new PacketSealer(suite, key(), iv());
    }

    /**
     * {@return what opens packets of this direction}
     */
    public PacketOpener opener() {
        return new PacketOpener(suite, key(), iv());
    }

    /**
     * {@return what masks headers of this direction; later key phases keep it}
     */
    public HeaderProtection headerProtection() {
        byte[] key = expand("quic hp", suite.keyLength());
        return switch (suite) {
            case AES_128_GCM_SHA256, AES_256_GCM_SHA384 -> new AesHeaderProtection(key);
            case CHACHA20_POLY1305_SHA256 -> new ChaChaHeaderProtection(key);
        };
    }

    byte[] key() {
        return expand("quic key", suite.keyLength());
    }

    byte[] iv() {
        return expand("quic iv", PacketCipher.NONCE_LENGTH);
    }

    byte[] expand(String label, int length) {
        return Hkdf.expandLabel(suite.hash(), bytes, label, length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TrafficSecret that && suite == that.suite && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /**
     * {@return what it is for, not what it is}
     */
    @Override
    public String toString() {
        return "TrafficSecret[" + suite + "]";
    }
}
