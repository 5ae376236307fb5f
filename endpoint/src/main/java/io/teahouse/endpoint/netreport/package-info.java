/**
 * How an endpoint learns at which address others see it: it asks relays (address discovery over QUIC, iroh QUIC spec,
 * section 3.3).
 *
 * <p>{@link io.teahouse.endpoint.netreport.AddressDiscoveryClient} is a machine without sockets, threads or clocks, so that
 * it can share the socket that is used for peers: only there the address that is seen is the one at which they reach us.
 * {@link io.teahouse.endpoint.netreport.io} runs it on sockets of its own.
 */
@NullMarked
package io.teahouse.endpoint.netreport;

import org.jspecify.annotations.NullMarked;
