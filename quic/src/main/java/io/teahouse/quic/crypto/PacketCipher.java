package io.teahouse.quic.crypto;

import io.teahouse.tls.schedule.CipherSuite;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * One key and one cipher that is kept for all its packets, since to look one up costs more than to use it.
 *
 * <p>The nonce is the IV with the path id and the packet number worked in, so that the number spaces of the paths of a
 * connection, which share their keys, never share a nonce (iroh QUIC spec, section 2.3). For path 0 it is the one of
 * RFC 9001, section 5.3.
 */
final class PacketCipher {
    static final int NONCE_LENGTH = 12;
    static final int TAG_LENGTH = 16;

    private final CipherSuite suite;
    private final int mode;
    private final Key key;
    private final Cipher cipher;
    /** The IV: the four bytes that meet the path id, and the eight that meet the packet number. */
    private final int ivOfPath;

    private final long ivOfNumber;

    PacketCipher(CipherSuite suite, int mode, byte[] key, byte[] iv) {
        this.suite = suite;
        this.mode = mode;
        this.key = new SecretKeySpec(key, suite == CipherSuite.CHACHA20_POLY1305_SHA256 ? "ChaCha20" : "AES");
        this.ivOfPath = ByteBuffer.wrap(iv).getInt(0);
        this.ivOfNumber = ByteBuffer.wrap(iv).getLong(Integer.BYTES);
        try {
            this.cipher = Cipher.getInstance(
                    suite == CipherSuite.CHACHA20_POLY1305_SHA256 ? "ChaCha20-Poly1305" : "AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(suite + ": not usable (expected: part of every JDK 25)", e);
        }
    }

    CipherSuite suite() {
        return suite;
    }

    byte[] nonce(long pathId, long packetNumber) {
        assert pathId >>> Integer.SIZE == 0 : pathId;
        return ByteBuffer.allocate(NONCE_LENGTH)
                .putInt(ivOfPath ^ (int) pathId)
                .putLong(ivOfNumber ^ packetNumber)
                .array();
    }

    /** Seals or opens in place, and returns how many bytes came out. */
    int run(byte[] buffer, int start, int payloadStart, int end, long pathId, long packetNumber)
            throws GeneralSecurityException {
        byte[] nonce = nonce(pathId, packetNumber);
        AlgorithmParameterSpec parameters = suite == CipherSuite.CHACHA20_POLY1305_SHA256
                ? new IvParameterSpec(nonce)
                : new GCMParameterSpec(TAG_LENGTH * Byte.SIZE, nonce);
        cipher.init(mode, key, parameters);
        cipher.updateAAD(buffer, start, payloadStart - start);
        return cipher.doFinal(buffer, payloadStart, end - payloadStart, buffer, payloadStart);
    }
}
