package io.teahouse.quic.packet;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.crypto.HeaderProtection;
import io.teahouse.quic.crypto.RetryIntegrity;
import io.teahouse.quic.wire.ConnectionId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Optional;

/**
 * Finds the packets of one datagram, as far as that goes without keys (RFC 9000, section 12.2).
 *
 * <p>Hands out one packet after the other until there is no more. A packet that cannot be read ends the datagram, and
 * so does one for another connection id than the first: only what came first can have been meant for whoever reads. A
 * packet takes two dozen bytes at least, which bounds how many there are. Not thread-safe.
 */
public final class DatagramReader {
    /** The first byte: long header, the bit that is always set in version 1, and the type of long headers. */
    static final int LONG_HEADER = 0x80;

    static final int FIXED_BIT = 0x40;
    private static final int LONG_TYPE_SHIFT = 4;
    private static final int LONG_TYPE_MASK = 0x3;

    /** A packet number and a payload have this together at least: so much is needed to unmask and open it. */
    private static final int MIN_SEALED_LENGTH = HeaderProtection.SAMPLE_OFFSET + HeaderProtection.SAMPLE_LENGTH;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final ByteBuffer in;
    private final int ownIdLength;
    private final boolean fixedBitMayBeZero;
    private Optional<ConnectionId> first = Optional.empty();
    private boolean over;

    /**
     * Creates a reader.
     *
     * @param datagram    backed by an array, which {@link ReceivedPacket.Sealed} has offsets into; left as it is
     * @param ownIdLength how many bytes the connection ids have that the reader has given out, 0 to 20
     * @param fixedBitMayBeZero whether the reader has announced grease_quic_bit, so that the bit that version 1 sets
     *                    always may be anything (RFC 9287, section 3)
     */
    public DatagramReader(ByteBuffer datagram, int ownIdLength, boolean fixedBitMayBeZero) {
        this.in = ByteBuffer.wrap(datagram.array(), datagram.arrayOffset() + datagram.position(), datagram.remaining());
        this.ownIdLength = ownIdLength;
        this.fixedBitMayBeZero = fixedBitMayBeZero;
    }

    /**
     * {@return the next packet, or empty when the datagram is over}
     */
    public Optional<ReceivedPacket> next() {
        if (over || !in.hasRemaining()) {
            return Optional.empty();
        }
        ReceivedPacket packet = read();
        switch (packet) {
            case ReceivedPacket.Sealed sealed -> {
                if (first.isPresent() && !first.get().equals(sealed.destination())) {
                    over = true;
                    return Optional.of(
                            new ReceivedPacket.Malformed("destination connection id: %s (expected: %s, as before)"
                                    .formatted(sealed.destination(), first.get())));
                }
                first = Optional.of(sealed.destination());
                in.position(sealed.end());
            }
            case ReceivedPacket.Retry _,
                    ReceivedPacket.VersionNegotiation _,
                    ReceivedPacket.OtherVersion _,
                    ReceivedPacket.Malformed _ -> over = true;
        }
        return Optional.of(packet);
    }

    private ReceivedPacket read() {
        int start = in.position();
        int firstByte = Byte.toUnsignedInt(in.get());
        return (firstByte & LONG_HEADER) == 0 ? readShort(start, firstByte) : readLong(start, firstByte);
    }

    private ReceivedPacket readShort(int start, int firstByte) {
        if ((firstByte & FIXED_BIT) == 0 && !fixedBitMayBeZero) {
            return malformed("short header", "fixed bit 0", "1");
        }
        if (in.remaining() < ownIdLength + MIN_SEALED_LENGTH) {
            return malformed("short header", in.remaining() + " bytes", ownIdLength + MIN_SEALED_LENGTH + " at least");
        }
        var destination = ConnectionId.read(in, ownIdLength);
        return new ReceivedPacket.Sealed(
                PacketType.ONE_RTT, destination, Optional.empty(), NOTHING, start, in.position(), in.limit());
    }

    private ReceivedPacket readLong(int start, int firstByte) {
        if (in.remaining() < Integer.BYTES) {
            return malformed("long header", in.remaining() + " bytes", "a version");
        }
        int version = in.getInt();
        var destination = readBytes();
        var source = destination.flatMap(_ -> readBytes());
        if (source.isEmpty()) {
            return malformed("long header", "the end inside a connection id", "two of them");
        }
        if (version == QuicVersion.NEGOTIATION) {
            return readVersions(destination.orElseThrow(), source.orElseThrow());
        }
        if (version != QuicVersion.V1) {
            return new ReceivedPacket.OtherVersion(version, destination.orElseThrow(), source.orElseThrow());
        }
        if ((firstByte & FIXED_BIT) == 0 && !fixedBitMayBeZero) {
            return malformed("long header", "fixed bit 0", "1");
        }
        int idLength = Math.max(
                destination.orElseThrow().remaining(), source.orElseThrow().remaining());
        if (idLength > ConnectionId.MAX_LENGTH) {
            return malformed("connection id", idLength + " bytes", "0 to " + ConnectionId.MAX_LENGTH);
        }
        var destinationId = connectionId(destination.orElseThrow());
        var sourceId = connectionId(source.orElseThrow());
        int typeBits = firstByte >> LONG_TYPE_SHIFT & LONG_TYPE_MASK;
        return typeBits == PacketType.RETRY_BITS
                ? readRetry(start, destinationId, sourceId)
                : readSealed(start, PacketType.ofBits(typeBits), destinationId, sourceId);
    }

    private ReceivedPacket readSealed(int start, PacketType type, ConnectionId destination, ConnectionId source) {
        ByteBuffer token = NOTHING;
        if (type == PacketType.INITIAL) {
            long tokenLength = VarInt.read(in);
            if (tokenLength < 0 || tokenLength > in.remaining()) {
                return malformed("token", "longer than the datagram", "shorter");
            }
            token = take((int) tokenLength);
        }
        long length = VarInt.read(in);
        if (length < MIN_SEALED_LENGTH || length > in.remaining()) {
            return malformed(type + " packet", length + " bytes of " + in.remaining(), MIN_SEALED_LENGTH + " at least");
        }
        return new ReceivedPacket.Sealed(
                type, destination, Optional.of(source), token, start, in.position(), in.position() + (int) length);
    }

    private ReceivedPacket readRetry(int start, ConnectionId destination, ConnectionId source) {
        int tokenLength = in.remaining() - RetryIntegrity.TAG_LENGTH;
        if (tokenLength <= 0) {
            return malformed("Retry packet", in.remaining() + " bytes", "a token and a tag");
        }
        var untagged = in.duplicate()
                .position(start)
                .limit(in.position() + tokenLength)
                .slice();
        var token = take(tokenLength);
        return new ReceivedPacket.Retry(
                destination, source, token, untagged.asReadOnlyBuffer(), take(RetryIntegrity.TAG_LENGTH));
    }

    private ReceivedPacket readVersions(ByteBuffer destination, ByteBuffer source) {
        if (!in.hasRemaining() || in.remaining() % Integer.BYTES != 0) {
            return malformed("versions", in.remaining() + " bytes", "four for each");
        }
        var versions = new ArrayList<Integer>(in.remaining() / Integer.BYTES);
        while (in.hasRemaining()) {
            versions.add(in.getInt());
        }
        return new ReceivedPacket.VersionNegotiation(destination, source, versions);
    }

    /** The bytes whose number is in the byte before them, or empty if there are not so many. */
    private Optional<ByteBuffer> readBytes() {
        if (!in.hasRemaining()) {
            return Optional.empty();
        }
        int length = Byte.toUnsignedInt(in.get());
        return length <= in.remaining() ? Optional.of(take(length)) : Optional.empty();
    }

    private ByteBuffer take(int length) {
        var taken = in.slice(in.position(), length).asReadOnlyBuffer();
        in.position(in.position() + length);
        return taken;
    }

    private static ConnectionId connectionId(ByteBuffer bytes) {
        return ConnectionId.read(bytes.duplicate(), bytes.remaining());
    }

    private static ReceivedPacket malformed(String what, String found, String expected) {
        return new ReceivedPacket.Malformed("%s: %s (expected: %s)".formatted(what, found, expected));
    }
}
