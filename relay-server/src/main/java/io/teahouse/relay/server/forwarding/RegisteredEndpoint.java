package io.teahouse.relay.server.forwarding;

import io.teahouse.core.EndpointId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint that is connected, in its realm, with all its connections: the active one, which receives, and those that newer ones
 * displaced (iroh relay spec, section 4.5).
 *
 * <p>Made and ended by {@link ClientRegistry}; after its end it never comes back, a new connection makes a new one.
 * {@link #active} may be read by every thread, all else is guarded by the object's monitor, which nobody holds for long.
 */
final class RegisteredEndpoint {
    /** Displaced connections of one endpoint at most; the one that was displaced first goes. */
    static final int MAX_INACTIVE = 4;

    final Realm realm;
    final EndpointId id;

    /** The connection that receives; none only before the first is registered and after the end. */
    volatile @Nullable ClientConnection active;

    private final ArrayDeque<ClientConnection> inactive = new ArrayDeque<>(0);

    /** Whom those of its connections that have ended had sent to. */
    private Set<RegisteredEndpoint> sentTo = Set.of();

    private boolean ended;

    /** What happened when a connection was added or removed: who is to be told. */
    record Change(
            @Nullable ClientConnection displaced,
            @Nullable ClientConnection evicted,
            @Nullable ClientConnection reactivated,
            boolean wasInactive,
            Set<RegisteredEndpoint> gone) {
        static final Change NONE = new Change(null, null, null, false, Set.of());
    }

    RegisteredEndpoint(Realm realm, EndpointId id) {
        this.realm = realm;
        this.id = id;
    }

    /** Makes a connection the active one; returns null if this endpoint has ended and a new one is to be made. */
    synchronized @Nullable Change add(ClientConnection connection) {
        if (ended) {
            return null;
        }
        var displaced = active;
        active = connection;
        if (displaced == null) {
            return Change.NONE;
        }
        inactive.addLast(displaced);
        var evicted = inactive.size() > MAX_INACTIVE ? inactive.pollFirst() : null;
        return new Change(displaced, evicted, null, false, Set.of());
    }

    /**
     * Takes a connection away. The one displaced last becomes active if it was the active one; without any the endpoint
     * has ended, and {@link Change#gone} are those who are to hear of it.
     *
     * @param connectionSentTo whom this connection had sent to
     */
    synchronized Change remove(ClientConnection connection, Set<RegisteredEndpoint> connectionSentTo) {
        remember(connectionSentTo);
        if (connection != active) {
            return new Change(null, null, null, inactive.remove(connection), Set.of());
        }
        var next = inactive.pollLast();
        active = next;
        if (next != null) {
            return new Change(null, null, next, false, Set.of());
        }
        ended = true;
        var gone = sentTo;
        sentTo = Set.of();
        return new Change(null, null, null, false, gone);
    }

    /** Returns all connections, active or not. */
    synchronized List<ClientConnection> connections() {
        var all = new ArrayList<>(inactive);
        if (active != null) {
            all.add(active);
        }
        return all;
    }

    private void remember(Set<RegisteredEndpoint> destinations) {
        if (sentTo.isEmpty()) {
            sentTo = destinations;
            return;
        }
        if (!destinations.isEmpty()) {
            sentTo = new HashSet<>(sentTo);
            for (var destination : destinations) {
                if (sentTo.size() >= SentTo.MAX) {
                    break;
                }
                sentTo.add(destination);
            }
        }
    }
}
