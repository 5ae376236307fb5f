package io.teahouse.relay.client;

import java.net.InetAddress;
import java.util.Optional;

/**
 * One entry of {@code NO_PROXY}.
 *
 * @param domain the domain that is dialled directly, and all below it; empty for all there are
 * @param range  in place of the domain, addresses
 * @param port   the only port that it is for; -1 for all
 */
record NoProxyRule(String domain, Optional<Range> range, int port) {
    /** Addresses that begin alike. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Range(byte[] prefix, int bits) {
        boolean contains(byte[] address) {
            if (address.length != prefix.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >>> (bit & 7);
                if (((address[bit >>> 3] ^ prefix[bit >>> 3]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Returns the rule that a text in lower case says; empty if it says none. */
    static Optional<NoProxyRule> parse(String text) {
        if (text.equals("*")) {
            return Optional.of(new NoProxyRule("", Optional.empty(), -1));
        }
        var hostAndPort = cutPort(text);
        var host = hostAndPort.domain;
        var range = range(host);
        if (range.isPresent()) {
            return Optional.of(new NoProxyRule("", range, hostAndPort.port));
        }
        var domain = host.startsWith("*.") ? host.substring(2) : host.startsWith(".") ? host.substring(1) : host;
        domain = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
        return domain.isEmpty()
                ? Optional.empty()
                : Optional.of(new NoProxyRule(domain, Optional.empty(), hostAndPort.port));
    }

    private static NoProxyRule cutPort(String text) {
        int colon = text.lastIndexOf(':');
        boolean isPort = colon >= 0
                && (text.indexOf(':') == colon || text.charAt(colon - 1) == ']')
                && text.substring(colon + 1).matches("[0-9]{1,5}");
        var host = isPort ? text.substring(0, colon) : text;
        var bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        return new NoProxyRule(bare, Optional.empty(), isPort ? Integer.parseInt(text.substring(colon + 1)) : -1);
    }

    private static Optional<Range> range(String text) {
        int slash = text.indexOf('/');
        var address = literal(slash < 0 ? text : text.substring(0, slash));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        int all = 8 * address.get().length;
        if (slash < 0) {
            return Optional.of(new Range(address.get(), all));
        }
        var bits = text.substring(slash + 1);
        return bits.matches("[0-9]{1,3}") && Integer.parseInt(bits) <= all
                ? Optional.of(new Range(address.get(), Integer.parseInt(bits)))
                : Optional.empty();
    }

    private static Optional<byte[]> literal(String text) {
        try {
            return text.isEmpty()
                    ? Optional.empty()
                    : Optional.of(InetAddress.ofLiteral(text).getAddress());
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** Returns whether a host, in lower case and without a dot at its end, is dialled directly at a port. */
    boolean matches(String host, int atPort) {
        if (port >= 0 && port != atPort) {
            return false;
        }
        if (range.isPresent()) {
            return literal(host).filter(range.get()::contains).isPresent();
        }
        return domain.isEmpty() || host.equals(domain) || host.endsWith("." + domain);
    }
}
