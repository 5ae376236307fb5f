package io.teahouse.relay.server.proxy;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What stands between a relay and its clients, if anything does.
 *
 * <p>A client's address counts for the limit of connections for each address, for access control and in the log. A proxy's
 * word for it counts only if the proxy is trusted: everybody else can write the same. Immutable.
 *
 * @param trusted   where proxies are that are trusted; connections from there do not count against the limit for each address,
 *                  the clients behind them do
 * @param told      how they tell whom they serve; empty if the relay is not to listen to them
 * @param urlPrefix under which path the main listener answers too, beside the root: empty, or such as {@code /iroh}
 */
public record Proxies(List<AddressRange> trusted, Optional<ClientAddressSource> told, String urlPrefix) {
    private static final Pattern PREFIX = Pattern.compile("(/[A-Za-z0-9._~-]+)*");

    /** There are none. */
    public static final Proxies NONE = new Proxies(List.of(), Optional.empty(), "");

    /** Copies the list; refuses proxies that tell and are not trusted, trusted ones that tell nothing, and prefixes that are no path. */
    public Proxies {
        trusted = List.copyOf(trusted);
        if (trusted.isEmpty() == told.isPresent()) {
            throw new IllegalArgumentException(
                    "trusted: %s, told: %s (expected: both or neither)".formatted(trusted, told));
        }
        if (!isUrlPrefix(urlPrefix)) {
            throw new IllegalArgumentException(
                    "urlPrefix: \"%s\" (expected: empty, or a path such as /iroh without a slash at its end)"
                            .formatted(urlPrefix));
        }
    }

    /**
     * {@return proxies that tell for whom they speak}
     *
     * @param told    how they tell it
     * @param trusted where they are
     */
    public static Proxies trusting(ClientAddressSource told, AddressRange... trusted) {
        return new Proxies(List.of(trusted), Optional.of(told), "");
    }

    /**
     * {@return the same, with a path under which the main listener answers too}
     *
     * @param urlPrefix empty, or such as {@code /iroh}
     */
    public Proxies withUrlPrefix(String urlPrefix) {
        return new Proxies(trusted, told, urlPrefix);
    }

    /**
     * {@return whether a text can be a {@link #urlPrefix}}
     *
     * @param text any text
     */
    public static boolean isUrlPrefix(String text) {
        return PREFIX.matcher(text).matches();
    }

    /**
     * {@return whether an address is that of a trusted proxy}
     *
     * @param address any address
     */
    public boolean trusts(InetAddress address) {
        for (var range : trusted) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /**
     * {@return whether every connection of a trusted proxy begins with a header of the PROXY protocol}
     */
    public boolean speakProxyProtocol() {
        return told.equals(Optional.of(ClientAddressSource.PROXY_PROTOCOL));
    }
}
