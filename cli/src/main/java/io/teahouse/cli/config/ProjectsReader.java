package io.teahouse.cli.config;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.access.Project;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the tables {@code [access.tokens.projects.NAME]}: the tenants of a relay and what they may do. */
final class ProjectsReader {
    /** Holds a table for each project, by its name. */
    static final String TABLE = "access.tokens.projects";

    private static final String NAME_EXPECTED = "a name of 1 to 64 letters, digits, - and _";

    private final Settings settings;
    private final List<Problem> problems;

    /** Whose each issuer is that was read so far, in words. */
    private final Map<EndpointId, String> owners = new HashMap<>();

    ProjectsReader(Settings settings, List<Problem> problems) {
        this.settings = settings;
        this.problems = problems;
    }

    /** All that are there, none of which has an issuer of another one or of those of no project. */
    List<Project> read(Set<EndpointId> ofNoProject) {
        ofNoProject.forEach(issuer -> owners.put(issuer, "access.tokens.issuers, for clients of no project"));
        var projects = new ArrayList<Project>();
        for (String name : settings.namesIn(TABLE)) {
            String table = TABLE + "." + Quoted.key(name);
            if (!Project.isName(name)) {
                problems.add(new Problem.BadValue(settings.place(TABLE), table, Quoted.text(name), NAME_EXPECTED, ""));
            } else if (settings.hasTable(table)) {
                project(name, table).ifPresent(projects::add);
            }
        }
        if (projects.size() > Project.MAX) {
            problems.add(new Problem.BadValue(
                    settings.place(TABLE),
                    TABLE,
                    projects.size() + " projects",
                    "at most %d".formatted(Project.MAX),
                    ""));
            return List.of();
        }
        return projects;
    }

    /** Empty if there is something wrong with its issuers. */
    private Optional<Project> project(String name, String table) {
        var limits = limits(table);
        var reader = new IssuersReader(settings, problems, table);
        if (!reader.isThere()) {
            problems.add(new Problem.Missing(
                    settings.place(table),
                    reader.listKey(),
                    "name the keys that sign tokens for project %s, or an issuers_file with them".formatted(name)));
        }
        var issuers = reader.read();
        boolean isTheirs = true;
        for (var issuer : issuers.stream()
                .sorted(Comparator.comparing(EndpointId::toString))
                .toList()) {
            String other = owners.putIfAbsent(issuer, table);
            if (other != null) {
                isTheirs = false;
                problems.add(new Problem.BadValue(
                        settings.place(settings.has(reader.listKey()) ? reader.listKey() : table),
                        table,
                        issuer.toString(),
                        "issuers of one project only",
                        "it is one of %s as well".formatted(other)));
            }
        }
        return isTheirs ? Optional.of(new Project(name, issuers, limits)) : Optional.empty();
    }

    private Project.Limits limits(String table) {
        String together = table + ".rx_total_bytes_per_second";
        var rate = settings.number(
                together, ReceiveLimit.MIN_BYTES_PER_SECOND, ReceiveLimit.MAX_BYTES, "bytes per second");
        return new Project.Limits(
                (int) settings.number(table + ".max_clients", 1, Integer.MAX_VALUE, "clients")
                        .orElse(Integer.MAX_VALUE),
                RateReader.read(settings, problems, table + ".rx"),
                rate.isPresent() ? Optional.of(ReceiveLimit.ofRate(rate.getAsLong())) : Optional.empty());
    }
}
