package io.teahouse.quic.frame;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.StatelessResetToken;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Reads the fields of one frame; what is not there, or too large, is an error that names the frame and the field. */
final class FrameBody {
    private static final int IPV4_LENGTH = 4;
    private static final int IPV6_LENGTH = 16;

    private final FrameType type;
    private final long code;
    private final ByteBuffer in;

    FrameBody(FrameType type, long code, ByteBuffer in) {
        this.type = type;
        this.code = code;
        this.in = in;
    }

    /** Whether a bit of the type's number is set, which says what is in the frame. */
    boolean hasBit(int bit) {
        return (code & bit) != 0;
    }

    int remaining() {
        return in.remaining();
    }

    long number(String field) throws TransportException {
        long value = VarInt.read(in);
        if (value == VarInt.TRUNCATED) {
            throw truncated(field);
        }
        return value;
    }

    /** A number of which a frame that exceeds the maximum cannot be encoded rightly. */
    long numberUpTo(long max, String field) throws TransportException {
        long value = number(field);
        if (value > max) {
            throw wrong(field, Long.toString(value), "0 to " + max);
        }
        return value;
    }

    /** A path id: one beyond all that can be is beyond every limit for them, too. */
    long pathId(String field) throws TransportException {
        long value = number(field);
        if (value > Frame.MAX_PATH_ID) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION,
                    code,
                    "%s frame: %s: %d (expected: 0 to %d)".formatted(type, field, value, Frame.MAX_PATH_ID));
        }
        return value;
    }

    long eightBytes(String field) throws TransportException {
        require(Long.BYTES, field);
        return in.getLong();
    }

    /** As many bytes as the number before them says. */
    ByteBuffer bytes(String field) throws TransportException {
        long length = number(field + " length");
        if (length > in.remaining()) {
            throw truncated(field);
        }
        return take((int) length);
    }

    /** All bytes that are left in the packet. */
    ByteBuffer rest() {
        return take(in.remaining());
    }

    IssuedId issuedId() throws TransportException {
        long sequence = number("sequence");
        long retirePriorTo = numberUpTo(sequence, "retire prior to");
        require(1, "connection id length");
        int length = Byte.toUnsignedInt(in.get());
        if (length < 1 || length > ConnectionId.MAX_LENGTH) {
            throw wrong("connection id length", Integer.toString(length), "1 to " + ConnectionId.MAX_LENGTH);
        }
        require(length + StatelessResetToken.LENGTH, "connection id and reset token");
        return new IssuedId(sequence, retirePriorTo, ConnectionId.read(in, length), StatelessResetToken.read(in));
    }

    /** An address of IPv6 if the lowest bit of the type's number is set, else of IPv4. */
    InetSocketAddress address() throws TransportException {
        var bytes = new byte[hasBit(1) ? IPV6_LENGTH : IPV4_LENGTH];
        require(bytes.length + Short.BYTES, "address and port");
        in.get(bytes);
        int port = Short.toUnsignedInt(in.getShort());
        try {
            // Makes an IPv4 address of an IPv6 one that only wraps it.
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("thrown for a wrong length only", e);
        }
    }

    AckRanges ackRanges(long largest, long rangeCount) throws TransportException {
        // Each range takes two bytes at least: so many may be allocated.
        if (rangeCount > in.remaining() / 2) {
            throw truncated("ranges");
        }
        var bounds = new long[2 + 2 * (int) rangeCount];
        long above = largest;
        for (int index = 0; index < bounds.length; index += 2) {
            if (index > 0) {
                // A gap of 0 still has one number in it.
                above = bounds[index - 1] - number("gap") - 2;
            }
            long smallest = above - number("range");
            if (above < 0 || smallest < 0) {
                throw wrong("range", "below 0", "0 at least");
            }
            bounds[index] = above;
            bounds[index + 1] = smallest;
        }
        return AckRanges.ofCheckedBounds(bounds);
    }

    /** Where data ends that begins at an offset must be a number, too. */
    void requireEndIsNumber(long offset, ByteBuffer data) throws TransportException {
        if (offset > VarInt.MAX - data.remaining()) {
            throw wrong("end", "above 2^62 - 1", "2^62 - 1 at most");
        }
    }

    TransportException wrong(String field, String found, String expected) {
        return new TransportException(
                TransportError.FRAME_ENCODING_ERROR,
                code,
                "%s frame: %s: %s (expected: %s)".formatted(type, field, found, expected));
    }

    private ByteBuffer take(int length) {
        var taken = in.slice(in.position(), length);
        in.position(in.position() + length);
        return taken;
    }

    private void require(int length, String field) throws TransportException {
        if (in.remaining() < length) {
            throw truncated(field);
        }
    }

    private TransportException truncated(String field) {
        return wrong(field, "the packet's end", "more bytes");
    }
}
