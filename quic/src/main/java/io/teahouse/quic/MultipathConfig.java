package io.teahouse.quic;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;

/**
 * What connections do with several paths (iroh QUIC spec, sections 1.8, 2 and 4).
 *
 * @param paths        how many paths there may be at a time, 1 to 64; each costs connection ids and some memory
 * @param directIdle   after how long without a word a path over UDP is given up, while there is another
 * @param relayIdle    the same for all other paths
 * @param candidates   how many addresses of the peer are probed for a path through NATs, up to 255; 0 to do without
 * @param reachesIpv6  whether our sockets can send to IPv6 addresses; if not, those of the peer are not probed
 */
public record MultipathConfig(int paths, Duration directIdle, Duration relayIdle, int candidates, boolean reachesIpv6) {
    /** What iroh endpoints announce and do. */
    public static final MultipathConfig DEFAULT =
            new MultipathConfig(8, Duration.ofSeconds(15), Duration.ofSeconds(30), 32, true);

    private static final int MAX_PATHS = 64;
    private static final int MAX_CANDIDATES = 255;

    /** Checks the numbers. */
    public MultipathConfig {
        if (paths < 1 || paths > MAX_PATHS) {
            throw new IllegalArgumentException("paths: %d (expected: 1 to %d)".formatted(paths, MAX_PATHS));
        }
        if (candidates < 0 || candidates > MAX_CANDIDATES) {
            throw new IllegalArgumentException(
                    "candidates: %d (expected: 0 to %d)".formatted(candidates, MAX_CANDIDATES));
        }
    }

    /** How long a path may be silent. */
    long idleNanos(SocketAddress remote) {
        return (remote instanceof InetSocketAddress ? directIdle : relayIdle).toNanos();
    }
}
