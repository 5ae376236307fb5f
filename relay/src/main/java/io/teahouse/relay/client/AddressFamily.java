package io.teahouse.relay.client;

/** One of the two kinds of IP addresses. */
public enum AddressFamily {
    /** Four bytes. */
    IPV4("IPv4"),
    /** Sixteen bytes. */
    IPV6("IPv6");

    private final String words;

    AddressFamily(String words) {
        this.words = words;
    }

    AddressFamily other() {
        return this == IPV4 ? IPV6 : IPV4;
    }

    @Override
    public String toString() {
        return words;
    }
}
