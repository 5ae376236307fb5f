package io.teahouse.core;

import java.util.Optional;

/**
 * Names a relay: an absolute URL, normalised by the URL Standard (iroh relay spec, section 1.2).
 *
 * <p>Identity is equality of the normalised text, order is its order. A dot at the end of the host is part of the
 * text, so with and without it are two relays. Any scheme is taken, and even {@code localhost:3340} is a URL, of
 * scheme {@code localhost} and without a host; whether a URL can be dialled shows when it is.
 *
 * <p>Immutable.
 */
public final class RelayUrl implements Comparable<RelayUrl> {
    private static final int PORT_PLAIN = 80;
    private static final int PORT_TLS = 443;

    private final UrlParts parts;
    private final String text;

    private RelayUrl(UrlParts parts) {
        this.parts = parts;
        this.text = parts.write();
    }

    /**
     * {@return the URL that a text spells, normalised}
     *
     * @param text blanks around it are skipped
     * @throws FormatException if it is no absolute URL, or a file URL; the message does not repeat the text, which
     *                         may contain a password or token
     */
    public static RelayUrl parse(String text) throws FormatException {
        return new RelayUrl(UrlParts.parse(text));
    }

    /**
     * {@return whether it is dialled by TLS: all schemes but {@code http} and {@code ws} are}
     */
    public boolean isTls() {
        return !parts.scheme().equals("http") && !parts.scheme().equals("ws");
    }

    /**
     * {@return the host to resolve and to expect in its certificate: a domain, perhaps with a dot at its end, or an
     * address without brackets; empty if the URL has none, and then it cannot be dialled}
     */
    public String host() {
        String host = parts.host().orElse("");
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /**
     * {@return the port to dial, 0 to 65535: the URL's, else 443 with TLS and 80 without}
     */
    public int port() {
        if (parts.port() >= 0) {
            return parts.port();
        }
        return isTls() ? PORT_TLS : PORT_PLAIN;
    }

    /**
     * {@return host and port as the URL has them, which is what a {@code Host} header says: the port only if it is
     * not the scheme's default, an IPv6 address in brackets}
     */
    public String authority() {
        return parts.host().orElse("") + (parts.port() >= 0 ? ":" + parts.port() : "");
    }

    /**
     * {@return the query, escaped and without its question mark}
     */
    public Optional<String> query() {
        return parts.query();
    }

    /**
     * {@return {@code user} or {@code user:password}, escaped}
     */
    public Optional<String> userInfo() {
        return Optional.of(parts.userInfo()).filter(userInfo -> !userInfo.isEmpty());
    }

    @Override
    public int compareTo(RelayUrl other) {
        return text.compareTo(other.text);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RelayUrl that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /**
     * {@return the normalised text, ASCII only}
     */
    @Override
    public String toString() {
        return text;
    }
}
