package io.teahouse.core;

import io.teahouse.core.bytes.Base32;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * Names an endpoint: its Ed25519 public key, 32 bytes (iroh relay spec, section 1.1).
 *
 * <p>Identity is equality of these bytes, order is their unsigned order. Whatever decompresses to a curve point is
 * an id, so non-canonical encodings and points of small order are ids too, kept byte for byte; only nothing that
 * claims to be signed by a key of small order {@linkplain #verify verifies}.
 *
 * <p>Immutable, and kept as four words instead of an array: relays look ids up for every datagram.
 */
public final class EndpointId implements Comparable<EndpointId> {
    /** Bytes of every id. */
    public static final int LENGTH = 32;

    /** How much of the first word the {@linkplain #shortForm short form} leaves out: all but five bytes. */
    private static final int SHORT_FORM_BITS_DROPPED = Long.SIZE - 5 * Byte.SIZE;

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final long word0;
    private final long word1;
    private final long word2;
    private final long word3;

    private EndpointId(long word0, long word1, long word2, long word3) {
        this.word0 = word0;
        this.word1 = word1;
        this.word2 = word2;
        this.word3 = word3;
    }

    /**
     * {@return the id that stands in {@code bytes} from {@code offset} on}
     *
     * @param bytes  may change later
     * @param offset where the id starts, 0 or more
     * @throws FormatException if fewer than {@value #LENGTH} bytes stand there, or they are no curve point
     */
    public static EndpointId fromBytes(byte[] bytes, int offset) throws FormatException {
        if (bytes.length - offset < LENGTH) {
            throw new FormatException("endpoint id: %d bytes (expected: %d)".formatted(bytes.length - offset, LENGTH));
        }
        long word0 = (long) WORDS.get(bytes, offset);
        long word1 = (long) WORDS.get(bytes, offset + Long.BYTES);
        long word2 = (long) WORDS.get(bytes, offset + 2 * Long.BYTES);
        long word3 = (long) WORDS.get(bytes, offset + 3 * Long.BYTES);
        if (!isValid(word0, word1, word2, word3)) {
            throw new FormatException("data is not a valid public key: %s (expected: a point of the curve)"
                    .formatted(HexFormat.of().formatHex(bytes, offset, offset + LENGTH)));
        }
        return new EndpointId(word0, word1, word2, word3);
    }

    /**
     * {@return the id that these bytes are}
     *
     * @param bytes may change later
     * @throws FormatException if there are not {@value #LENGTH} of them, or they are no curve point
     */
    public static EndpointId fromBytes(byte[] bytes) throws FormatException {
        if (bytes.length != LENGTH) {
            throw new FormatException("endpoint id: %d bytes (expected: %d)".formatted(bytes.length, LENGTH));
        }
        return fromBytes(bytes, 0);
    }

    /**
     * {@return the id of these words, unchecked: the caller knows that {@link #isValid} holds for them}
     *
     * @param word0 bytes 0 to 7, the first one highest
     * @param word1 bytes 8 to 15
     * @param word2 bytes 16 to 23
     * @param word3 bytes 24 to 31
     */
    public static EndpointId fromWords(long word0, long word1, long word2, long word3) {
        return new EndpointId(word0, word1, word2, word3);
    }

    /**
     * {@return whether 32 bytes are an id, that is, whether they decompress to a point of the curve}
     *
     * <p>Costs one exponentiation, some microseconds.
     *
     * @param word0 bytes 0 to 7, the first one highest
     * @param word1 bytes 8 to 15
     * @param word2 bytes 16 to 23
     * @param word3 bytes 24 to 31
     */
    public static boolean isValid(long word0, long word1, long word2, long word3) {
        return CompressedPoint.isOnCurve(word0, word1, word2, word3);
    }

    /**
     * {@return the id that a text spells: 64 lower-case hex digits, or 52 characters of RFC 4648 base32 in either
     * case}
     *
     * @param text nothing around it is skipped
     * @throws FormatException if it is neither, or its bytes are no curve point
     */
    public static EndpointId parse(String text) throws FormatException {
        return fromBytes(KeyText.decode(text));
    }

    /**
     * {@return the id that 52 lower-case characters of z-base-32 spell, the form of names in DNS}
     *
     * @param text nothing around it is skipped
     * @throws FormatException if it is not that, or its bytes are no curve point
     */
    public static EndpointId parseZBase32(String text) throws FormatException {
        byte[] bytes = Base32.Z
                .decode(text)
                .orElseThrow(() -> new FormatException("failed to decode z-base-32 string: %d characters (expected: %d"
                                .formatted(text.length(), Base32.lengthOf(LENGTH))
                        + " of ybndrfg8ejkmcpqxot1uwisza345h769, no bit left over)"));
        return fromBytes(bytes);
    }

    /**
     * {@return whether this is one of the few points whose order divides eight}
     *
     * <p>It is an id then, but nobody's: no signature by it {@linkplain #verify verifies}.
     */
    public boolean isSmallOrder() {
        return CompressedPoint.isSmallOrder(word0, word1, word2, word3);
    }

    /**
     * {@return eight of the bytes, the first one highest}
     *
     * @param index which eight, 0 to 3
     */
    public long word(int index) {
        return switch (index) {
            case 0 -> word0;
            case 1 -> word1;
            case 2 -> word2;
            case 3 -> word3;
            default -> throw new IndexOutOfBoundsException("index: %d (expected: 0 to 3)".formatted(index));
        };
    }

    /**
     * Writes the 32 bytes.
     *
     * @param out    has room for {@value #LENGTH} bytes from {@code offset} on
     * @param offset where the first byte goes, 0 or more
     */
    public void writeTo(byte[] out, int offset) {
        WORDS.set(out, offset + 3 * Long.BYTES, word3); // the last word first: all is written or nothing
        WORDS.set(out, offset, word0);
        WORDS.set(out, offset + Long.BYTES, word1);
        WORDS.set(out, offset + 2 * Long.BYTES, word2);
    }

    /**
     * {@return the 32 bytes}
     */
    public byte[] toBytes() {
        var bytes = new byte[LENGTH];
        writeTo(bytes, 0);
        return bytes;
    }

    /**
     * {@return whether the owner of this id signed the message, by the strict rules: S below the order of the
     * group, neither the key nor R of small order, and the equation without the cofactor}
     *
     * <p>Any bytes may be asked about; nothing is thrown. Costs some 50 microseconds.
     *
     * @param message   what should have been signed
     * @param signature what should sign it
     */
    public boolean verify(byte[] message, Signature signature) {
        return verify(message, signature, Ed25519.fastest());
    }

    /** The same by a certain implementation, so that a test can hold all of them to the same verdicts. */
    boolean verify(byte[] message, Signature signature, Ed25519 implementation) {
        return !isSmallOrder()
                && !CompressedPoint.isSmallOrder(
                        signature.pointWord(0), signature.pointWord(1), signature.pointWord(2), signature.pointWord(3))
                && isReduced(signature)
                && implementation.verify(toBytes(), message, signature.bytes());
    }

    /** Tells whether S is below the order of the group, 2^252 + 27742317777372353535851937790883648493. */
    private static boolean isReduced(Signature signature) {
        long[] order = {0x5812631a5cf5d3edL, 0x14def9dea2f79cd6L, 0, 0x1000000000000000L};
        for (int index = order.length - 1; index >= 0; index--) {
            int compared = Long.compareUnsigned(signature.scalarWord(index), order[index]);
            if (compared != 0) {
                return compared < 0;
            }
        }
        return false;
    }

    @Override
    public int compareTo(EndpointId other) {
        int compared = Long.compareUnsigned(word0, other.word0);
        if (compared == 0) {
            compared = Long.compareUnsigned(word1, other.word1);
        }
        if (compared == 0) {
            compared = Long.compareUnsigned(word2, other.word2);
        }
        return compared != 0 ? compared : Long.compareUnsigned(word3, other.word3);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EndpointId that
                && word0 == that.word0
                && word1 == that.word1
                && word2 == that.word2
                && word3 == that.word3;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(word0 + 31 * (word1 + 31 * (word2 + 31 * word3)));
    }

    /**
     * {@return 64 lower-case hex digits}
     */
    @Override
    public String toString() {
        var hex = HexFormat.of();
        return hex.toHexDigits(word0) + hex.toHexDigits(word1) + hex.toHexDigits(word2) + hex.toHexDigits(word3);
    }

    /**
     * {@return the first five bytes as ten hex digits, for logs and errors}
     */
    public String shortForm() {
        return HexFormat.of().toHexDigits(word0 >>> SHORT_FORM_BITS_DROPPED, 10);
    }

    /**
     * {@return 52 lower-case characters of z-base-32, the form of names in DNS}
     */
    public String toZBase32() {
        return Base32.Z.encode(toBytes());
    }
}
