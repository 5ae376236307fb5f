package io.teahouse.quic.crypto;

import io.teahouse.tls.schedule.CipherSuite;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;

/**
 * Seals the payloads of packets with one key (RFC 9001, section 5.3).
 *
 * <p>Whoever calls sees to it that a path's packet number is used once. Not thread-safe.
 */
public final class PacketSealer {
    /** By how many bytes a payload grows. */
    public static final int TAG_LENGTH = PacketCipher.TAG_LENGTH;

    private final PacketCipher cipher;
    private long sealed;

    PacketSealer(CipherSuite suite, byte[] key, byte[] iv) {
        cipher = new PacketCipher(suite, Cipher.ENCRYPT_MODE, key, iv);
    }

    /**
     * Seals a payload where it lies, and puts the tag behind it.
     *
     * @param buffer       has room for {@link #TAG_LENGTH} bytes behind the payload
     * @param start        where the packet's header begins, not masked yet; it ends where the payload begins
     * @param payloadStart where the payload begins
     * @param payloadEnd   where the payload ends
     * @param pathId       the path that the packet is of; 0 for all with long headers
     * @param packetNumber the whole number
     */
    public void seal(byte[] buffer, int start, int payloadStart, int payloadEnd, long pathId, long packetNumber) {
        try {
            cipher.run(buffer, start, payloadStart, payloadEnd, pathId, packetNumber);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "packet %d of path %d: not sealed (expected: a number of its own, and room for the tag)"
                            .formatted(packetNumber, pathId),
                    e);
        }
        sealed++;
    }

    /**
     * {@return how many more packets this key may seal (RFC 9001, section 6.6)}
     */
    public long remaining() {
        return PacketKeys.confidentialityLimit(cipher.suite()) - sealed;
    }
}
