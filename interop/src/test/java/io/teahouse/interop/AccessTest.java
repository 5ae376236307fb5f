package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.access.AccessControl.Decision;
import java.util.Optional;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real endpoints meet a relay that asks for a token. */
class AccessTest {
    private static final String TOKEN = "oolong-7";
    private static final String FOR_THE_REFERENCE = "access.shared_token = [\"%s\"]".formatted(TOKEN);

    /** Exit status of a driver that found no relay in time; why, the packages do not tell. */
    private static final int NOT_ONLINE = 3;

    @RegisterExtension
    static final RelayUnderTest http = RelayUnderTest.http().with(AccessTest::askForToken, FOR_THE_REFERENCE);

    @RegisterExtension
    static final RelayUnderTest https = RelayUnderTest.https().with(AccessTest::askForToken, FOR_THE_REFERENCE);

    private static void askForToken(RelayServerConfig.Builder config) {
        config.access(request ->
                request.authToken().equals(Optional.of(TOKEN)) ? Decision.allow() : Decision.deny("no such token"));
    }

    @ParameterizedTest
    @EnumSource
    void theRightTokenOpensARelayOnHttp(Peer peer) throws Exception {
        try (var listener = PeerProcess.listen(peer, http, "--token", TOKEN)) {
            listener.awaitOnline();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theRightTokenOpensARelayBehindTls(Peer peer) throws Exception {
        try (var listener = PeerProcess.listen(peer, https, "--token", TOKEN)) {
            listener.awaitOnline();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aWrongTokenDoesNot(Peer peer) throws Exception {
        try (var listener = PeerProcess.listen(peer, http, "--token", "oolong-8", "--online-timeout", "3")) {
            assertThat(listener.awaitExit()).isEqualTo(NOT_ONLINE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCertificateThatTheEndpointDoesNotTrustKeepsItAway(Peer peer) throws Exception {
        try (var listener = PeerProcess.listen(peer, https.url(), "--token", TOKEN, "--online-timeout", "3")) {
            assertThat(listener.awaitExit()).isEqualTo(NOT_ONLINE);
        }
    }
}
