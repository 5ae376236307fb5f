package io.teahouse.cli.report;

import java.net.Inet4Address;
import java.net.InetAddress;

/** A version of IP. */
enum Family {
    IPV4("IPv4"),
    IPV6("IPv6");

    private final String words;

    Family(String words) {
        this.words = words;
    }

    static Family of(InetAddress address) {
        return address instanceof Inet4Address ? IPV4 : IPV6;
    }

    @Override
    public String toString() {
        return words;
    }
}
