package io.teahouse.relay.server.proxy;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An address as proxies write it: {@code 192.0.2.60}, {@code 192.0.2.60:4711}, {@code 2001:db8::1}, {@code [2001:db8::1]} or
 * {@code [2001:db8::1]:4711} (RFC 7239, section 6).
 */
final class HopAddress {
    /** The port may be a name that means something to nobody but its proxy. */
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}|_[A-Za-z0-9._-]{1,64}");

    private HopAddress() {}

    /** Returns the address, with port 0 if none is told; empty for {@code unknown}, for made-up names and for what is none. */
    static Optional<InetSocketAddress> parse(String text) {
        int bracket = text.indexOf(']');
        if (text.startsWith("[") && bracket > 0) {
            var inside = text.substring(1, bracket);
            return inside.indexOf(':') < 0 ? Optional.empty() : of(inside, text.substring(bracket + 1));
        }
        int colon = text.indexOf(':');
        boolean isV6 = colon != text.lastIndexOf(':');
        return isV6 || colon < 0 ? of(text, "") : of(text.substring(0, colon), text.substring(colon));
    }

    private static Optional<InetSocketAddress> of(String host, String colonAndPort) {
        if (colonAndPort.isEmpty()) {
            return of(host, 0);
        }
        var port = colonAndPort.substring(1);
        if (colonAndPort.charAt(0) != ':' || !PORT.matcher(port).matches()) {
            return Optional.empty();
        }
        return of(host, port.startsWith("_") ? 0 : Integer.parseInt(port));
    }

    private static Optional<InetSocketAddress> of(String host, int port) {
        return port > 0xFFFF
                ? Optional.empty()
                : AddressRange.address(host).map(address -> new InetSocketAddress(address, port));
    }
}
