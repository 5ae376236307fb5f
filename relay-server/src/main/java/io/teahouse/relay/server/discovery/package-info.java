/**
 * Address discovery: tells endpoints, over QUIC, at which address this relay sees them (iroh QUIC spec, section 3).
 *
 * <p>{@code DiscoveryServer} has the socket and the thread, {@code DiscoveryService} what is
 * done with datagrams. It shares nothing with the loops that forward but the certificate, and knows nothing of them.
 */
@NullMarked
package io.teahouse.relay.server.discovery;

import org.jspecify.annotations.NullMarked;
