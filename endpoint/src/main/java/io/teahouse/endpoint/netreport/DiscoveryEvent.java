package io.teahouse.endpoint.netreport;

import java.net.InetSocketAddress;
import java.time.Duration;

/** What has come of asking a relay. */
public sealed interface DiscoveryEvent {
    /**
     * {@return who was asked}
     */
    DiscoveryTarget target();

    /**
     * The relay has told at which address it sees us, for the first time or because it is another one now.
     *
     * @param target    who was asked
     * @param address   ours, as it sees it; never an IPv4 address in the form of an IPv6 one
     * @param roundTrip the shortest so far
     */
    record AddressSeen(DiscoveryTarget target, InetSocketAddress address, Duration roundTrip)
            implements DiscoveryEvent {}

    /**
     * It has not. The target is forgotten and may be asked again.
     *
     * @param target who was asked
     * @param reason why not
     */
    record Failed(DiscoveryTarget target, DiscoveryFailure reason) implements DiscoveryEvent {}

    /**
     * It has, but the connection by which it would tell of changes is over. The target is forgotten and may be asked again.
     *
     * @param target who was asked
     */
    record Lost(DiscoveryTarget target) implements DiscoveryEvent {}
}
