package io.teahouse.core;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Who an endpoint is and how it may be reached. With no address at all, it has to be looked up by its id.
 *
 * <p>Immutable.
 *
 * @param id        the endpoint
 * @param addresses in their order, each once; cannot be changed
 */
public record EndpointAddress(EndpointId id, SortedSet<TransportAddress> addresses) {
    /**
     * Creates an address.
     *
     * @param id        the endpoint
     * @param addresses copied and put into their own order
     */
    public EndpointAddress {
        addresses = Collections.unmodifiableSortedSet(new TreeSet<>((Collection<TransportAddress>) addresses));
    }

    /**
     * {@return an endpoint with these addresses}
     *
     * @param id        the endpoint
     * @param addresses in any order; duplicates count once
     */
    public static EndpointAddress of(EndpointId id, TransportAddress... addresses) {
        return new EndpointAddress(id, new TreeSet<>(List.of(addresses)));
    }

    /**
     * {@return the relays among the addresses, usually one or none, in their order}
     */
    public List<RelayUrl> relays() {
        return addresses.stream()
                .filter(TransportAddress.Relay.class::isInstance)
                .map(address -> ((TransportAddress.Relay) address).url())
                .toList();
    }
}
