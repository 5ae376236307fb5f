package io.teahouse.tls.certificate;

import java.util.Optional;

/** What stands in a Certificate message (RFC 7250, section 3). */
public enum CertificateType {
    /** A chain of certificates: what holds where nothing was agreed on. */
    X509(0),
    /** A SubjectPublicKeyInfo and nothing else. */
    RAW_PUBLIC_KEY(2);

    private final int code;

    CertificateType(int code) {
        this.code = code;
    }

    /**
     * {@return the type of a code, if it is one of these}
     *
     * @param code 0 to 255
     */
    public static Optional<CertificateType> of(int code) {
        for (CertificateType type : values()) {
            if (type.code == code) {
                return Optional.of(type);
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
}
