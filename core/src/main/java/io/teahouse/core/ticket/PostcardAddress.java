package io.teahouse.core.ticket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.teahouse.core.EndpointAddress;
import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.RelayUrl;
import io.teahouse.core.TransportAddress;
import io.teahouse.core.bytes.Leb128;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * The bytes of a ticket: the format's variant, the id, and each address behind its tag, in postcard form.
 *
 * <p>Read leniently, as all endpoints do: addresses in any order and more than once, bytes behind the last one,
 * integers longer than need be.
 */
final class PostcardAddress {
    /** The only variant of the format that there is. */
    private static final int VARIANT = 0;

    private static final int RELAY = 0;
    private static final int IP = 1;
    private static final int CUSTOM = 2;

    private static final int IPV4 = 0;
    private static final int IPV6 = 1;
    private static final int IPV4_LENGTH = 4;
    private static final int IPV6_LENGTH = 16;

    private PostcardAddress() {}

    static EndpointAddress read(ByteBuffer in) throws FormatException {
        int variant = readTag(in, "format variant");
        if (variant != VARIANT) {
            throw new FormatException("ticket: format variant %d (expected: %d)".formatted(variant, VARIANT));
        }
        var id = EndpointId.fromBytes(readBytes(in, EndpointId.LENGTH, "endpoint id"));
        int count = Leb128.readLength(in);
        if (count < 0) {
            throw truncated("addresses");
        }
        var addresses = new TreeSet<TransportAddress>();
        for (int index = 0; index < count; index++) {
            addresses.add(readAddress(in));
        }
        return new EndpointAddress(id, addresses);
    }

    private static TransportAddress readAddress(ByteBuffer in) throws FormatException {
        int tag = readTag(in, "tag of an address");
        return switch (tag) {
            case RELAY -> new TransportAddress.Relay(RelayUrl.parse(readText(in)));
            case IP -> new TransportAddress.Ip(readSocketAddress(in));
            case CUSTOM -> {
                long transportId = readInteger(in, Long.SIZE, "number of a custom transport");
                yield new TransportAddress.Custom(transportId, readSizedBytes(in, "custom address"));
            }
            default ->
                throw new FormatException(
                        "ticket: address with tag %d (expected: 0 relay, 1 IP or 2 custom)".formatted(tag));
        };
    }

    private static InetSocketAddress readSocketAddress(ByteBuffer in) throws FormatException {
        int family = readTag(in, "family of an IP address");
        int length = switch (family) {
            case IPV4 -> IPV4_LENGTH;
            case IPV6 -> IPV6_LENGTH;
            default ->
                throw new FormatException(
                        "ticket: IP address of family %d (expected: 0 IPv4 or 1 IPv6)".formatted(family));
        };
        byte[] address = readBytes(in, length, "IP address");
        int port = (int) readInteger(in, Short.SIZE, "port");
        try {
            // Not the general method for IPv6: that one turns IPv4-mapped addresses into IPv4.
            return new InetSocketAddress(
                    family == IPV6 ? Inet6Address.getByAddress(null, address, -1) : InetAddress.getByAddress(address),
                    port);
        } catch (UnknownHostException e) {
            throw new AssertionError("thrown for a wrong length only", e);
        }
    }

    private static String readText(ByteBuffer in) throws FormatException {
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(readSizedBytes(in, "relay URL")))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new FormatException("ticket: relay URL is not UTF-8");
        }
    }

    private static byte[] readSizedBytes(ByteBuffer in, String what) throws FormatException {
        int length = Leb128.readLength(in);
        if (length < 0) {
            throw truncated(what);
        }
        return readBytes(in, length, what);
    }

    private static byte[] readBytes(ByteBuffer in, int length, String what) throws FormatException {
        if (in.remaining() < length) {
            throw truncated(what);
        }
        var bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static int readTag(ByteBuffer in, String what) throws FormatException {
        long tag = readInteger(in, Integer.SIZE, what);
        return tag > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) tag; // unknown is all that matters
    }

    private static long readInteger(ByteBuffer in, int bits, String what) throws FormatException {
        OptionalLong value = Leb128.read(in, bits);
        if (value.isEmpty()) {
            throw new FormatException("ticket: %s is truncated or too large (expected: %d bits)".formatted(what, bits));
        }
        return value.getAsLong();
    }

    private static FormatException truncated(String what) {
        return new FormatException("ticket: ends within %s (expected: more bytes)".formatted(what));
    }

    static byte[] write(EndpointAddress address) {
        int size = 1 + EndpointId.LENGTH + Leb128.size(address.addresses().size());
        for (TransportAddress each : address.addresses()) {
            size += sizeMax(each);
        }
        var out = ByteBuffer.allocate(size);
        out.put((byte) VARIANT).put(address.id().toBytes());
        Leb128.write(address.addresses().size(), out);
        for (TransportAddress each : address.addresses()) {
            writeAddress(each, out);
        }
        var bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    private static int sizeMax(TransportAddress address) {
        int integersMax = 24; // three tags, and two integers of ten bytes
        return integersMax
                + switch (address) {
                    case TransportAddress.Relay(var url) -> url.toString().length();
                    case TransportAddress.Ip _ -> IPV6_LENGTH;
                    case TransportAddress.Custom custom -> custom.data().length;
                };
    }

    private static void writeAddress(TransportAddress address, ByteBuffer out) {
        switch (address) {
            case TransportAddress.Relay(var url) -> {
                out.put((byte) RELAY);
                writeSizedBytes(url.toString().getBytes(US_ASCII), out);
            }
            case TransportAddress.Ip(var socketAddress) -> {
                byte[] bytes = socketAddress.getAddress().getAddress();
                out.put((byte) IP)
                        .put((byte) (bytes.length == IPV6_LENGTH ? IPV6 : IPV4))
                        .put(bytes);
                Leb128.write(socketAddress.getPort(), out);
            }
            case TransportAddress.Custom custom -> {
                out.put((byte) CUSTOM);
                Leb128.write(custom.transportId(), out);
                writeSizedBytes(custom.data(), out);
            }
        }
    }

    private static void writeSizedBytes(byte[] bytes, ByteBuffer out) {
        Leb128.write(bytes.length, out);
        out.put(bytes);
    }
}
