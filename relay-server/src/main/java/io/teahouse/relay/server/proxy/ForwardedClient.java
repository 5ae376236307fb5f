package io.teahouse.relay.server.proxy;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * Who is at the other end of a chain of proxies, by what they wrote into a request: each one adds, at the end, the address that
 * it was called from.
 *
 * <p>Read from the end, past those that are trusted: the first address that is not trusted is the client. Whatever stands before
 * it was the client's to write, and is not looked at. If all are trusted, the first of the chain is the client.
 *
 * @param address the client's, with port 0 where none was told; that of the last proxy that is known, if this one did not tell
 *                whom it serves
 * @param trouble why nothing more is known, if that is so
 */
public record ForwardedClient(InetSocketAddress address, Optional<String> trouble) {
    /** Longer chains are not followed. */
    static final int MAX_HOPS = 32;

    /**
     * {@return the client of a request}
     *
     * @param proxies which are trusted and what they write
     * @param peer    the trusted proxy from which the request came
     * @param lines   the values of the header that is asked for, in order
     */
    public static ForwardedClient find(Proxies proxies, InetSocketAddress peer, List<String> lines) {
        var source = proxies.told().orElseThrow();
        var known = peer;
        int hops = 0;
        for (var line : lines.reversed()) {
            var list = new ListFromItsEnd(line);
            for (var hop = list.next(); hop.isPresent(); hop = list.next()) {
                if (++hops > MAX_HOPS) {
                    return new ForwardedClient(
                            known, Optional.of("%s with more than %d addresses".formatted(source.text(), MAX_HOPS)));
                }
                var address = source == ClientAddressSource.FORWARDED
                        ? ForwardedElement.client(hop.get()).flatMap(HopAddress::parse)
                        : HopAddress.parse(hop.get());
                if (address.isEmpty()) {
                    return new ForwardedClient(
                            known, Optional.of("%s without an address in its place".formatted(source.text())));
                }
                known = address.get();
                if (!proxies.trusts(known.getAddress())) {
                    return new ForwardedClient(known, Optional.empty());
                }
            }
        }
        return new ForwardedClient(known, hops > 0 ? Optional.empty() : Optional.of("no " + source.text()));
    }
}
