package io.teahouse.core.token;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.Signature;
import io.teahouse.core.bytes.Leb128;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The bytes of a token: version, payload, signature (access token spec, section 4).
 *
 * <p>There is one way to write a token, and bytes that are not written so are none: capabilities in order, integers in
 * their shortest form, nothing behind the signature.
 */
final class TokenBytes {
    private static final byte VERSION = 1;
    private static final byte CAPABILITIES_VERSION = 0;
    private static final byte KEY_LENGTH = EndpointId.LENGTH;

    private static final byte ABSENT = 0;
    private static final byte PRESENT = 1;

    /** Keys, tags, all capabilities and the longest expiry take less. */
    private static final int PAYLOAD_MAX = 3 * (1 + EndpointId.LENGTH) + 32;

    private TokenBytes() {}

    static byte[] write(RelayToken token) {
        byte[] version = {VERSION};
        byte[] signed =
                payload(token.issuer(), token.audience(), token.root(), token.capabilities(), token.expiry(), version);
        byte[] bytes = Arrays.copyOf(signed, signed.length + Signature.LENGTH);
        System.arraycopy(token.signature().toBytes(), 0, bytes, signed.length, Signature.LENGTH);
        return bytes;
    }

    /**
     * The payload behind some other bytes.
     *
     * @param capabilities in their order
     */
    static byte[] payload(
            EndpointId issuer,
            EndpointId audience,
            Optional<EndpointId> root,
            Set<Capability> capabilities,
            OptionalLong expiry,
            byte[] prefix) {
        var out = ByteBuffer.allocate(prefix.length + PAYLOAD_MAX).put(prefix);
        writeKey(issuer, out);
        writeKey(audience, out);
        out.put(root.isPresent() ? PRESENT : ABSENT);
        root.ifPresent(key -> writeKey(key, out));
        out.put(CAPABILITIES_VERSION).put((byte) capabilities.size());
        capabilities.forEach(capability -> out.put(capability.code()));
        out.put(expiry.isPresent() ? PRESENT : ABSENT);
        expiry.ifPresent(seconds -> Leb128.write(seconds, out));
        return Arrays.copyOf(out.array(), out.position());
    }

    private static void writeKey(EndpointId key, ByteBuffer out) {
        out.put(KEY_LENGTH).put(key.toBytes());
    }

    static RelayToken read(byte[] bytes) throws FormatException {
        var in = ByteBuffer.wrap(bytes);
        expect(in, VERSION, "version");
        var issuer = readKey(in, "issuer");
        var audience = readKey(in, "audience");
        var root = isPresent(in, "origin") ? Optional.of(readKey(in, "root")) : Optional.<EndpointId>empty();
        expect(in, CAPABILITIES_VERSION, "version of the capabilities");
        var capabilities = readCapabilities(in);
        var expiry = isPresent(in, "expiry") ? readSeconds(in) : OptionalLong.empty();
        if (in.remaining() != Signature.LENGTH) {
            throw new FormatException("token: %d bytes behind the payload (expected: %d, the signature)"
                    .formatted(in.remaining(), Signature.LENGTH));
        }
        var token =
                new RelayToken(issuer, audience, root, capabilities, expiry, Signature.fromBytes(bytes, in.position()));
        if (!Arrays.equals(write(token), bytes)) {
            throw new FormatException("token: not in its shortest form (expected: integers without empty bytes)");
        }
        return token;
    }

    private static EndpointId readKey(ByteBuffer in, String what) throws FormatException {
        expect(in, KEY_LENGTH, "length of " + what);
        if (in.remaining() < EndpointId.LENGTH) {
            throw endsWithin(what);
        }
        var key = new byte[EndpointId.LENGTH];
        in.get(key);
        return EndpointId.fromBytes(key);
    }

    private static Set<Capability> readCapabilities(ByteBuffer in) throws FormatException {
        int count = Leb128.readLength(in);
        if (count < 0) {
            throw endsWithin("capabilities");
        }
        var capabilities = EnumSet.noneOf(Capability.class);
        Optional<Capability> last = Optional.empty();
        for (int index = 0; index < count; index++) {
            var next = Capability.at(in)
                    .orElseThrow(() -> new FormatException("token: unknown capability, or cut short within one"));
            if (last.isPresent() && next.compareTo(last.get()) <= 0) {
                throw new FormatException(
                        "token: %s behind %s (expected: each once, in their order)".formatted(next, last.get()));
            }
            in.position(in.position() + next.code().length);
            capabilities.add(next);
            last = Optional.of(next);
        }
        return capabilities;
    }

    private static OptionalLong readSeconds(ByteBuffer in) throws FormatException {
        var seconds = Leb128.read(in, Long.SIZE);
        if (seconds.isEmpty()) {
            throw new FormatException("token: expiry is truncated or too large (expected: 64 bits)");
        }
        return seconds;
    }

    private static boolean isPresent(ByteBuffer in, String what) throws FormatException {
        byte tag = readByte(in, what);
        if (tag != ABSENT && tag != PRESENT) {
            throw new FormatException("token: %s %d (expected: %d or %d)".formatted(what, tag & 0xff, ABSENT, PRESENT));
        }
        return tag == PRESENT;
    }

    private static void expect(ByteBuffer in, byte expected, String what) throws FormatException {
        byte found = readByte(in, what);
        if (found != expected) {
            throw new FormatException("token: %s %d (expected: %d)".formatted(what, found & 0xff, expected));
        }
    }

    private static byte readByte(ByteBuffer in, String what) throws FormatException {
        if (!in.hasRemaining()) {
            throw endsWithin(what);
        }
        return in.get();
    }

    private static FormatException endsWithin(String what) {
        return new FormatException("token: ends within %s (expected: more bytes)".formatted(what));
    }
}
