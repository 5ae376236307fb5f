package io.teahouse.relay.server.forwarding;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.server.access.AccessControl;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What let a connection in. Immutable.
 *
 * @param access       the rules that allowed it, which hear of its end
 * @param connectionId its number, by which they know it
 * @param authToken    what it showed, if anything
 * @param failures     hears when the rules fail
 * @param client       where the client is, as the rules were told
 */
record Grant(
        AccessControl access,
        long connectionId,
        Optional<String> authToken,
        AccessFailures failures,
        InetSocketAddress client) {
    /** Tells the rules that the connection has ended. */
    void end(EndpointId endpointId) {
        try {
            access.onDisconnect(endpointId, connectionId);
        } catch (RuntimeException | Error e) {
            failures.report("access control: failed when told of a disconnect", e);
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
            failures.report("access control: failed, client is disconnected", e);
            return false;
        }
    }
}
