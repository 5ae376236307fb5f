package io.teahouse.relay.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.access.AccessControl.Decision;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tokens that many share: who shows one of them is let in, whoever it is. */
class SharedTokenRuleTest {
    private static final EndpointId ID = SecretKey.generate(new SecureRandom()).endpointId();

    private final AccessControl rule = AccessControl.sharedTokens(List.of("first", "second \u2615", "third"));

    @Test
    void whoShowsOneOfTheTokensIsAllowed() throws Exception {
        for (var token : List.of("first", "second \u2615", "third")) {
            assertThat(decide(rule, Optional.of(token))).isEqualTo(Decision.allow());
        }
    }

    @Test
    void whoShowsNoneOrAnotherIsDeniedInTheUsualWords() throws Exception {
        assertThat(decide(rule, Optional.empty())).isEqualTo(Decision.deny(Denial.NO_TOKEN));
        for (var token : List.of("", "firs", "first ", " first", "First", "first,second", "firstfirst")) {
            assertThat(decide(rule, Optional.of(token))).as(token).isEqualTo(Decision.deny(Denial.WRONG_TOKEN));
        }
    }

    @Test
    void whenTheyTakeOverThoseStayWhoCameWithAToken() {
        assertThat(rule.mayStay(ID, Optional.of("third"), Optional.empty())).isTrue();
        assertThat(rule.mayStay(ID, Optional.of("fourth"), Optional.empty())).isFalse();
        assertThat(rule.mayStay(ID, Optional.empty(), Optional.empty())).isFalse();
    }

    @Test
    void noTokenAndAnEmptyTokenAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> AccessControl.sharedTokens(List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AccessControl.sharedTokens(List.of("hunter2", "")))
                .withMessageNotContaining("hunter2");
    }

    @Test
    void theListIsCopiedAndNeverShown() throws Exception {
        var tokens = new ArrayList<>(List.of("hunter2"));
        var copied = AccessControl.sharedTokens(tokens);

        tokens.add("late");

        assertThat(decide(copied, Optional.of("late"))).isEqualTo(Decision.deny(Denial.WRONG_TOKEN));
        assertThat(copied.toString()).doesNotContain("hunter2");
    }

    @Test
    void itDoesNotBlock() {
        assertThat(rule.mayBlock()).isFalse();
    }

    private static Decision decide(AccessControl rule, Optional<String> token) throws Exception {
        return rule.onConnect(new ConnectRequest(
                1,
                ID,
                ProtocolVersion.V2,
                "/relay",
                List.of(),
                List.of(),
                token,
                new InetSocketAddress("192.0.2.1", 1234)));
    }
}
