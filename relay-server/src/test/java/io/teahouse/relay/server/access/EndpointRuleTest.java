package io.teahouse.relay.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.access.AccessControl.Decision;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules that need nothing but an id, and the question that all rules are asked. */
class EndpointRuleTest {
    private static final EndpointId LISTED = newId();
    private static final EndpointId OTHER = newId();

    @Test
    void everyoneIsEveryone() throws Exception {
        assertThat(decide(AccessControl.everyone(), LISTED)).isEqualTo(Decision.allow());
    }

    @Test
    void anAllowlistAllowsThoseOnItAndAnEmptyOneNobody() throws Exception {
        var rule = AccessControl.allowlist(Set.of(LISTED));

        assertThat(decide(rule, LISTED)).isEqualTo(Decision.allow());
        assertThat(decide(rule, OTHER)).isEqualTo(Decision.deny(Denial.NOT_LISTED));
        assertThat(decide(AccessControl.allowlist(Set.of()), LISTED)).isEqualTo(Decision.deny(Denial.NOT_LISTED));
    }

    @Test
    void aDenylistDeniesThoseOnItAndAnEmptyOneNobody() throws Exception {
        var rule = AccessControl.denylist(Set.of(LISTED));

        assertThat(decide(rule, LISTED)).isEqualTo(Decision.deny(Denial.LISTED));
        assertThat(decide(rule, OTHER)).isEqualTo(Decision.allow());
        assertThat(decide(AccessControl.denylist(Set.of()), LISTED)).isEqualTo(Decision.allow());
    }

    @Test
    void aListIsCopied() throws Exception {
        var listed = new HashSet<EndpointId>();
        var rule = AccessControl.allowlist(listed);

        listed.add(LISTED);

        assertThat(decide(rule, LISTED)).isEqualTo(Decision.deny(Denial.NOT_LISTED));
    }

    @Test
    void noneOfThemBlocks() {
        assertThat(AccessControl.everyone().mayBlock()).isFalse();
        assertThat(AccessControl.allowlist(Set.of()).mayBlock()).isFalse();
        assertThat(AccessControl.denylist(Set.of()).mayBlock()).isFalse();
    }

    @Test
    void aRequestShowsNoSecretAndCannotBeChanged() {
        var headers = new ArrayList<Map.Entry<String, String>>();
        headers.add(Map.entry("authorization", "Bearer secret"));
        var request = new ConnectRequest(
                7,
                LISTED,
                ProtocolVersion.V2,
                "/relay?token=secret",
                List.of(Map.entry("token", "secret")),
                headers,
                Optional.of("secret"),
                new InetSocketAddress("192.0.2.1", 1234));

        headers.clear();

        assertThat(request.headers()).hasSize(1);
        assertThat(request.toString())
                .isEqualTo("ConnectRequest[connection 7 of %s from /192.0.2.1:1234]", LISTED.shortForm());
    }

    private static Decision decide(AccessControl rule, EndpointId id) throws Exception {
        return rule.onConnect(new ConnectRequest(
                1,
                id,
                ProtocolVersion.V2,
                "/relay",
                List.of(),
                List.of(),
                Optional.empty(),
                new InetSocketAddress("192.0.2.1", 1234)));
    }

    private static EndpointId newId() {
        return SecretKey.generate(new SecureRandom()).endpointId();
    }
}
