package io.teahouse.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An Ed25519 signature: the point R, then the scalar S, 32 bytes each (RFC 8032, section 5.1.6).
 *
 * <p>Any 64 bytes make one; whether they sign anything is for {@link EndpointId#verify} to say. Immutable.
 */
public final class Signature {
    /** Bytes of every signature. */
    public static final int LENGTH = 64;

    private static final VarHandle BIG_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LITTLE_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;

    private Signature(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * {@return the signature that stands in {@code bytes} from {@code offset} on}
     *
     * @param bytes  copied, so that it may change later
     * @param offset where the signature starts, 0 or more
     * @throws FormatException if fewer than {@value #LENGTH} bytes stand there
     */
    public static Signature fromBytes(byte[] bytes, int offset) throws FormatException {
        if (bytes.length - offset < LENGTH) {
            throw new FormatException("signature: %d bytes (expected: %d)".formatted(bytes.length - offset, LENGTH));
        }
        return new Signature(Arrays.copyOfRange(bytes, offset, offset + LENGTH));
    }

    /** Takes an array of the right length that nobody else keeps. */
    static Signature ofOwned(byte[] bytes) {
        assert bytes.length == LENGTH : bytes.length;
        return new Signature(bytes);
    }

    /**
     * {@return the 64 bytes, a copy}
     */
    public byte[] toBytes() {
        return bytes.clone();
    }

    /** The bytes themselves, for a verifier that only reads them. */
    byte[] bytes() {
        return bytes;
    }

    /** Word {@code index}, 0 to 3, of R: its bytes as they stand. */
    long pointWord(int index) {
        return (long) BIG_ENDIAN.get(bytes, index * Long.BYTES);
    }

    /** Word {@code index} of the number S, 0 being the lowest and 3 the highest. */
    long scalarWord(int index) {
        return (long) LITTLE_ENDIAN.get(bytes, LENGTH / 2 + index * Long.BYTES);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Signature that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /**
     * {@return 128 lower-case hex digits}
     */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
