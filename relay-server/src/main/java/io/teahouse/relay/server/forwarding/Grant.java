package io.teahouse.relay.server.forwarding;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.time.Timer;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What let a connection in. Immutable.
 *
 * @param access       the rules that allowed it, which hear of its end
 * @param connectionId its number, by which they know it
 * @param authToken    what it showed, if anything
 * @param failures     hears when the rules fail
 * @param tenant       whose client it is
 * @param endNanos     when it has to go, on the server's clock; {@link Timer#NEVER} if it may stay
 * @param client       where the client is, as the rules were told
 */
record Grant(
        AccessControl access,
        long connectionId,
        Optional<String> authToken,
        AccessFailures failures,
        Tenant tenant,
        long endNanos,
        InetSocketAddress client) {

    /** Tells the rules, and the tenant that has taken it in, that the connection has ended. */
    void end(EndpointId endpointId) {
        tenant.leave(endpointId);
        endBefore(endpointId);
    }

    /** Tells the rules only: no tenant has taken it in. */
    void endBefore(EndpointId endpointId) {
        try {
            access.onDisconnect(endpointId, connectionId);
        } catch (RuntimeException | Error e) {
            failures.report("access control: failed when told of a disconnect", e);
        }
    }

    /** Returns the same for a connection whose tenant is known. */
    Grant within(Tenant known, long end) {
        return new Grant(access, connectionId, authToken, failures, known, end, client);
    }

    /** Returns whether the connection may stay under the rules that hold now; rules that fail keep nobody. */
    boolean holdsUnder(AccessControl present, EndpointId endpointId) {
        if (present.equals(access)) {
            return true;
        }
        try {
            return present.mayStay(endpointId, authToken, tenant.project());
        } catch (RuntimeException | Error e) {
            failures.report("access control: failed, client is disconnected", e);
            return false;
        }
    }
}
