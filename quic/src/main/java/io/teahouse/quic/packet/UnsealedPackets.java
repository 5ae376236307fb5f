package io.teahouse.quic.packet;

import io.teahouse.quic.crypto.RetryIntegrity;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.StatelessResetToken;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Writes the packets that no keys seal: Retry, Version Negotiation and stateless resets.
 *
 * <p>What has to be random in them comes from the caller. Thread-safe: no state.
 */
public final class UnsealedPackets {
    /** The shortest stateless reset that cannot be told from a packet (RFC 9000, section 10.3). */
    public static final int MIN_RESET_LENGTH = 21;

    private UnsealedPackets() {}

    /**
     * {@return a Retry packet (RFC 9000, section 17.2.5)}
     *
     * @param destination         the source connection id of the client's Initial packet
     * @param source              where the client is to send its next Initial packet
     * @param token               what it is to send with it, left as it is; not empty
     * @param originalDestination the destination connection id of the client's Initial packet
     * @param unusedBits          random; the lowest four are used
     */
    public static byte[] retry(
            ConnectionId destination,
            ConnectionId source,
            ByteBuffer token,
            ConnectionId originalDestination,
            int unusedBits) {
        if (!token.hasRemaining()) {
            throw new IllegalArgumentException("token: empty (expected: something to recognise)");
        }
        int untaggedLength = 1 + Integer.BYTES + 1 + destination.length() + 1 + source.length() + token.remaining();
        var packet = ByteBuffer.allocate(untaggedLength + RetryIntegrity.TAG_LENGTH);
        packet.put((byte) (DatagramReader.LONG_HEADER
                | DatagramReader.FIXED_BIT
                | (PacketType.RETRY_BITS << 4)
                | (unusedBits & 0x0f)));
        packet.putInt(QuicVersion.V1);
        packet.put((byte) destination.length());
        destination.writeTo(packet);
        packet.put((byte) source.length());
        source.writeTo(packet);
        packet.put(token.duplicate());
        packet.put(RetryIntegrity.tag(originalDestination, packet.slice(0, untaggedLength)));
        return packet.array();
    }

    /**
     * {@return a Version Negotiation packet (RFC 9000, section 17.2.1)}
     *
     * @param received   what is answered: ids go back crosswise, as long as they are
     * @param versions   what is spoken here, with a reserved one among them if wanted
     * @param unusedBits random; the lowest six are used
     */
    public static byte[] versionNegotiation(
            ReceivedPacket.OtherVersion received, List<Integer> versions, int unusedBits) {
        var destination = received.source().duplicate();
        var source = received.destination().duplicate();
        var packet = ByteBuffer.allocate(1
                + Integer.BYTES
                + 1
                + destination.remaining()
                + 1
                + source.remaining()
                + versions.size() * Integer.BYTES);
        packet.put((byte) (DatagramReader.LONG_HEADER | DatagramReader.FIXED_BIT | (unusedBits & 0x3f)));
        packet.putInt(QuicVersion.NEGOTIATION);
        packet.put((byte) destination.remaining()).put(destination);
        packet.put((byte) source.remaining()).put(source);
        versions.forEach(packet::putInt);
        return packet.array();
    }

    /**
     * {@return a stateless reset (RFC 9000, section 10.3)}
     *
     * @param random fills what the token does not, copied; with the token {@link #MIN_RESET_LENGTH} bytes at least, and
     *               shorter than the packet that is answered
     * @param token  that of the connection id which the answered packet was for
     */
    public static byte[] statelessReset(byte[] random, StatelessResetToken token) {
        int length = random.length + StatelessResetToken.LENGTH;
        if (length < MIN_RESET_LENGTH) {
            throw new IllegalArgumentException("random: %d bytes (expected: %d at least)"
                    .formatted(random.length, MIN_RESET_LENGTH - StatelessResetToken.LENGTH));
        }
        var packet = ByteBuffer.allocate(length).put(random);
        token.writeTo(packet);
        packet.put(0, (byte) ((random[0] & ~DatagramReader.LONG_HEADER) | DatagramReader.FIXED_BIT));
        return packet.array();
    }

    /**
     * {@return the token that a datagram ends with, if it may be a stateless reset; else empty}
     *
     * @param datagram left as it is
     */
    public static Optional<StatelessResetToken> resetToken(ByteBuffer datagram) {
        boolean possible = datagram.remaining() >= MIN_RESET_LENGTH
                && (datagram.get(datagram.position()) & DatagramReader.LONG_HEADER) == 0;
        return possible
                ? Optional.of(StatelessResetToken.read(
                        datagram.duplicate().position(datagram.limit() - StatelessResetToken.LENGTH)))
                : Optional.empty();
    }
}
