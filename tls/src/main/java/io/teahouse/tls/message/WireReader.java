package io.teahouse.tls.message;

import java.util.Arrays;

/**
 * Reads the presentation language of TLS (RFC 8446, section 3) within given bounds.
 *
 * <p>Every read names its field; what does not fit is a {@link TlsException} with the alert decode_error that names the
 * field, too. Nothing is allocated before the bytes that it is for are known to be there. Not thread-safe.
 */
public final class WireReader {
    private final String where;
    private final byte[] bytes;
    private final int end;
    private int position;

    private WireReader(String where, byte[] bytes, int position, int end) {
        this.where = where;
        this.bytes = bytes;
        this.position = position;
        this.end = end;
    }

    /**
     * Creates a reader of some of the bytes.
     *
     * @param where  what they are, for messages
     * @param bytes  not changed while they are read
     * @param offset of the first byte to read
     */
    public WireReader(String where, byte[] bytes, int offset) {
        this(where, bytes, offset, bytes.length);
    }

    /**
     * {@return whether there is something left to read}
     */
    public boolean hasRemaining() {
        return position < end;
    }

    /**
     * {@return how many bytes are left to read}
     */
    public int remaining() {
        return end - position;
    }

    /**
     * {@return the next byte, 0 to 255}
     *
     * @param field its name
     * @throws TlsException if there is none
     */
    public int readU8(String field) throws TlsException {
        return bytes[take(1, field)] & 0xff;
    }

    /**
     * {@return the next two bytes, 0 to 65535}
     *
     * @param field its name
     * @throws TlsException if there are fewer
     */
    public int readU16(String field) throws TlsException {
        int at = take(2, field);
        return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
    }

    /**
     * {@return the next three bytes, 0 to 2^24 - 1}
     *
     * @param field its name
     * @throws TlsException if there are fewer
     */
    public int readU24(String field) throws TlsException {
        return (readU8(field) << 16) | readU16(field);
    }

    /**
     * {@return the next four bytes, 0 to 2^32 - 1}
     *
     * @param field its name
     * @throws TlsException if there are fewer
     */
    public long readU32(String field) throws TlsException {
        return ((long) readU16(field) << 16) | readU16(field);
    }

    /**
     * {@return the next eight bytes as they are}
     *
     * @param field its name
     * @throws TlsException if there are fewer
     */
    public long readU64(String field) throws TlsException {
        return (readU32(field) << 32) | readU32(field);
    }

    /**
     * {@return as many bytes as there should be}
     *
     * @param length how many, 0 or more
     * @param field  their name
     * @throws TlsException if there are fewer
     */
    public Opaque readOpaque(int length, String field) throws TlsException {
        int at = take(length, field);
        return Opaque.ofOwned(Arrays.copyOfRange(bytes, at, at + length));
    }

    /**
     * {@return bytes with their length in one byte before them}
     *
     * @param min   how many there are at least
     * @param max   how many there are at most
     * @param field their name
     * @throws TlsException if there are fewer, or the length is out of these bounds
     */
    public Opaque readOpaque8(int min, int max, String field) throws TlsException {
        return readOpaque(checked(readU8(field), min, max, field), field);
    }

    /**
     * {@return bytes with their length in two bytes before them}
     *
     * @param min   how many there are at least
     * @param field their name
     * @throws TlsException if there are fewer
     */
    public Opaque readOpaque16(int min, String field) throws TlsException {
        return readOpaque(checked(readU16(field), min, 0xffff, field), field);
    }

    /**
     * {@return bytes with their length in three bytes before them}
     *
     * @param min   how many there are at least
     * @param field their name
     * @throws TlsException if there are fewer
     */
    public Opaque readOpaque24(int min, String field) throws TlsException {
        return readOpaque(checked(readU24(field), min, 0xff_ffff, field), field);
    }

    /**
     * {@return a reader of a vector with its length in one byte before it, which is skipped here}
     *
     * @param min   how many bytes it has at least
     * @param field its name
     * @throws TlsException if there are fewer
     */
    public WireReader readVector8(int min, String field) throws TlsException {
        return part(checked(readU8(field), min, 0xff, field), field);
    }

    /**
     * {@return a reader of a vector with its length in two bytes before it, which is skipped here}
     *
     * @param min   how many bytes it has at least
     * @param field its name
     * @throws TlsException if there are fewer
     */
    public WireReader readVector16(int min, String field) throws TlsException {
        return part(checked(readU16(field), min, 0xffff, field), field);
    }

    /**
     * {@return a reader of a vector with its length in three bytes before it, which is skipped here}
     *
     * @param min   how many bytes it has at least
     * @param field its name
     * @throws TlsException if there are fewer
     */
    public WireReader readVector24(int min, String field) throws TlsException {
        return part(checked(readU24(field), min, 0xff_ffff, field), field);
    }

    /**
     * Makes sure that nothing is left.
     *
     * @throws TlsException if something is
     */
    public void expectEnd() throws TlsException {
        if (position < end) {
            throw failure("%d bytes too many".formatted(end - position));
        }
    }

    /** A failure to decode that says where it happened. */
    TlsException failure(String what) {
        return new TlsException(Alert.DECODE_ERROR, where + ": " + what);
    }

    /** The same for something that can be decoded and may not be. */
    TlsException illegal(String what) {
        return new TlsException(Alert.ILLEGAL_PARAMETER, where + ": " + what);
    }

    private WireReader part(int length, String field) throws TlsException {
        int at = take(length, field);
        return new WireReader(where + ": " + field, bytes, at, at + length);
    }

    private int checked(int length, int min, int max, String field) throws TlsException {
        if (length < min || length > max) {
            throw failure("%s: %d bytes (expected: %d to %d)".formatted(field, length, min, max));
        }
        return length;
    }

    private int take(int length, String field) throws TlsException {
        if (end - position < length) {
            throw failure("%s: ends after %d bytes (expected: %d)".formatted(field, end - position, length));
        }
        int at = position;
        position += length;
        return at;
    }
}
