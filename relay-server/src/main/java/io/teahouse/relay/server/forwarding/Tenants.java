package io.teahouse.relay.server.forwarding;

import io.teahouse.relay.server.access.Project;
import io.teahouse.relay.server.metrics.Figure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * The projects that the present rules know, and what stands for clients of none. Safe for use by many threads.
 */
final class Tenants {
    private final RelayService service;
    private final List<ForwardingLoop> loops;
    private final boolean isolated;
    private final Tenant unnamed;
    private volatile Map<String, Tenant> projects = Map.of();

    /**
     * Knows no projects.
     *
     * @param service  the relay
     * @param loops    its forwarding loops
     * @param isolated whether clients of different projects cannot reach each other
     */
    Tenants(RelayService service, List<ForwardingLoop> loops, boolean isolated) {
        this.service = service;
        this.loops = loops;
        this.isolated = isolated;
        this.unnamed = new Tenant(Optional.empty(), service.registry().common(), service, loops);
    }

    /** Knows these projects from now on. One that was known keeps its clients and its counts, and gets its new limits. */
    synchronized void apply(Collection<Project> present) {
        var next = new TreeMap<String, Tenant>();
        for (var project : present) {
            var known = projects.get(project.name());
            var tenant = known == null ? create(project.name()) : known;
            tenant.setLimits(project.limits());
            next.put(project.name(), tenant);
        }
        var before = projects;
        projects = next;
        before.forEach((name, tenant) -> {
            if (!next.containsKey(name)) {
                service.registry().retire(tenant.realm());
            }
        });
    }

    private Tenant create(String name) {
        var registry = service.registry();
        return new Tenant(Optional.of(name), isolated ? registry.newRealm() : registry.common(), service, loops);
    }

    /** Returns the tenant of a project, or the one of clients of none; empty if the project is not known. */
    Optional<Tenant> find(Optional<String> project) {
        return project.isEmpty() ? Optional.of(unnamed) : Optional.ofNullable(projects.get(project.get()));
    }

    Tenant unnamed() {
        return unnamed;
    }

    /** Returns whether a tenant is still there, and no other one of its name. */
    boolean has(Tenant tenant) {
        return find(tenant.project()).filter(tenant::equals).isPresent();
    }

    /** Returns what the metrics show of each project, those of one name next to each other. */
    List<Figure> figures() {
        var figures = new ArrayList<Figure>();
        var present = projects;
        present.forEach((name, tenant) -> figures.add(
                Figure.gauge("project_clients", "Endpoints of a project that are connected.", tenant::clients)
                        .with("project", name)));
        add(
                figures,
                present,
                "project_bytes_received",
                "Bytes that came from clients of a project.",
                TenantLoop::received);
        add(figures, present, "project_bytes_sent", "Bytes that were sent to clients of a project.", TenantLoop::sent);
        add(
                figures,
                present,
                "project_datagrams_dropped",
                "Number of datagram frames of clients of a project that were dropped before they waited.",
                TenantLoop::dropped);
        present.forEach((name, tenant) -> figures.add(Figure.counter(
                        "project_access_denied",
                        "Number of clients with a token in the name of a project that were turned away.",
                        tenant::denied)
                .with("project", name)));
        return List.copyOf(figures);
    }

    private static void add(
            List<Figure> figures,
            Map<String, Tenant> present,
            String metric,
            String help,
            ToLongFunction<TenantLoop> count) {
        present.forEach((name, tenant) -> figures.add(
                Figure.counter(metric, help, () -> tenant.sum(count)).with("project", name)));
    }
}
