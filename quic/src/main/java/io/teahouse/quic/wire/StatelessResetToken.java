package io.teahouse.quic.wire;

import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Sixteen bytes by which a peer that has forgotten a connection proves that it once knew it (RFC 9000, section 10.3).
 *
 * <p>A secret between the two sides until it is used, so compared in constant time and not shown. Immutable.
 */
public final class StatelessResetToken {
    /** How many bytes it has. */
    public static final int LENGTH = 16;

    private final byte[] bytes;

    private StatelessResetToken(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * {@return a token of these bytes}
     *
     * @param bytes {@link #LENGTH} of them, copied
     */
    public static StatelessResetToken of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("bytes: %d of them (expected: %d)".formatted(bytes.length, LENGTH));
        }
        return new StatelessResetToken(bytes.clone());
    }

    /**
     * {@return the token that the next bytes of a buffer are}
     *
     * @param in has {@link #LENGTH} bytes; its position moves past them
     */
    public static StatelessResetToken read(ByteBuffer in) {
        var bytes = new byte[LENGTH];
        in.get(bytes);
        return new StatelessResetToken(bytes);
    }

    /**
     * Writes the bytes.
     *
     * @param out has room for {@link #LENGTH} bytes
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
    public boolean equals(Object other) {
        return other instanceof StatelessResetToken that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return ByteBuffer.wrap(bytes).getInt();
    }

    /**
     * {@return what it is, not which}
     */
    @Override
    public String toString() {
        return "StatelessResetToken";
    }
}
