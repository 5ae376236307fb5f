package io.teahouse.quic.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** Masks headers with one block of AES, in the suites that seal with AES (RFC 9001, section 5.4.3). */
final class AesHeaderProtection extends HeaderProtection {
    private final Cipher cipher;
    private final byte[] block = new byte[SAMPLE_LENGTH];

    AesHeaderProtection(byte[] key) {
        try {
            cipher = Cipher.getInstance("AES/ECB/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES: not usable (expected: part of every JDK 25)", e);
        }
    }

    @Override
    public long mask(byte[] buffer, int offset) {
        try {
            // One block without padding comes out at once, and leaves the cipher ready for the next.
            cipher.update(buffer, offset, SAMPLE_LENGTH, block, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("block of AES: not encrypted (expected: there is room for it)", e);
        }
        return ByteBuffer.wrap(block).getLong(0) >>> (Long.SIZE - 40);
    }
}
