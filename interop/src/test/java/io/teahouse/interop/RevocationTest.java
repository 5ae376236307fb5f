package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.access.AccessControl;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A token is taken back while endpoints that showed it are connected. */
class RevocationTest {
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

                long deadline = System.nanoTime() + Program.DEADLINE.toNanos();
                while (relay.connectedEndpoints() > 1) {
                    assertThat(System.nanoTime()).as("still connected").isLessThan(deadline);
                    Thread.onSpinWait();
                }
                assertThat(relay.disconnect(EndpointId.parse(goes.id()), Optional.empty()))
                        .isFalse();
                assertThat(relay.disconnect(EndpointId.parse(stays.id()), Optional.empty()))
                        .isTrue();
            }
        }
    }
}
