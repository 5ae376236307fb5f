package io.teahouse.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import io.teahouse.relay.server.access.Project;
import io.teahouse.relay.server.access.TokenAccess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables {@code [access.tokens.projects.NAME]}: what comes of them, and of those that are wrong. */
class ProjectsReaderTest {
    private static final EndpointId ISSUER = id(1);
    private static final EndpointId OTHER_ISSUER = id(2);
    private static final EndpointId THIRD_ISSUER = id(3);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private static EndpointId id(int number) {
        var seed = new byte[SecretKey.LENGTH];
        seed[0] = (byte) number;
        return SecretKey.fromBytes(seed).endpointId();
    }

    private static RelayFile parse(String toml) throws ConfigException {
        return RelayFile.parse("relay.toml", toml, false, Map.of());
    }

    private static String problems(String toml) {
        return String.valueOf(
                catchThrowableOfType(ConfigException.class, () -> parse(toml)).getMessage());
    }

    @Test
    void aProjectHasItsIssuersAndItsLimits() throws Exception {
        var issuers = Files.writeString(directory.resolve("issuers"), OTHER_ISSUER + " # the old one\n");
        var file = parse("""
                [access.tokens]
                issuers = ["%s"]
                [access.tokens.projects.tea]
                issuers = ["%s"]
                issuers_file = "%s"
                max_clients = 500
                rx.bytes_per_second = 1000000
                rx.max_burst_bytes = 5000
                rx_total_bytes_per_second = 20000000
                [access.tokens.projects.coffee]
                issuers = []
                [limits.rx]
                bytes_per_second = 100000000
                """.formatted(THIRD_ISSUER, ISSUER, issuers));

        assertThat(file.server().access().projects())
                .containsExactly(
                        new Project("coffee", Set.of(), Project.Limits.NONE),
                        new Project(
                                "tea",
                                Set.of(ISSUER, OTHER_ISSUER),
                                new Project.Limits(
                                        500,
                                        Optional.of(new ReceiveLimit(1_000_000, 5000)),
                                        Optional.of(ReceiveLimit.ofRate(20_000_000)))));
        assertThat(((TokenAccess) file.server().access()).rules().issuers()).hasSize(3);
        assertThat(file.whoMayUse())
                .isEqualTo("endpoints with a token of the 3 issuers of access.tokens, with 2 projects");
        assertThat(file.server().isolateProjects()).isTrue();
        assertThat(file.server().receiveLimit()).hasValue(ReceiveLimit.ofRate(100_000_000));
        assertThat(file.notices()).isEmpty();
        assertThat(file.effective())
                .contains(new Setting(
                        "access.tokens.projects.tea.max_clients", Optional.of("500"), Optional.of(Place.atLine(6))))
                .contains(new Setting("access.tokens.projects.coffee.max_clients", Optional.empty(), Optional.empty()));
    }

    @Test
    void projectsAreEnough() throws Exception {
        var file = parse("""
                access.tokens.isolate_projects = false
                access.tokens.projects.tea.issuers = ["%s"]
                """.formatted(ISSUER));
        assertThat(file.whoMayUse())
                .isEqualTo("endpoints with a token of the 1 issuer of access.tokens, with 1 project");
        assertThat(file.server().isolateProjects()).isFalse();
    }

    @Test
    void anIssuerOfTwoProjectsIsReportedWithBoth() {
        assertThat(problems("""
                access.tokens.issuers = ["%1$s"]
                [access.tokens.projects.coffee]
                issuers = ["%2$s"]
                [access.tokens.projects.tea]
                issuers = ["%1$s", "%2$s"]
                """.formatted(ISSUER, OTHER_ISSUER)).lines().sorted())
                .containsExactlyInAnyOrder(
                        "relay.toml: 2 problems, nothing was started",
                        "relay.toml:5: access.tokens.projects.tea: %s (expected: issuers of one project only)"
                                .formatted(ISSUER),
                        "    it is one of access.tokens.issuers, for clients of no project as well",
                        "relay.toml:5: access.tokens.projects.tea: %s (expected: issuers of one project only)"
                                .formatted(OTHER_ISSUER),
                        "    it is one of access.tokens.projects.coffee as well");
    }

    @Test
    void whatIsWrongWithAProjectIsReported() {
        assertThat(problems("""
                [access.tokens.projects.tea]
                max_clients = 0
                max_burst = 1
                rx.max_burst_bytes = 100
                rx_total_bytes_per_second = 9
                [access.tokens.projects."a b"]
                issuers = []
                [access.tokens.projects]
                coffee = "hunter2"
                """)).isEqualTo("""
                relay.toml: 7 problems, nothing was started
                relay.toml:1: access.tokens.projects.tea.issuers: missing
                    name the keys that sign tokens for project tea, or an issuers_file with them
                relay.toml:2: access.tokens.projects.tea.max_clients: 0 (expected: a whole number of clients, 1 to 2147483647)
                relay.toml:3: access.tokens.projects.tea.max_burst: unknown key
                    known here: issuers, issuers_file, max_clients, rx, rx_total_bytes_per_second
                relay.toml:4: access.tokens.projects.tea.rx.bytes_per_second: missing
                    max_burst_bytes is set, and a burst needs a rate
                relay.toml:5: access.tokens.projects.tea.rx_total_bytes_per_second: 9 (expected: a whole number of bytes per second, 10 to 4294967295)
                relay.toml:8: access.tokens.projects."a b": "a b" (expected: a name of 1 to 64 letters, digits, - and _)
                relay.toml:9: access.tokens.projects.coffee: a text (expected: a table, [access.tokens.projects.coffee])""");
    }

    @Test
    void thereAreAThousandProjectsAtMost() {
        assertThat(problems(IntStream.rangeClosed(0, 1000)
                        .mapToObj("access.tokens.projects.p%d.issuers = []\n"::formatted)
                        .collect(Collectors.joining())))
                .contains("access.tokens.projects: 1001 projects (expected: at most 1000)");
    }
}
