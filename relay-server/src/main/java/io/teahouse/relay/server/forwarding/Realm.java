package io.teahouse.relay.server.forwarding;

import io.teahouse.core.EndpointId;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints that can reach each other, and nobody else: all of a relay, or those of one project. An endpoint that is in two
 * realms is two endpoints. Safe for use by many threads.
 */
final class Realm {
    final ConcurrentHashMap<EndpointId, RegisteredEndpoint> endpoints = new ConcurrentHashMap<>();

    /** Set once no more clients are let into it; it is forgotten with its last one. */
    volatile boolean retired;

    /** Returns the endpoint of an id if it is connected. */
    @Nullable
    RegisteredEndpoint find(EndpointId id) {
        return endpoints.get(id);
    }
}
