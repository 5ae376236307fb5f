package io.teahouse.relay.server.access;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which service is asked who may use a relay, and how ({@link AccessControl#callout}; iroh relay spec, section 6).
 *
 * <p>Immutable.
 *
 * @param url           where it is: {@code http} or {@code https}, with a host, without user name and password
 * @param bearerToken   what the relay shows to it, if anything; printable ASCII
 * @param timeout       how long an answer may take, from the connect to the last byte; 10 ms to 30 s
 * @param cacheFor      how long a yes is remembered, so that the service is not asked; 0 (never) to 1 h
 * @param failOpen      whether clients are let in while the service cannot be reached, takes too long, or answers with a status
 *                      of 500 or above
 * @param maxConcurrent how many requests may be under way, 1 to 10000; more wait, as long as their clients have for their
 *                      admission
 * @param sendClientIp  whether the service is told the address that a client comes from, as {@code x-teahouse-client-ip}
 */
public record HttpCallout(
        URI url,
        Optional<String> bearerToken,
        Duration timeout,
        Duration cacheFor,
        boolean failOpen,
        int maxConcurrent,
        boolean sendClientIp) {

    /** How long an answer may take when nothing is said. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    /** How many requests may be under way when nothing is said. */
    public static final int DEFAULT_MAX_CONCURRENT = 64;

    /** The shortest {@link #timeout}. */
    public static final Duration MIN_TIMEOUT = Duration.ofMillis(10);

    /** The longest {@link #timeout}. */
    public static final Duration MAX_TIMEOUT = Duration.ofSeconds(30);

    /** The longest {@link #cacheFor}. */
    public static final Duration MAX_CACHE = Duration.ofHours(1);

    /** The largest {@link #maxConcurrent}. */
    public static final int MAX_CONCURRENT = 10_000;

    /** Unlike {@link URI}, this takes names with an underscore, which container networks have. */
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?");

    private static final Pattern PRINTABLE = Pattern.compile("[ -~]+");

    /** Refuses what is out of range; no message repeats the token. */
    public HttpCallout {
        require(isUsable(url), "url: not http:// or https:// with a host, or with a user name");
        require(
                bearerToken.isEmpty() || isUsable(bearerToken.get()),
                "bearerToken: empty or unprintable (expected: printable ASCII)");
        require(
                timeout.compareTo(MIN_TIMEOUT) >= 0 && timeout.compareTo(MAX_TIMEOUT) <= 0,
                "timeout: %s (expected: 10 ms to 30 s)".formatted(timeout));
        require(
                !cacheFor.isNegative() && cacheFor.compareTo(MAX_CACHE) <= 0,
                "cacheFor: %s (expected: 0 to 1 h)".formatted(cacheFor));
        require(
                maxConcurrent >= 1 && maxConcurrent <= MAX_CONCURRENT,
                "maxConcurrent: %d (expected: 1 to %d)".formatted(maxConcurrent, MAX_CONCURRENT));
    }

    private static void require(boolean isSo, String otherwise) {
        if (!isSo) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /**
     * {@return a callout without a token: 5 s for an answer, nothing remembered, nobody let in when the service fails, 64
     * requests at once, no client addresses}
     *
     * @param url where the service is
     */
    public static HttpCallout of(URI url) {
        return new HttpCallout(
                url, Optional.empty(), DEFAULT_TIMEOUT, Duration.ZERO, false, DEFAULT_MAX_CONCURRENT, false);
    }

    /**
     * {@return whether a service can be asked there}
     *
     * @param url any URL
     */
    public static boolean isUsable(URI url) {
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        String authority = url.getRawAuthority();
        if (authority == null || !(scheme.equals("http") || scheme.equals("https"))) {
            return false;
        }
        Matcher parts = AUTHORITY.matcher(authority);
        if (!parts.matches()) {
            return false;
        }
        int port = parts.group(2) == null ? 1 : Integer.parseInt(parts.group(2));
        return port >= 1 && port <= 0xFFFF;
    }

    /**
     * {@return whether a token can be in a header}
     *
     * @param bearerToken any text
     */
    public static boolean isUsable(String bearerToken) {
        return PRINTABLE.matcher(bearerToken).matches();
    }

    /** Returns whether the service is asked over TLS. */
    boolean isSecure() {
        return url.getScheme().equalsIgnoreCase("https");
    }

    /** Returns the name or address of the service, an IPv6 address without its brackets. */
    String host() {
        String host = authorityPart(1);
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    int port() {
        String port = authorityPart(2);
        return port.isEmpty() ? usualPort() : Integer.parseInt(port);
    }

    private int usualPort() {
        return isSecure() ? 443 : 80;
    }

    private String authorityPart(int group) {
        Matcher parts = AUTHORITY.matcher(url.getRawAuthority());
        if (!parts.matches() || parts.group(group) == null) {
            return "";
        }
        return parts.group(group).toLowerCase(Locale.ROOT);
    }

    /** Returns the host, with the port unless it is the scheme's usual one. */
    String hostHeader() {
        return port() == usualPort() ? authorityPart(1) : authorityPart(1) + ":" + port();
    }

    /** Returns path and query as they are asked for. */
    String target() {
        var ascii = URI.create(url.toASCIIString());
        String path = ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
        return ascii.getRawQuery() == null ? path : path + "?" + ascii.getRawQuery();
    }

    /**
     * {@return scheme, host and port: what can be shown of the URL, whose query may hold a secret}
     */
    public String origin() {
        return (isSecure() ? "https://" : "http://") + hostHeader();
    }

    /** Shows no secret. */
    @Override
    public String toString() {
        return "HttpCallout[%s, timeout %s, cache for %s, fail open %s, at most %d, client's IP %s]"
                .formatted(origin(), timeout, cacheFor, failOpen, maxConcurrent, sendClientIp);
    }
}
