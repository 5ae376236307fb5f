package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.core.token.Capability;
import io.teahouse.core.token.RelayToken;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.TokenAccess;
import io.teahouse.relay.server.access.TokenRules;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A token is taken back while endpoints that showed it are connected. */
class RevocationTest {
    /** A driver's exit code when its relay does not let it in. */
    private static final int NOT_ONLINE = 3;

    @ParameterizedTest
    @EnumSource
    void whoseTokenIsTakenBackIsGoneAndOthersStay(Peer peer) throws Exception {
        try (var relay = RelayServer.builder()
                .access(AccessControl.sharedTokens(Set.of("oolong", "sencha")))
                .start()) {
            var url = URI.create(relay.url());
            try (var stays = PeerProcess.listen(peer, url, "--token", "oolong").awaitOnline();
                    var goes =
                            PeerProcess.listen(peer, url, "--token", "sencha").awaitOnline()) {
                assertThat(relay.connectedEndpoints()).isEqualTo(2);

                relay.setAccess(AccessControl.sharedTokens(Set.of("oolong")));

                expectOnly(relay, EndpointId.parse(stays.id()));
                assertThat(goes.events("connected")).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoseIssuerIsRemovedIsGoneAndEndpointsOfOthersStay(Peer peer) throws Exception {
        var random = new SecureRandom();
        var issuer = SecretKey.generate(random);
        var removed = SecretKey.generate(random);
        try (var relay = RelayServer.builder().access(tokensOf(issuer, removed)).start()) {
            var url = URI.create(relay.url());
            var stays = SecretKey.generate(random);
            try (var first = listen(peer, url, stays, issuer).awaitOnline();
                    var second = listen(peer, url, SecretKey.generate(random), removed)
                            .awaitOnline();
                    var stranger = listen(peer, url, SecretKey.generate(random), SecretKey.generate(random))) {
                assertThat(relay.connectedEndpoints()).isEqualTo(2);

                relay.setAccess(tokensOf(issuer));

                expectOnly(relay, stays.endpointId());
                assertThat(stranger.awaitExit()).isEqualTo(NOT_ONLINE);
                assertThat(first.id()).isNotEqualTo(second.id());
            }
        }
    }

    private static AccessControl tokensOf(SecretKey... issuers) {
        var ids = Arrays.stream(issuers).map(SecretKey::endpointId).collect(Collectors.toSet());
        return new TokenAccess(
                new TokenRules(ids, TokenRules.DEFAULT_CLOCK_SKEW_SECONDS), true, InstantSource.system());
    }

    /** An endpoint with a token of an issuer, which waits no longer than 3 s to be online. */
    private static PeerProcess listen(Peer peer, URI relay, SecretKey key, SecretKey issuer) throws Exception {
        var token = RelayToken.mint(
                issuer,
                key.endpointId(),
                Set.of(Capability.RELAY_USE),
                OptionalLong.of(Instant.now().getEpochSecond() + 60));
        return PeerProcess.listen(
                peer,
                relay,
                "--secret-hex",
                HexFormat.of().formatHex(key.toBytes()),
                "--token",
                token.toText(),
                "--online-timeout",
                "3");
    }

    /** Waits until all others are gone; whether they are in time is for the relay's own tests. */
    private static void expectOnly(RelayServer relay, EndpointId stays) {
        long deadline = System.nanoTime() + Program.DEADLINE.toNanos();
        while (relay.connectedEndpoints() > 1) {
            assertThat(System.nanoTime()).as("still connected").isLessThan(deadline);
            Thread.onSpinWait();
        }
        assertThat(relay.disconnect(stays, Optional.empty())).isTrue();
    }
}
