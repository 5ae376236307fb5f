package io.teahouse.cli.text;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;

/** Addresses as an operator writes and reads them. */
public final class AddressText {
    private AddressText() {}

    /**
     * {@return the address with its port, as configuration files write it: {@code 10.0.0.1:80}, {@code [::]:80}}
     *
     * @param address resolved
     */
    public static String of(InetSocketAddress address) {
        return host(address.getAddress()) + ":" + address.getPort();
    }

    /**
     * {@return what stands for an address in a URL: IPv6 in its short form and in brackets}
     *
     * @param address the address
     */
    public static String host(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address.getHostAddress();
        }
        return "[%s]".formatted(shortened(address.getHostAddress()));
    }

    /**
     * {@return a URL without a path}
     *
     * @param scheme {@code http} or {@code https}
     * @param host   as URLs write it
     * @param port   left out if it is the scheme's own
     */
    public static String url(String scheme, String host, int port) {
        int usualPort = scheme.equals("https") ? 443 : 80;
        return port == usualPort ? "%s://%s".formatted(scheme, host) : "%s://%s:%d".formatted(scheme, host, port);
    }

    /** Writes the longest run of zero groups as {@code ::} (RFC 5952, section 4.2). */
    private static String shortened(String eightGroups) {
        String[] groups = eightGroups.split(":", -1);
        int bestStart = 0;
        int bestLength = 0;
        for (int start = 0; start < groups.length; start++) {
            int end = start;
            while (end < groups.length && groups[end].equals("0")) {
                end++;
            }
            if (end - start > bestLength) {
                bestStart = start;
                bestLength = end - start;
            }
        }
        if (bestLength < 2) {
            return eightGroups;
        }
        return join(groups, 0, bestStart) + "::" + join(groups, bestStart + bestLength, groups.length);
    }

    private static String join(String[] groups, int from, int to) {
        return String.join(":", Arrays.asList(groups).subList(from, to));
    }
}
