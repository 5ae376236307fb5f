package io.teahouse.quic.crypto;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.Key;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Masks headers with five bytes of a ChaCha20 key stream, which starts where the sample says (RFC 9001, section 5.4.4). */
final class ChaChaHeaderProtection extends HeaderProtection {
    private static final byte[] ZEROS = new byte[5];

    private final Cipher cipher;
    private final Key key;
    private final byte[] stream = new byte[Long.BYTES];

    ChaChaHeaderProtection(byte[] key) {
        this.key = new SecretKeySpec(key, "ChaCha20");
        try {
            cipher = Cipher.getInstance("ChaCha20");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("ChaCha20: not usable (expected: part of every JDK 25)", e);
        }
    }

    @Override
    public long mask(byte[] buffer, int offset) {
        var sample = ByteBuffer.wrap(buffer, offset, SAMPLE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        int counter = sample.getInt();
        var nonce = new byte[PacketCipher.NONCE_LENGTH];
        sample.get(nonce);
        try {
            // Decrypting and encrypting are the same here, but to encrypt, the JDK refuses to start twice in a row at
            // the
            // same place, and a datagram may well arrive twice in a row.
            cipher.init(Cipher.DECRYPT_MODE, key, new ChaCha20ParameterSpec(nonce, counter));
            cipher.doFinal(ZEROS, 0, ZEROS.length, stream, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("key stream of ChaCha20: not made (expected: any nonce will do)", e);
        }
        return ByteBuffer.wrap(stream).getLong(0) >>> (Long.SIZE - 40);
    }
}
