package io.teahouse.quic.packet;

import io.teahouse.quic.crypto.RetryIntegrity;
import io.teahouse.quic.wire.ConnectionId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A packet in a datagram, as far as it can be read without keys.
 *
 * <p>Buffers in it are views of the datagram.
 */
public sealed interface ReceivedPacket {

    /**
     * A packet that is sealed, and whose header is partly hidden.
     *
     * @param type         which keys it needs
     * @param destination  whom it is for
     * @param source       whom to answer; nobody in short headers
     * @param token        from an Initial packet to a server; else empty
     * @param start        where in the datagram's array it begins
     * @param numberOffset where in that array its packet number begins
     * @param end          where in that array it ends
     */
    record Sealed(
            PacketType type,
            ConnectionId destination,
            Optional<ConnectionId> source,
            ByteBuffer token,
            int start,
            int numberOffset,
            int end)
            implements ReceivedPacket {}

    /**
     * A server wants to see a token first (RFC 9000, section 17.2.5).
     *
     * @param destination whom it is for
     * @param source      what the client has to send to from now on
     * @param token       what the client has to send back
     * @param untagged    the packet up to its tag
     * @param tag         proves that the server has seen the client's Initial packet
     */
    record Retry(ConnectionId destination, ConnectionId source, ByteBuffer token, ByteBuffer untagged, ByteBuffer tag)
            implements ReceivedPacket {

        /**
         * {@return whether the tag is the one for a client's Initial packet}
         *
         * @param originalDestination the destination connection id of that Initial packet
         */
        public boolean isGenuine(ConnectionId originalDestination) {
            var tagBytes = new byte[RetryIntegrity.TAG_LENGTH];
            tag.duplicate().get(tagBytes);
            return RetryIntegrity.isGenuine(originalDestination, untagged, tagBytes);
        }
    }

    /**
     * A server does not speak the client's version (RFC 9000, section 17.2.1).
     *
     * @param destination whom it is for; ids are longer in other versions, up to 255 bytes
     * @param source      whom it is from
     * @param versions    what the server does speak
     */
    record VersionNegotiation(ByteBuffer destination, ByteBuffer source, List<Integer> versions)
            implements ReceivedPacket {
        /** Takes the list as it is, unchangeable. */
        public VersionNegotiation {
            versions = List.copyOf(versions);
        }
    }

    /**
     * A packet of another version, of which only what all versions share can be read (RFC 8999, section 5.1).
     *
     * @param version     which one
     * @param destination whom it is for, up to 255 bytes
     * @param source      whom it is from, up to 255 bytes
     */
    record OtherVersion(int version, ByteBuffer destination, ByteBuffer source) implements ReceivedPacket {}

    /**
     * Something that is no packet, and with which the datagram is over.
     *
     * @param reason what was found and what was expected
     */
    record Malformed(String reason) implements ReceivedPacket {}
}
