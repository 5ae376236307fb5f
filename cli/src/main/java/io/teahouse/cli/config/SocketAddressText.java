package io.teahouse.cli.config;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An address with a port as configuration files write it: {@code 10.0.0.1:80} or {@code [::1]:80}, never a name. */
final class SocketAddressText {
    static final String EXPECTED = "an IP address and a port, such as \"0.0.0.0:80\" or \"[::]:80\"";

    private static final int PORT_MAX = 65535;
    private static final Pattern SHAPE = Pattern.compile("(?:\\[([0-9A-Fa-f:.%]+)]|([0-9.]+)):([0-9]{1,5})");
    private static final Pattern OCTETS =
            Pattern.compile("(0|[1-9][0-9]{0,2})\\.(0|[1-9][0-9]{0,2})\\.(0|[1-9][0-9]{0,2})\\.(0|[1-9][0-9]{0,2})");

    private SocketAddressText() {}

    static Optional<InetSocketAddress> parse(String text) {
        Matcher shape = SHAPE.matcher(text);
        if (!shape.matches()) {
            return Optional.empty();
        }
        int port = Integer.parseInt(shape.group(3));
        if (port > PORT_MAX) {
            return Optional.empty();
        }
        Optional<InetAddress> ip = shape.group(1) == null ? ipv4(shape.group(2)) : ipv6(shape.group(1));
        return ip.map(address -> new InetSocketAddress(address, port));
    }

    /** Guesses what was meant by a text that is no address; empty if there is nothing to say. */
    static String advice(String text, int usualPort) {
        if (ipv4(text).isPresent()) {
            return "with its usual port write \"%s:%d\"".formatted(text, usualPort);
        }
        if (text.startsWith("[") && text.endsWith("]")) {
            return "with its usual port write \"%s:%d\"".formatted(text, usualPort);
        }
        if (ipv6(text).isPresent()) {
            return "with its usual port write \"[%s]:%d\"".formatted(text, usualPort);
        }
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        String port = colon < 0 ? "" : text.substring(colon + 1);
        boolean isPort = !port.isEmpty() && port.length() <= 5 && port.chars().allMatch(SocketAddressText::isDigit);
        if (isPort && Integer.parseInt(port) > PORT_MAX) {
            return "ports go up to " + PORT_MAX;
        }
        if (isPort && (host.isEmpty() || host.equals("*"))) {
            return "for all addresses write \"[::]:%s\"".formatted(port);
        }
        if (host.equals("localhost")) {
            return "names are not looked up; write \"127.0.0.1:%s\"".formatted(isPort ? port : usualPort);
        }
        if (host.chars().anyMatch(c -> Character.isLetter(c) && Character.digit(c, 16) < 0)) {
            return "names are not looked up; write the address";
        }
        return "";
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static Optional<InetAddress> ipv4(String text) {
        Matcher octets = OCTETS.matcher(text);
        if (!octets.matches()) {
            return Optional.empty();
        }
        for (int i = 1; i <= 4; i++) {
            if (Integer.parseInt(octets.group(i)) > 255) {
                return Optional.empty();
            }
        }
        return Optional.of(Inet4Address.ofLiteral(text));
    }

    private static Optional<InetAddress> ipv6(String text) {
        if (text.indexOf(':') < 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(Inet6Address.ofLiteral(text));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
