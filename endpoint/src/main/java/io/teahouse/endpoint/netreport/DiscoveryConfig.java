package io.teahouse.endpoint.netreport;

import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.parameter.AddressDiscovery;
import io.teahouse.quic.stream.StreamLimits;
import java.security.cert.TrustAnchor;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * How relays are asked.
 *
 * @param anchors      who is trusted to issue certificates of relays, one at least
 * @param sharedSocket whether the socket is also used for peers: they are not told that the fixed bit may be zero, so neither
 *                     are relays
 * @param timeZero     the wall clock at 0 on the clock of nanoseconds, for certificates
 */
public record DiscoveryConfig(Set<TrustAnchor> anchors, boolean sharedSocket, Instant timeZero) {
    /** Below this relays are told that nothing more comes (iroh QUIC spec, section 1.8). */
    private static final Duration MAX_IDLE = Duration.ofSeconds(35);

    /** Keeps the connection, and the way through NATs for as long. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(25);

    /** Until one was measured. Shorter than usual: what is asked for is small, and an answer late is one too late. */
    private static final Duration INITIAL_RTT = Duration.ofMillis(111);

    /** Nobody opens streams on these connections. */
    private static final StreamLimits NO_STREAMS = new StreamLimits(65_536, 65_536, 0, 0, 65_536, 1);

    /** Copies the set. */
    public DiscoveryConfig {
        anchors = Set.copyOf(anchors);
        if (anchors.isEmpty()) {
            throw new IllegalArgumentException("anchors: none (expected: one at least, else no relay is trusted)");
        }
    }

    ConnectionConfig connections() {
        return new ConnectionConfig(
                MAX_IDLE,
                KEEP_ALIVE,
                NO_STREAMS,
                0,
                Optional.of(AddressDiscovery.RECEIVE),
                !sharedSocket,
                INITIAL_RTT,
                timeZero);
    }
}
