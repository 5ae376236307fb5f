package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.SecretKey;
import io.teahouse.core.token.Capability;
import io.teahouse.core.token.RelayToken;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.Project;
import io.teahouse.relay.server.access.TokenAccess;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Endpoints of two projects on one relay. */
class ProjectsTest {
    /** The driver's exit status when nobody answers whom it dials. */
    private static final int NOT_CONNECTED = 4;

    private final SecureRandom random = new SecureRandom();
    private final SecretKey teaIssuer = SecretKey.generate(random);
    private final SecretKey coffeeIssuer = SecretKey.generate(random);

    @Test
    void endpointsReachThoseOfTheirProjectAndNoOthersAndOneProjectCanBeTakenBack() throws Exception {
        var listenerKey = SecretKey.generate(random);
        var coffeeKey = SecretKey.generate(random);
        try (var relay = RelayServer.builder()
                .access(access(project("tea", teaIssuer), project("coffee", coffeeIssuer)))
                .start()) {
            var url = URI.create(relay.url());
            try (var listener = PeerProcess.listen(Peer.PYTHON, url, of(listenerKey, teaIssuer))
                            .awaitOnline();
                    var ofCoffee = PeerProcess.listen(Peer.PYTHON, url, of(coffeeKey, coffeeIssuer))
                            .awaitOnline()) {
                try (var friend = connect(url, listener, teaIssuer, "30")) {
                    friend.awaitSuccess();
                }
                try (var stranger = connect(url, listener, coffeeIssuer, "3")) {
                    stranger.await("online");
                    assertThat(stranger.awaitExit()).isEqualTo(NOT_CONNECTED);
                    assertThat(stranger.events("connected")).isEmpty();
                }
                assertThat(listener.events("connected")).hasSize(1);

                relay.setAccess(access(project("tea"), project("coffee", coffeeIssuer)));

                long deadline = System.nanoTime() + Program.DEADLINE.toNanos();
                while (relay.disconnect(listenerKey.endpointId(), Optional.empty())) {
                    assertThat(System.nanoTime()).as("still connected").isLessThan(deadline);
                    Thread.onSpinWait();
                }
                try (var friend = connect(url, ofCoffee, coffeeIssuer, "30")) {
                    friend.awaitSuccess();
                }
                assertThat(relay.disconnect(coffeeKey.endpointId(), Optional.empty()))
                        .isTrue();
            }
        }
    }

    private static Project project(String name, SecretKey... issuers) {
        var ids = Arrays.stream(issuers).map(SecretKey::endpointId).toList();
        return new Project(name, Set.copyOf(ids), Project.Limits.NONE);
    }

    private static AccessControl access(Project... projects) {
        return new TokenAccess(
                Set.of(), List.of(projects), new TokenAccess.Terms(30, true, false), InstantSource.system());
    }

    private PeerProcess connect(URI relay, PeerProcess listener, SecretKey issuer, String timeout) throws Exception {
        var options = new ArrayList<>(List.of(of(SecretKey.generate(random), issuer)));
        options.addAll(List.of("--expect", "relay", "--connect-timeout", timeout));
        return PeerProcess.connect(Peer.PYTHON, relay, listener.id(), options.toArray(String[]::new));
    }

    /** Options of an endpoint with a token of an issuer, which has no way but the relay. */
    private static String[] of(SecretKey key, SecretKey issuer) {
        var token = RelayToken.mint(
                issuer,
                key.endpointId(),
                Set.of(Capability.RELAY_USE),
                OptionalLong.of(Instant.now().getEpochSecond() + 60));
        return new String[] {
            "--secret-hex", HexFormat.of().formatHex(key.toBytes()), "--token", token.toText(), "--relay-only"
        };
    }
}
