package io.teahouse.relay.server.forwarding;

import io.teahouse.core.EndpointId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected.
 *
 * <p>There is one {@link Realm} for all, and others for projects whose clients are to reach only each other. Reached from
 * {@link Admission}, which enters a client, from {@link ClientConnection}, which looks up destinations and takes itself out, and
 * from the server's owner. Safe for use by many threads; no lock is shared by all clients.
 */
public final class ClientRegistry {
    private final Realm common = new Realm();

    /** All that may have clients. */
    private final Set<Realm> realms = ConcurrentHashMap.newKeySet();

    /** Creates a registry of nobody. */
    public ClientRegistry() {
        realms.add(common);
    }

    /** Returns the realm of those who have none of their own. */
    Realm common() {
        return common;
    }

    /** Makes a realm of nobody. */
    Realm newRealm() {
        var realm = new Realm();
        realms.add(realm);
        return realm;
    }

    /** Forgets a realm, once its clients have gone; not {@link #common}. */
    void retire(Realm realm) {
        if (realm != common) {
            realm.retired = true;
            forgetIfEmpty(realm);
        }
    }

    private void forgetIfEmpty(Realm realm) {
        if (realm.retired && realm.endpoints.isEmpty()) {
            realms.remove(realm);
        }
    }

    /** Enters a connection, which is the active one of its endpoint from now on; tells the one that it displaced. */
    RegisteredEndpoint register(ClientConnection connection) {
        var realm = connection.realm();
        while (true) {
            var endpoint =
                    realm.endpoints.computeIfAbsent(connection.endpointId(), id -> new RegisteredEndpoint(realm, id));
            var change = endpoint.add(connection);
            if (change == null) {
                realm.endpoints.remove(endpoint.id, endpoint);
                continue;
            }
            tell(change.displaced(), ClientConnection::onDisplaced);
            tell(change.evicted(), ClientConnection::onEvicted);
            return endpoint;
        }
    }

    /**
     * Takes a connection out, and tells whoever this concerns.
     *
     * @param sentTo whom it had sent to
     * @return whether it was an inactive one
     */
    boolean unregister(ClientConnection connection, RegisteredEndpoint endpoint, Set<RegisteredEndpoint> sentTo) {
        var change = endpoint.remove(connection, sentTo);
        tell(change.reactivated(), ClientConnection::onReactivated);
        if (endpoint.active == null) {
            endpoint.realm.endpoints.remove(endpoint.id, endpoint);
            forgetIfEmpty(endpoint.realm);
        }
        tellGone(endpoint, change.gone());
        return change.wasInactive();
    }

    private void tellGone(RegisteredEndpoint gone, Set<RegisteredEndpoint> sentTo) {
        if (sentTo.isEmpty()) {
            return;
        }
        var told = new HashSet<RegisteredEndpoint>();
        for (var destination : sentTo) {
            // One that has left since may be back, as another, which may have been sent to as well.
            var present = destination.active == null ? destination.realm.find(destination.id) : destination;
            if (present != null && destination != gone && told.add(present)) {
                tell(present.active, receiver -> receiver.onGone(gone.id));
            }
        }
    }

    /**
     * {@return how many endpoints are connected}
     */
    public int size() {
        return realms.stream().mapToInt(realm -> realm.endpoints.size()).sum();
    }

    /**
     * Ends connections of one endpoint, of whatever project; returns before they are down.
     *
     * @param endpointId   whose
     * @param connectionId which of them; empty for all, active or not
     * @return whether there was one
     */
    public boolean disconnect(EndpointId endpointId, Optional<Long> connectionId) {
        boolean found = false;
        for (var connection : connectionsOf(endpointId)) {
            if (connectionId.isEmpty() || connectionId.get() == connection.connectionId()) {
                found = true;
                tell(connection, ClientConnection::onDisconnectRequest);
            }
        }
        return found;
    }

    /**
     * Does something with each connection, on the thread of its loop.
     *
     * @param action what to do
     */
    void forEach(Consumer<ClientConnection> action) {
        for (var realm : realms) {
            for (var endpoint : realm.endpoints.values()) {
                for (var connection : endpoint.connections()) {
                    tell(connection, action);
                }
            }
        }
    }

    /** Shows each connection, on the caller's thread: only for what any thread may read. */
    void visit(Consumer<ClientConnection> action) {
        for (var realm : realms) {
            realm.endpoints.values().forEach(endpoint -> endpoint.connections().forEach(action));
        }
    }

    /** Returns the connections of one endpoint, active or not, of whatever project. */
    List<ClientConnection> connectionsOf(EndpointId endpointId) {
        var connections = new ArrayList<ClientConnection>();
        for (var realm : realms) {
            var endpoint = realm.find(endpointId);
            if (endpoint != null) {
                connections.addAll(endpoint.connections());
            }
        }
        return connections;
    }

    private static void tell(@Nullable ClientConnection connection, Consumer<ClientConnection> what) {
        if (connection != null) {
            connection.runOnLoop(what);
        }
    }
}
