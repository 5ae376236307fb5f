package io.teahouse.relay.server.forwarding;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.server.access.AccessControl;
import java.util.Optional;

/**
 * What let a connection in. Immutable.
 *
 * @param access       the rules that allowed it, which hear of its end
 * @param connectionId its number, by which they know it
 * @param authToken    what it showed, if anything
 */
record Grant(AccessControl access, long connectionId, Optional<String> authToken) {
    private static final System.Logger LOG = System.getLogger(Grant.class.getName());

    /** Tells the rules that the connection has ended. */
    void end(EndpointId endpointId) {
        try {
            access.onDisconnect(endpointId, connectionId);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, "access control: failed when told of a disconnect", e);
        }
    }

    /** Returns whether the connection may stay under the rules that hold now; rules that fail keep nobody. */
    boolean holdsUnder(AccessControl present, EndpointId endpointId) {
        if (present.equals(access)) {
            return true;
        }
        try {
            return present.mayStay(endpointId, authToken);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, "access control: failed, client is disconnected", e);
            return false;
        }
    }
}
