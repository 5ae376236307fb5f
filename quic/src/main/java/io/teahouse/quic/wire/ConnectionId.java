package io.teahouse.quic.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A connection id: what in a packet says which connection, and in multipath which path, it is for (RFC 9000, section
 * 5.1).
 *
 * <p>Immutable. Comparable so that a hash table whose keys a peer has chosen to collide stays a tree and not a list.
 */
public final class ConnectionId implements Comparable<ConnectionId> {
    /** The longest in version 1. */
    public static final int MAX_LENGTH = 20;

    /** The shortest that a client may choose for a server that it knows nothing of (RFC 9000, section 7.2). */
    public static final int MIN_INITIAL_LENGTH = 8;

    /** The id of nobody: no bytes at all. */
    public static final ConnectionId EMPTY = new ConnectionId(new byte[0]);

    private final byte[] bytes;
    private final int hash;

    private ConnectionId(byte[] bytes) {
        this.bytes = bytes;
        this.hash = Arrays.hashCode(bytes);
    }

    /**
     * {@return an id of these bytes}
     *
     * @param bytes 0 to {@link #MAX_LENGTH} of them, copied
     */
    public static ConnectionId of(byte[] bytes) {
        if (bytes.length > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "bytes: %d of them (expected: 0 to %d)".formatted(bytes.length, MAX_LENGTH));
        }
        return new ConnectionId(bytes.clone());
    }

    /**
     * {@return the id that the next bytes of a buffer are}
     *
     * @param in     has that many bytes; its position moves past them
     * @param length 0 to {@link #MAX_LENGTH}
     */
    public static ConnectionId read(ByteBuffer in, int length) {
        if (length < 0 || length > MAX_LENGTH) {
            throw new IllegalArgumentException("length: %d (expected: 0 to %d)".formatted(length, MAX_LENGTH));
        }
        var bytes = new byte[length];
        in.get(bytes);
        return new ConnectionId(bytes);
    }

    /**
     * {@return how many bytes it has, 0 to {@link #MAX_LENGTH}}
     */
    public int length() {
        return bytes.length;
    }

    /**
     * Writes the bytes, without their number.
     *
     * @param out has room for {@link #length} bytes
     */
    public void writeTo(ByteBuffer out) {
        out.put(bytes);
    }

    /**
     * {@return the bytes, a copy}
     */
    public byte[] toBytes() {
        return bytes.clone();
    }

    @Override
    public int compareTo(ConnectionId other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConnectionId that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /**
     * {@return the bytes in hex}
     */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
