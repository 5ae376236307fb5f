package io.teahouse.relay.server.forwarding;

import io.teahouse.core.EndpointId;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected.
 *
 * <p>Reached from {@link Admission}, which enters a client, from {@link ClientConnection}, which looks up destinations
 * and takes itself out, and from the server's owner. Safe for use by many threads; no lock is shared by all clients.
 */
public final class ClientRegistry {
    private final ConcurrentHashMap<EndpointId, RegisteredEndpoint> endpoints = new ConcurrentHashMap<>();

    /** Creates a registry of nobody. */
    public ClientRegistry() {}

    /** Enters a connection, which is the active one of its endpoint from now on; tells the one that it displaced. */
    RegisteredEndpoint register(ClientConnection connection) {
        while (true) {
            var endpoint = endpoints.computeIfAbsent(connection.endpointId(), RegisteredEndpoint::new);
            var change = endpoint.add(connection);
            if (change == null) {
                endpoints.remove(endpoint.id, endpoint);
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
            endpoints.remove(endpoint.id, endpoint);
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
            var present = destination.active == null ? endpoints.get(destination.id) : destination;
            if (present != null && destination != gone && told.add(present)) {
                tell(present.active, receiver -> receiver.onGone(gone.id));
            }
        }
    }

    /** Returns the endpoint of an id if it is connected. */
    @Nullable
    RegisteredEndpoint find(EndpointId id) {
        return endpoints.get(id);
    }

    /**
     * {@return how many endpoints are connected}
     */
    public int size() {
        return endpoints.size();
    }

    /**
     * Ends connections of one endpoint; returns before they are down.
     *
     * @param endpointId   whose
     * @param connectionId which of them; empty for all, active or not
     * @return whether there was one
     */
    public boolean disconnect(EndpointId endpointId, Optional<Long> connectionId) {
        var endpoint = endpoints.get(endpointId);
        if (endpoint == null) {
            return false;
        }
        boolean found = false;
        for (var connection : endpoint.connections()) {
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
        for (var endpoint : endpoints.values()) {
            for (var connection : endpoint.connections()) {
                tell(connection, action);
            }
        }
    }

    /** Shows each connection, on the caller's thread: only for what any thread may read. */
    void visit(Consumer<ClientConnection> action) {
        endpoints.values().forEach(endpoint -> endpoint.connections().forEach(action));
    }

    private static void tell(@Nullable ClientConnection connection, Consumer<ClientConnection> what) {
        if (connection != null) {
            connection.runOnLoop(what);
        }
    }
}
