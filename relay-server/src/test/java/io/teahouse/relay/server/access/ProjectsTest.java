package io.teahouse.relay.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.core.token.Capability;
import io.teahouse.core.token.RelayToken;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.access.AccessControl.Decision;
import io.teahouse.relay.server.access.Project.Limits;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose client one is, by its token, and for how long. */
class ProjectsTest {
    private static final long NOW = 1_800_000_000;
    private static final SecretKey TEA = key(1);
    private static final SecretKey COFFEE = key(2);
    private static final SecretKey NOBODYS = key(3);
    private static final EndpointId CLIENT = key(4).endpointId();
    private static final List<Project> BOTH = List.of(project("tea", TEA), project("coffee", COFFEE));

    private static SecretKey key(int number) {
        var seed = new byte[SecretKey.LENGTH];
        seed[0] = (byte) number;
        return SecretKey.fromBytes(seed);
    }

    private static Project project(String name, SecretKey issuer) {
        return new Project(name, Set.of(issuer.endpointId()), Limits.NONE);
    }

    private static TokenAccess access(List<Project> projects, boolean required, boolean closeOnExpiry) {
        return new TokenAccess(
                Set.of(NOBODYS.endpointId()),
                projects,
                new TokenAccess.Terms(30, required, closeOnExpiry),
                () -> Instant.ofEpochSecond(NOW));
    }

    private static Optional<String> token(SecretKey issuer, OptionalLong expiry) {
        return Optional.of(RelayToken.mint(issuer, CLIENT, Set.of(Capability.RELAY_USE), expiry)
                .toText());
    }

    private static Optional<String> token(SecretKey issuer) {
        return token(issuer, OptionalLong.empty());
    }

    private static Decision decide(TokenAccess access, Optional<String> token) {
        return access.onConnect(new ConnectRequest(
                1,
                CLIENT,
                ProtocolVersion.V2,
                "/relay",
                List.of(),
                List.of(),
                token,
                new InetSocketAddress("192.0.2.1", 1234)));
    }

    private static Decision allow(Optional<String> project) {
        return new Decision.Allow(project, Optional.empty(), Optional.empty());
    }

    @Test
    void theIssuerOfItsTokenSaysWhoseClientOneIs() {
        var access = access(BOTH, true, false);
        assertThat(decide(access, token(TEA))).isEqualTo(allow(Optional.of("tea")));
        assertThat(decide(access, token(COFFEE))).isEqualTo(allow(Optional.of("coffee")));
        assertThat(decide(access, token(NOBODYS))).isEqualTo(allow(Optional.empty()));
        assertThat(decide(access, token(key(9))))
                .isEqualTo(new Decision.Deny(Optional.empty(), Denial.UNKNOWN_ISSUER, Optional.empty()));
    }

    @Test
    void aDenialIsCountedInTheProjectThatTheTokenNames() {
        assertThat(decide(access(BOTH, true, false), token(TEA, OptionalLong.of(1))))
                .isEqualTo(new Decision.Deny(Optional.empty(), Denial.EXPIRED, Optional.of("tea")));
    }

    private static Decision letInDespite(TokenRefusal flaw) {
        return new Decision.Allow(Optional.empty(), Optional.empty(), Optional.of(flaw));
    }

    @Test
    void whoIsLetInWithoutAGoodTokenIsOfNoProject() {
        var access = access(BOTH, false, true);
        assertThat(decide(access, token(TEA, OptionalLong.of(1)))).isEqualTo(letInDespite(TokenRefusal.EXPIRED));
        assertThat(decide(access, Optional.empty())).isEqualTo(letInDespite(TokenRefusal.NO_TOKEN));
        assertThat(decide(access, token(TEA))).isEqualTo(allow(Optional.of("tea")));
    }

    @ParameterizedTest
    @ValueSource(longs = {-30, 0, 1, 86_400})
    void whereThatIsWantedOneStaysToTheEndOfTheLastSecondOfItsToken(long expiresIn) {
        var token = token(TEA, OptionalLong.of(NOW + expiresIn));
        assertThat(decide(access(BOTH, true, true), token))
                .isEqualTo(new Decision.Allow(
                        Optional.of("tea"), Optional.of(Duration.ofSeconds(expiresIn + 30 + 1)), Optional.empty()));
        assertThat(decide(access(BOTH, true, false), token)).isEqualTo(allow(Optional.of("tea")));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, NOW + 400L * 365 * 86_400})
    void aTokenThatHoldsForAgesOrForeverDoesNotEndAStay(long expiry) {
        var access = access(BOTH, true, true);
        assertThat(decide(access, token(TEA, OptionalLong.of(expiry)))).isEqualTo(allow(Optional.of("tea")));
        assertThat(decide(access, token(TEA))).isEqualTo(allow(Optional.of("tea")));
    }

    @Test
    void oneMayStayWhileItsIssuerIsOfItsProject() {
        var tea = Optional.of("tea");
        Optional<String> none = Optional.empty();
        var access = access(BOTH, true, false);
        assertThat(access.mayStay(CLIENT, token(TEA), tea)).isTrue();
        assertThat(access.mayStay(CLIENT, token(TEA), none)).isFalse();
        assertThat(access.mayStay(CLIENT, token(COFFEE), tea)).isFalse();
        assertThat(access.mayStay(CLIENT, token(NOBODYS), tea)).isFalse();
        assertThat(access.mayStay(CLIENT, token(NOBODYS), none)).isTrue();
        assertThat(access.mayStay(CLIENT, none, tea)).isFalse();
        assertThat(access.mayStay(CLIENT, none, none)).isTrue();

        // Where everybody is let in, nobody of no project has to go.
        var open = access(BOTH, false, false);
        assertThat(open.mayStay(CLIENT, token(TEA, OptionalLong.of(1)), none)).isTrue();
        assertThat(open.mayStay(CLIENT, token(COFFEE), tea)).isFalse();
    }

    @Test
    void anIssuerIsOfOneProject() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> access(List.of(project("tea", TEA), project("coffee", TEA)), true, false))
                .withMessage("issuer: %s is of project tea and of project coffee (expected: of one)", TEA.endpointId());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> access(List.of(project("tea", NOBODYS)), true, false))
                .withMessage(
                        "issuer: %s is of those of no project and of project tea (expected: of one)",
                        NOBODYS.endpointId());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> access(List.of(project("tea", TEA), project("tea", COFFEE)), true, false))
                .withMessageStartingWith("project: tea is there twice");
    }

    @Test
    void thereAreAThousandProjectsAtMost() {
        var projects = IntStream.rangeClosed(0, Project.MAX)
                .mapToObj(n -> new Project("p" + n, Set.of(), Limits.NONE))
                .toList();
        assertThat(access(projects.subList(1, projects.size()), true, false).projects())
                .hasSize(Project.MAX);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> access(projects, true, false))
                .withMessage("projects: 1001 (expected: at most 1000)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "tea\"", "té", "a.b", "a\nb"})
    void aNameIsPlain(String name) {
        assertThat(Project.isName(name)).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> new Project(name, Set.of(), Limits.NONE));
    }
}
