package io.teahouse.relay.server.access;

import io.teahouse.core.EndpointId;
import java.util.Optional;
import java.util.Set;

/** Allows by endpoint id alone: those in a list, or all but those. */
final class EndpointRule implements AccessControl {
    static final EndpointRule EVERYONE = new EndpointRule(Set.of(), false);

    private final Set<EndpointId> listed;
    private final boolean allowedWhenListed;

    EndpointRule(Set<EndpointId> listed, boolean allowedWhenListed) {
        this.listed = listed;
        this.allowedWhenListed = allowedWhenListed;
    }

    @Override
    public Decision onConnect(ConnectRequest request) {
        if (allows(request.endpointId())) {
            return Decision.allow();
        }
        return Decision.deny(allowedWhenListed ? Denial.NOT_LISTED : Denial.LISTED);
    }

    @Override
    public boolean mayStay(EndpointId endpointId, Optional<String> authToken, Optional<String> project) {
        return allows(endpointId);
    }

    private boolean allows(EndpointId endpointId) {
        return listed.contains(endpointId) == allowedWhenListed;
    }

    @Override
    public boolean mayBlock() {
        return false;
    }
}
