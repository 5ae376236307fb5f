package io.teahouse.tls.schedule;

import java.util.Optional;

/** A cipher suite of TLS 1.3 (RFC 8446, appendix B.4): what packets are protected with, and the hash of the schedule. */
public enum CipherSuite {
    /** AES with 128 bits in Galois counter mode. */
    AES_128_GCM_SHA256(0x1301, HashAlgorithm.SHA256, 16),
    /** AES with 256 bits in Galois counter mode. */
    AES_256_GCM_SHA384(0x1302, HashAlgorithm.SHA384, 32),
    /** ChaCha20 with Poly1305. */
    CHACHA20_POLY1305_SHA256(0x1303, HashAlgorithm.SHA256, 32);

    private final int code;
    private final HashAlgorithm hash;
    private final int keyLength;

    CipherSuite(int code, HashAlgorithm hash, int keyLength) {
        this.code = code;
        this.hash = hash;
        this.keyLength = keyLength;
    }

    /**
     * {@return the suite of a code, if it is one of these}
     *
     * @param code 0 to 65535
     */
    public static Optional<CipherSuite> of(int code) {
        for (CipherSuite suite : values()) {
            if (suite.code == code) {
                return Optional.of(suite);
            }
        }
        return Optional.empty();
    }

    /**
     * {@return the number on the wire}
     */
    public int code() {
        return code;
    }

    /**
     * {@return the hash of transcript and schedule}
     */
    public HashAlgorithm hash() {
        return hash;
    }

    /**
     * {@return bytes of a key that protects packets, and of one that protects their headers}
     */
    public int keyLength() {
        return keyLength;
    }
}
