package io.teahouse.relay.server.proxy;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/**
 * One IP address, or all that have some bits in front in common (RFC 4632, section 3.1; RFC 4291, section 2.3). Immutable.
 *
 * @param first        the address, or the first of them: the bits behind the common ones are 0. IPv4 in IPv6 counts as IPv4
 * @param prefixLength how many bits they have in common, at most those of the address
 */
public record AddressRange(InetAddress first, int prefixLength) {

    /** Refuses a length that the address does not have, and an address with more bits than the length says. */
    public AddressRange {
        int bits = first.getAddress().length * Byte.SIZE;
        if (prefixLength < 0 || prefixLength > bits) {
            throw new IllegalArgumentException("prefixLength: %d (expected: 0 to %d)".formatted(prefixLength, bits));
        }
        if (!Arrays.equals(masked(first.getAddress(), prefixLength), first.getAddress())) {
            throw new IllegalArgumentException("first: %s (expected: nothing but zeros behind %d bits)"
                    .formatted(first.getHostAddress(), prefixLength));
        }
    }

    /**
     * {@return the range that a text means, such as {@code 10.0.0.0/8}, {@code 192.0.2.1} or {@code fd00::/8}}
     *
     * @param text an IP address, with or without a prefix length behind a slash
     * @throws IllegalArgumentException when it is none, or when bits behind the prefix are set; the message says which range
     *                                  might be meant
     */
    public static AddressRange of(String text) {
        int slash = text.indexOf('/');
        var address = address(slash < 0 ? text : text.substring(0, slash))
                .orElseThrow(() -> new IllegalArgumentException(
                        "\"%s\" (expected: an IP address or a range such as 10.0.0.0/8)".formatted(text)));
        int bits = address.getAddress().length * Byte.SIZE;
        if (slash < 0) {
            return new AddressRange(address, bits);
        }
        var digits = text.substring(slash + 1);
        if (!digits.matches("[0-9]{1,3}") || Integer.parseInt(digits) > bits) {
            throw new IllegalArgumentException("\"%s\" (expected: 0 to %d behind the slash)".formatted(text, bits));
        }
        int length = Integer.parseInt(digits);
        var start = address(masked(address.getAddress(), length));
        if (!start.equals(address)) {
            throw new IllegalArgumentException(
                    "\"%s\" (expected: an address that begins a range; for all with its first %d bits write %s/%d)"
                            .formatted(text, length, start.getHostAddress(), length));
        }
        return new AddressRange(start, length);
    }

    /**
     * {@return whether an address is one of these}
     *
     * @param address any address
     */
    public boolean contains(InetAddress address) {
        var bytes = address.getAddress();
        return bytes.length == first.getAddress().length
                && Arrays.equals(masked(bytes, prefixLength), first.getAddress());
    }

    /** Returns the address that a text is: numbers only, nothing is looked up, no brackets. */
    static Optional<InetAddress> address(String text) {
        // The longest there is, with a zone.
        if (text.length() > 64 || text.startsWith("[")) {
            return Optional.empty();
        }
        return Optional.ofNullable(NetUtil.createByteArrayFromIpAddressString(text))
                .map(AddressRange::address);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("%d bytes (expected: 4 or 16)".formatted(bytes.length), e);
        }
    }

    private static byte[] masked(byte[] address, int prefixLength) {
        var masked = new byte[address.length];
        int whole = prefixLength / Byte.SIZE;
        System.arraycopy(address, 0, masked, 0, whole);
        if (whole < address.length) {
            masked[whole] = (byte) (address[whole] & (0xFF00 >> prefixLength % Byte.SIZE));
        }
        return masked;
    }

    /** Shows it as {@link #of} reads it. */
    @Override
    public String toString() {
        boolean isOne = prefixLength == first.getAddress().length * Byte.SIZE;
        return isOne ? first.getHostAddress() : first.getHostAddress() + "/" + prefixLength;
    }
}
