package io.teahouse.relay.server.forwarding;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.server.access.Project;
import io.teahouse.relay.server.limit.FairRate;
import io.teahouse.relay.server.limit.SharedRate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A project while the relay runs, or what stands for it where a client is of no project: whom its clients can reach, what they
 * may do, and what they have done.
 *
 * <p>Made by {@link Tenants}; the limits change when the rules do. Safe for use by many threads; what is counted on an event
 * loop is in {@link TenantLoop}.
 */
final class Tenant {
    private final Optional<String> project;
    private final Realm realm;
    private final List<TenantLoop> loops;
    private final FairRate.Part part = new FairRate.Part();
    private final LongAdder denied = new LongAdder();

    /** How many connections an endpoint has, for those of a project; guarded by itself. */
    private final Map<EndpointId, Integer> clients = new HashMap<>();

    private volatile Project.Limits limits = Project.Limits.NONE;
    private volatile @Nullable SharedRate rate;

    /**
     * Creates a tenant without clients.
     *
     * @param project the project's name, if it is one
     * @param realm   whom its clients can reach
     * @param service the relay
     * @param on      its forwarding loops, by their number
     */
    Tenant(Optional<String> project, Realm realm, RelayService service, List<ForwardingLoop> on) {
        this.project = project;
        this.realm = realm;
        this.loops =
                on.stream().map(loop -> new TenantLoop(this, service, loop)).toList();
    }

    /** Returns the project's name, if it is one. */
    Optional<String> project() {
        return project;
    }

    Realm realm() {
        return realm;
    }

    /** Returns what belongs to this on a loop. */
    TenantLoop on(ForwardingLoop loop) {
        return loops.get(loop.index());
    }

    Project.Limits limits() {
        return limits;
    }

    void setLimits(Project.Limits changed) {
        if (!limits.receiveTogether().equals(changed.receiveTogether())) {
            rate = changed.receiveTogether().map(SharedRate::new).orElse(null);
        }
        limits = changed;
    }

    /** Returns what its clients share, if they are held to a rate together. */
    @Nullable
    SharedRate rate() {
        return rate;
    }

    /** Returns what its clients have had of the whole relay's rate. */
    FairRate.Part part() {
        return part;
    }

    /** Takes in one more connection of a client; false if there are too many clients and this would be another one. */
    boolean enter(EndpointId client) {
        if (project.isEmpty()) {
            return true;
        }
        synchronized (clients) {
            if (clients.size() >= limits.maxClients() && !clients.containsKey(client)) {
                return false;
            }
            clients.merge(client, 1, Integer::sum);
            return true;
        }
    }

    /** Takes note that a connection that was taken in has ended. */
    void leave(EndpointId client) {
        if (project.isPresent()) {
            synchronized (clients) {
                clients.computeIfPresent(client, (_, count) -> count == 1 ? null : count - 1);
            }
        }
    }

    /** Returns how many endpoints are connected, or about to be. */
    int clients() {
        synchronized (clients) {
            return clients.size();
        }
    }

    void countDenied() {
        denied.increment();
    }

    long denied() {
        return denied.sum();
    }

    /** Returns what all loops have counted; it may be some moments old. */
    long sum(ToLongFunction<TenantLoop> count) {
        return loops.stream().mapToLong(count).sum();
    }
}
