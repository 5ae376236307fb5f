package io.teahouse.endpoint.netreport;

import io.teahouse.quic.CloseCause;

/** Why a relay has not told our address. */
public sealed interface DiscoveryFailure {
    /** Nothing came back: UDP is blocked on the way, or nobody listens there. */
    record Silence() implements DiscoveryFailure {}

    /** Something came back, but no address before the time was up. */
    record TooSlow() implements DiscoveryFailure {}

    /**
     * The connection came to an end: it is no relay that can do this, or its certificate is not good.
     *
     * @param cause who ended it, and why
     */
    record Refused(CloseCause cause) implements DiscoveryFailure {}
}
