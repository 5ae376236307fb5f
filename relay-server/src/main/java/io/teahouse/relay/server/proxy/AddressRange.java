package io.teahouse.relay.server.proxy;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One IP address, or all that have some bits in front in common (RFC 4632, section 3.1; RFC 4291, section 2.3). Immutable.
 *
 * @param first        the address, or the first of them: the bits behind the common ones are 0. IPv4 in IPv6 counts as IPv4
 * @param prefixLength how many bits they have in common, at most those of the address
 */
public record AddressRange(InetAddress first, int prefixLength) {
    private static final Pattern LENGTH = Pattern.compile("/[0-9]{1,3}");

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
     * @throws IllegalArgumentException when it is none, or when bits behind the prefix are set
     */
    public static AddressRange of(String text) {
        return around(text)
                .filter(range -> range.first.equals(address(withoutLength(text)).orElseThrow()))
                .orElseThrow(() -> new IllegalArgumentException(
                        "\"%s\" (expected: an IP address, or a range such as 10.0.0.0/8)".formatted(text)));
    }

    /**
     * {@return the range in which an address is, so that {@code 10.1.2.3/8} is {@code 10.0.0.0/8}; empty if the text is none}
     *
     * @param text an IP address, with or without a prefix length behind a slash
     */
    public static Optional<AddressRange> around(String text) {
        return address(withoutLength(text)).flatMap(address -> {
            int bits = address.getAddress().length * Byte.SIZE;
            var length = text.substring(withoutLength(text).length());
            if (length.isEmpty()) {
                return Optional.of(new AddressRange(address, bits));
            }
            if (!LENGTH.matcher(length).matches() || Integer.parseInt(length.substring(1)) > bits) {
                return Optional.empty();
            }
            int prefixLength = Integer.parseInt(length.substring(1));
            return Optional.of(new AddressRange(address(masked(address.getAddress(), prefixLength)), prefixLength));
        });
    }

    private static String withoutLength(String text) {
        int slash = text.indexOf('/');
        return slash < 0 ? text : text.substring(0, slash);
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
        return NetUtil.toAddressString(first) + (isOne ? "" : "/" + prefixLength);
    }
}
