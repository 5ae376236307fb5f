package io.teahouse.quic.crypto;

import io.teahouse.quic.wire.ConnectionId;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The tag at the end of a Retry packet, which shows that its sender has seen the Initial packet that it answers (RFC
 * 9001, section 5.8).
 *
 * <p>Thread-safe: no state.
 */
public final class RetryIntegrity {
    /** How many bytes the tag has. */
    public static final int TAG_LENGTH = PacketCipher.TAG_LENGTH;

    /** Version 1's. */
    private static final byte[] KEY = HexFormat.of().parseHex("be0c690b9f66575a1d766b54e368c84e");

    private static final byte[] NONCE = HexFormat.of().parseHex("461599d35d632bf2239825bb");

    private RetryIntegrity() {}

    /**
     * {@return the tag of a Retry packet}
     *
     * @param originalDestination the destination connection id of the Initial packet that is answered
     * @param retry               the Retry packet up to the tag; its position is left where it is
     */
    public static byte[] tag(ConnectionId originalDestination, ByteBuffer retry) {
        try {
            // A new cipher each time: one that is kept refuses a nonce that it has just used.
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(KEY, "AES"),
                    new GCMParameterSpec(TAG_LENGTH * Byte.SIZE, NONCE));
            cipher.updateAAD(new byte[] {(byte) originalDestination.length()});
            cipher.updateAAD(originalDestination.toBytes());
            cipher.updateAAD(retry.duplicate());
            return cipher.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM: not usable (expected: part of every JDK 25)", e);
        }
    }

    /**
     * {@return whether a Retry packet has the right tag}
     *
     * @param originalDestination the destination connection id of the Initial packet that was sent
     * @param retry               the Retry packet up to the tag; its position is left where it is
     * @param tag                 what stands behind it
     */
    public static boolean isGenuine(ConnectionId originalDestination, ByteBuffer retry, byte[] tag) {
        return MessageDigest.isEqual(tag(originalDestination, retry), tag);
    }
}
