package io.teahouse.tls.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * Bytes that mean nothing here, as a value: {@code opaque} in the RFC's notation. Immutable.
 *
 * <p>For what passes on the wire. Secrets are arrays, which can be wiped.
 */
public final class Opaque {
    /** No bytes. */
    public static final Opaque EMPTY = new Opaque(new byte[0]);

    /** How many bytes {@link #toString} shows. */
    private static final int SHOWN_MAX = 16;

    private final byte[] bytes;

    private Opaque(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * {@return these bytes}
     *
     * @param bytes copied, so that they may change later
     */
    public static Opaque copyOf(byte[] bytes) {
        return new Opaque(bytes.clone());
    }

    /**
     * {@return the bytes of a text}
     *
     * @param text any
     */
    public static Opaque ofUtf8(String text) {
        return new Opaque(text.getBytes(UTF_8));
    }

    /** Takes an array that nobody else keeps. */
    static Opaque ofOwned(byte[] bytes) {
        return new Opaque(bytes);
    }

    /**
     * {@return how many bytes there are}
     */
    public int length() {
        return bytes.length;
    }

    /**
     * {@return whether there are no bytes}
     */
    public boolean isEmpty() {
        return bytes.length == 0;
    }

    /**
     * {@return the bytes, a copy}
     */
    public byte[] toArray() {
        return bytes.clone();
    }

    /**
     * {@return the bytes as text; what is no UTF-8 becomes replacement characters}
     */
    public String toUtf8() {
        return new String(bytes, UTF_8);
    }

    /** The bytes themselves, for who only reads them. */
    byte[] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Opaque that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /**
     * {@return the first bytes as hex digits, and how many there are where that is not all}
     */
    @Override
    public String toString() {
        var hex = HexFormat.of();
        return bytes.length <= SHOWN_MAX
                ? hex.formatHex(bytes)
                : "%s... (%d bytes)".formatted(hex.formatHex(bytes, 0, SHOWN_MAX), bytes.length);
    }
}
