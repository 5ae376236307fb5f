package io.teahouse.quic.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Secrets from secrets: HKDF with the labels of TLS 1.3 (RFC 5869; RFC 8446, section 7.1). */
final class Hkdf {
    private static final String PREFIX = "tls13 ";

    private Hkdf() {}

    /** HKDF-Extract. */
    static byte[] extract(String hash, byte[] salt, byte[] keyMaterial) {
        return derive(
                hash,
                HKDFParameterSpec.ofExtract().addSalt(salt).addIKM(keyMaterial).extractOnly());
    }

    /** HKDF-Expand-Label with an empty context. */
    static byte[] expandLabel(String hash, byte[] secret, String label, int length) {
        var prk = new SecretKeySpec(secret, "HKDF-PRK");
        return derive(hash, HKDFParameterSpec.expandOnly(prk, label(label, length), length));
    }

    /** The HkdfLabel structure. */
    static byte[] label(String label, int length) {
        byte[] fullLabel = (PREFIX + label).getBytes(US_ASCII);
        var info = ByteBuffer.allocate(Short.BYTES + 1 + fullLabel.length + 1);
        info.putShort((short) length)
                .put((byte) fullLabel.length)
                .put(fullLabel)
                .put((byte) 0);
        return info.array();
    }

    private static byte[] derive(String hash, HKDFParameterSpec parameters) {
        try {
            return KDF.getInstance("HKDF-" + hash).deriveData(parameters);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HKDF-" + hash + ": not usable (expected: part of every JDK 25)", e);
        }
    }
}
