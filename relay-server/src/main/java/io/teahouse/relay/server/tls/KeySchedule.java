package io.teahouse.relay.server.tls;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Derives keying material from the exporter secret of a TLS 1.3 session (RFC 8446, sections 7.1 and 7.5). */
final class KeySchedule {
    private static final int SHA384_LENGTH = 48;

    private KeySchedule() {}

    /**
     * Returns keying material.
     *
     * @param exporterSecret the session's exporter_master_secret; its length tells the hash
     * @param length         how many bytes, at most those of the hash
     */
    static byte[] export(byte[] exporterSecret, String label, byte[] context, int length) {
        boolean sha384 = exporterSecret.length == SHA384_LENGTH;
        try {
            var digest = MessageDigest.getInstance(sha384 ? "SHA-384" : "SHA-256");
            var mac = Mac.getInstance(sha384 ? "HmacSHA384" : "HmacSHA256");
            var derived = expandLabel(mac, exporterSecret, label, digest.digest(), mac.getMacLength());
            return expandLabel(mac, derived, "exporter", digest.digest(context), length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-2 and HMAC", e);
        }
    }

    /** HKDF-Expand-Label for a length that one block of HKDF (RFC 5869) suffices for. */
    private static byte[] expandLabel(Mac mac, byte[] secret, String label, byte[] context, int length)
            throws GeneralSecurityException {
        assert length <= mac.getMacLength() : length;
        byte[] fullLabel = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
        var info = ByteBuffer.allocate(2 + 1 + fullLabel.length + 1 + context.length)
                .putShort((short) length)
                .put((byte) fullLabel.length)
                .put(fullLabel)
                .put((byte) context.length)
                .put(context)
                .flip();
        mac.init(new SecretKeySpec(secret, mac.getAlgorithm()));
        mac.update(info);
        mac.update((byte) 1);
        return Arrays.copyOf(mac.doFinal(), length);
    }
}
