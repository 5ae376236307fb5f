package io.teahouse.relay.server.access;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One of several tenants of a relay: whose tokens make a client its client, and what its clients may do together.
 *
 * <p>Immutable.
 *
 * @param name    what metrics and log call it: 1 to 64 letters of ASCII, digits, {@code -} and {@code _}
 * @param issuers keys whose tokens count for it; nobody's if empty
 * @param limits  what its clients may do
 */
public record Project(String name, Set<EndpointId> issuers, Limits limits) {
    /** Projects of one relay at most: each is a label in the metrics. */
    public static final int MAX = 1000;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    /**
     * What the clients of a project may do.
     *
     * @param maxClients      how many endpoints may be connected, 1 or more
     * @param clientReceive   how much each client may send; empty for as much as clients of no project
     * @param receiveTogether how much all of them may send together; empty for as much as they can
     */
    public record Limits(int maxClients, Optional<ReceiveLimit> clientReceive, Optional<ReceiveLimit> receiveTogether) {
        /** No limits of its own. */
        public static final Limits NONE = new Limits(Integer.MAX_VALUE, Optional.empty(), Optional.empty());

        /** Refuses null and less than one client. */
        public Limits {
            Objects.requireNonNull(clientReceive, "clientReceive");
            Objects.requireNonNull(receiveTogether, "receiveTogether");
            if (maxClients < 1) {
                throw new IllegalArgumentException("maxClients: %d (expected: 1 or more)".formatted(maxClients));
            }
        }
    }

    /** Copies the set, and refuses what is no name. */
    public Project {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "project: \"%s\" is no name (expected: 1 to 64 letters, digits, - and _)".formatted(name));
        }
        issuers = Set.copyOf(issuers);
        Objects.requireNonNull(limits, "limits");
    }

    /**
     * {@return whether a project may be called so}
     *
     * @param text any text
     */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }
}
