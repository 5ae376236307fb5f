package io.teahouse.quic.crypto;

import io.teahouse.tls.schedule.CipherSuite;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;

/** Opens the payloads of packets with one key (RFC 9001, section 5.3). Not thread-safe. */
public final class PacketOpener {
    /** What {@link #open} returns for a packet that was not sealed with this key. */
    public static final int FORGED = -1;

    private final PacketCipher cipher;

    PacketOpener(CipherSuite suite, byte[] key, byte[] iv) {
        cipher = new PacketCipher(suite, Cipher.DECRYPT_MODE, key, iv);
    }

    /**
     * {@return how many bytes the payload has, which then lies where it lay sealed; or {@link #FORGED}, and then
     * nothing may be believed of what lies there}
     *
     * @param buffer       the packet is in it
     * @param start        where the packet's header begins, no longer masked; it ends where the payload begins
     * @param payloadStart where the sealed payload begins
     * @param end          where the packet ends, behind the tag
     * @param pathId       the path that the packet came on, which its destination connection id says
     * @param packetNumber the whole number
     */
    public int open(byte[] buffer, int start, int payloadStart, int end, long pathId, long packetNumber) {
        if (end - payloadStart < PacketCipher.TAG_LENGTH) {
            return FORGED;
        }
        try {
            return cipher.run(buffer, start, payloadStart, end, pathId, packetNumber);
        } catch (GeneralSecurityException _) {
            // The JDK has a class of its own for a wrong tag; whatever else it may find wrong is no better a packet.
            return FORGED;
        }
    }
}
