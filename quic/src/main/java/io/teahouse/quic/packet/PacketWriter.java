package io.teahouse.quic.packet;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.crypto.HeaderProtection;
import io.teahouse.quic.crypto.PacketSealer;
import io.teahouse.quic.wire.ConnectionId;
import java.nio.ByteBuffer;

/**
 * Puts one packet together in a datagram: header, room for the payload, and at the end what seals and hides it.
 *
 * <p>Ask for one with {@link #longHeader} or {@link #shortHeader}, write frames into {@link #payload}, and {@link
 * #finish}. Several packets may follow each other in one datagram; a packet that was not finished leaves the
 * datagram's position where it was. Not thread-safe.
 */
public final class PacketWriter {
    /** Bytes of the length field of a long header: room for all that a datagram can hold. */
    private static final int LENGTH_FIELD = Short.BYTES;

    private static final int LENGTH_FIELD_MAX = (1 << 14) - 1;

    private final ByteBuffer datagram;
    private final int start;
    private final int numberOffset;
    private final int payloadStart;
    private final long pathId;
    private final long number;
    private final ByteBuffer payload;

    private PacketWriter(ByteBuffer datagram, int start, int numberOffset, int payloadStart, long pathId, long number) {
        this.datagram = datagram;
        this.start = start;
        this.numberOffset = numberOffset;
        this.payloadStart = payloadStart;
        this.pathId = pathId;
        this.number = number;
        int payloadEnd = Math.min(datagram.limit(), numberOffset + LENGTH_FIELD_MAX) - PacketSealer.TAG_LENGTH;
        this.payload = datagram.slice(payloadStart, payloadEnd - payloadStart);
    }

    /**
     * {@return how many bytes a packet with a long header takes beside its payload}
     *
     * @param type              not {@link PacketType#ONE_RTT}
     * @param destinationLength of the destination connection id
     * @param sourceLength      of the source connection id
     * @param tokenLength       of the token in an Initial packet, else 0
     * @param numberLength      of the packet number, 1 to 4
     */
    public static int longOverhead(
            PacketType type, int destinationLength, int sourceLength, int tokenLength, int numberLength) {
        int tokenField = type == PacketType.INITIAL ? VarInt.size(tokenLength) + tokenLength : 0;
        return 1
                + Integer.BYTES
                + 1
                + destinationLength
                + 1
                + sourceLength
                + tokenField
                + LENGTH_FIELD
                + numberLength
                + PacketSealer.TAG_LENGTH;
    }

    /**
     * {@return how many bytes a packet with a short header takes beside its payload}
     *
     * @param destinationLength of the destination connection id
     * @param numberLength      of the packet number, 1 to 4
     */
    public static int shortOverhead(int destinationLength, int numberLength) {
        return 1 + destinationLength + numberLength + PacketSealer.TAG_LENGTH;
    }

    /**
     * Begins a packet with a long header.
     *
     * @param datagram     backed by an array; the packet begins at its position, and its limit has room for
     *                     {@link #longOverhead} and a little payload
     * @param type         not {@link PacketType#ONE_RTT}
     * @param destination  whom it is for
     * @param source       whom to answer
     * @param token        what an Initial packet of a client carries, left as it is; else empty
     * @param number       the packet's number
     * @param numberLength how many bytes of it to send, 1 to 4
     * @return the rest is done with it
     */
    public static PacketWriter longHeader(
            ByteBuffer datagram,
            PacketType type,
            ConnectionId destination,
            ConnectionId source,
            ByteBuffer token,
            long number,
            int numberLength) {
        int start = datagram.position();
        var out = datagram.duplicate();
        out.put((byte)
                (DatagramReader.LONG_HEADER | DatagramReader.FIXED_BIT | (type.bits() << 4) | (numberLength - 1)));
        out.putInt(QuicVersion.V1);
        out.put((byte) destination.length());
        destination.writeTo(out);
        out.put((byte) source.length());
        source.writeTo(out);
        if (type == PacketType.INITIAL) {
            VarInt.write(token.remaining(), out);
            out.put(token.duplicate());
        }
        out.putShort((short) 0); // the length, once it is known
        int numberOffset = out.position();
        putNumber(out, number, numberLength);
        return new PacketWriter(datagram, start, numberOffset, out.position(), 0, number);
    }

    /**
     * Begins a packet with a short header, which is the last of its datagram.
     *
     * @param datagram     backed by an array; the packet begins at its position, and its limit has room for
     *                     {@link #shortOverhead} and a little payload
     * @param destination  whom it is for
     * @param spin         the latency spin bit
     * @param keyPhase     0 or 1
     * @param pathId       the path in whose number space it is
     * @param number       the packet's number
     * @param numberLength how many bytes of it to send, 1 to 4
     * @return the rest is done with it
     */
    public static PacketWriter shortHeader(
            ByteBuffer datagram,
            ConnectionId destination,
            boolean spin,
            int keyPhase,
            long pathId,
            long number,
            int numberLength) {
        int start = datagram.position();
        var out = datagram.duplicate();
        out.put(PacketProtection.shortFirstByte(spin, keyPhase, numberLength));
        destination.writeTo(out);
        int numberOffset = out.position();
        putNumber(out, number, numberLength);
        return new PacketWriter(datagram, start, numberOffset, out.position(), pathId, number);
    }

    /**
     * {@return where the frames go; its limit leaves room for the tag}
     */
    public ByteBuffer payload() {
        return payload;
    }

    /**
     * Seals the packet and hides its header; the datagram's position is then behind it.
     *
     * <p>A payload that is too short to be hidden is filled up with PADDING frames, zeros, at its end.
     *
     * @param sealer     that of the packet's level and phase
     * @param protection that of the packet's level
     * @return how many bytes the packet has
     */
    public int finish(PacketSealer sealer, HeaderProtection protection) {
        int minPayloadEnd = numberOffset + HeaderProtection.SAMPLE_OFFSET;
        while (payloadStart + payload.position() < minPayloadEnd) {
            payload.put((byte) 0);
        }
        int payloadEnd = payloadStart + payload.position();
        int end = payloadEnd + PacketSealer.TAG_LENGTH;
        if ((datagram.get(start) & DatagramReader.LONG_HEADER) != 0) {
            datagram.putShort(numberOffset - LENGTH_FIELD, (short) (0x4000 | (end - numberOffset)));
        }
        int base = datagram.arrayOffset();
        PacketProtection.protect(
                datagram.array(),
                base + start,
                base + numberOffset,
                base + payloadStart,
                base + payloadEnd,
                pathId,
                number,
                sealer,
                protection);
        datagram.position(end);
        return end - start;
    }

    /** The path in whose number space the packet is. */
    long pathId() {
        return pathId;
    }

    /** The packet's number. */
    long number() {
        return number;
    }

    private static void putNumber(ByteBuffer out, long number, int numberLength) {
        for (int shift = (numberLength - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            out.put((byte) (number >>> shift));
        }
    }
}
