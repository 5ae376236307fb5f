package io.teahouse.relay.server.forwarding;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Whom one connection has sent to, so that they can be told when it goes (iroh relay spec, section 4.6).
 *
 * <p>Forgets those who have gone themselves whenever it has doubled, so it is never much larger than the number of
 * endpoints that are there; above {@link #MAX} a destination is not noted, and is not told. Not thread-safe: confined to
 * the connection's loop.
 */
final class SentTo {
    /** Destinations that one connection can have noted. */
    static final int MAX = 16_384;

    private static final int FIRST_SWEEP = 64;

    private final Set<RegisteredEndpoint> destinations = Collections.newSetFromMap(new IdentityHashMap<>(4));
    private int sweepAt = FIRST_SWEEP;

    /** Notes a destination; does nothing if it is noted already. */
    void add(RegisteredEndpoint destination) {
        if (destinations.size() >= sweepAt) {
            destinations.removeIf(noted -> noted.active == null);
            sweepAt = Math.max(FIRST_SWEEP, 2 * destinations.size());
        }
        if (destinations.size() < MAX) {
            destinations.add(destination);
        }
    }

    /** Returns all that are noted; not to be used by another thread while this one adds. */
    Set<RegisteredEndpoint> all() {
        return destinations;
    }
}
