package io.teahouse.relay.server.access;

import io.teahouse.core.EndpointId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whose tokens count, and for which project. Immutable.
 *
 * @param rules    what a token must be, with the issuers of all
 * @param projects the projects
 * @param owners   the project of each issuer that belongs to one
 */
record TokenIssuers(TokenRules rules, List<Project> projects, Map<EndpointId, String> owners) {
    /**
     * Puts them together.
     *
     * @throws IllegalArgumentException if two projects have one name, an issuer belongs to more than one, or there are too many
     */
    static TokenIssuers of(Set<EndpointId> unnamed, List<Project> projects, long clockSkewSeconds) {
        if (projects.size() > Project.MAX) {
            throw new IllegalArgumentException(
                    "projects: %d (expected: at most %d)".formatted(projects.size(), Project.MAX));
        }
        var names = new HashSet<String>();
        var owners = new HashMap<EndpointId, String>();
        for (var project : projects) {
            if (!names.add(project.name())) {
                throw new IllegalArgumentException(
                        "project: %s is there twice (expected: one of each name)".formatted(project.name()));
            }
            for (var issuer : project.issuers()) {
                var before = owners.putIfAbsent(issuer, project.name());
                if (before != null || unnamed.contains(issuer)) {
                    throw new IllegalArgumentException("issuer: %s is of %s and of project %s (expected: of one)"
                            .formatted(
                                    issuer,
                                    before == null ? "those of no project" : "project " + before,
                                    project.name()));
                }
            }
        }
        var all = new HashSet<>(unnamed);
        all.addAll(owners.keySet());
        return new TokenIssuers(new TokenRules(all, clockSkewSeconds), List.copyOf(projects), Map.copyOf(owners));
    }

    Optional<String> projectOf(EndpointId issuer) {
        return Optional.ofNullable(owners.get(issuer));
    }
}
