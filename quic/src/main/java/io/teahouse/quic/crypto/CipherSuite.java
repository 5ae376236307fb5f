package io.teahouse.quic.crypto;

import java.util.Optional;

/**
 * A TLS 1.3 cipher suite as far as QUIC needs it (RFC 8446, section B.4; RFC 9001, sections 5.3 and 6.6).
 *
 * <p>TLS_AES_128_CCM_8_SHA256 is not allowed in QUIC, and TLS_AES_128_CCM_SHA256 nobody offers.
 */
public enum CipherSuite {
    /** TLS_AES_128_GCM_SHA256, which protects all Initial packets. */
    AES_128_GCM_SHA256(0x1301, 16, "SHA256", 32, 1L << 23, 1L << 52),
    /** TLS_AES_256_GCM_SHA384, which iroh endpoints prefer. */
    AES_256_GCM_SHA384(0x1302, 32, "SHA384", 48, 1L << 23, 1L << 52),
    /** TLS_CHACHA20_POLY1305_SHA256; the packet number runs out before its keys are used up. */
    CHACHA20_POLY1305_SHA256(0x1303, 32, "SHA256", 32, Long.MAX_VALUE, 1L << 36);

    private final int id;
    private final int keyLength;
    private final String hash;
    private final int hashLength;
    private final long confidentialityLimit;
    private final long integrityLimit;

    CipherSuite(int id, int keyLength, String hash, int hashLength, long confidentialityLimit, long integrityLimit) {
        this.id = id;
        this.keyLength = keyLength;
        this.hash = hash;
        this.hashLength = hashLength;
        this.confidentialityLimit = confidentialityLimit;
        this.integrityLimit = integrityLimit;
    }

    /**
     * {@return the suite of a number, or empty if it is none of these}
     *
     * @param id two bytes, unsigned
     */
    public static Optional<CipherSuite> ofId(int id) {
        for (CipherSuite suite : values()) {
            if (suite.id == id) {
                return Optional.of(suite);
            }
        }
        return Optional.empty();
    }

    /**
     * {@return the number that TLS has for it, two bytes, unsigned}
     */
    public int id() {
        return id;
    }

    /**
     * {@return how many bytes a secret has: those of the hash}
     */
    public int secretLength() {
        return hashLength;
    }

    /**
     * {@return how many packets one key may seal at most}
     */
    public long confidentialityLimit() {
        return confidentialityLimit;
    }

    /**
     * {@return how many packets of a connection may fail to open at most, with all keys together}
     */
    public long integrityLimit() {
        return integrityLimit;
    }

    /** How many bytes the keys of packets and headers have. */
    int keyLength() {
        return keyLength;
    }

    /** The hash as the JDK's key derivation spells it. */
    String hash() {
        return hash;
    }
}
