package io.teahouse.quic.conversation;

import static io.teahouse.quic.conversation.Meeting.RELAY;
import static io.teahouse.quic.conversation.Meeting.address;
import static io.teahouse.quic.conversation.Meeting.inUse;
import static io.teahouse.quic.conversation.Meeting.isValidated;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.MultipathConfig;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A client and a server that know each other over a relay look for a shorter way, through NATs. */
class TraversalConversationTest {
    private static final ConnectionConfig CONFIG =
            ConnectionConfig.defaults(Pair.TIME_ZERO).withMultipath(MultipathConfig.DEFAULT);
    private static final InetSocketAddress CLIENT = address(1, 1111);
    private static final InetSocketAddress SERVER = address(2, 2222);

    private static Meeting overRelay() {
        var meeting = new Meeting(1, CONFIG, CONFIG);
        meeting.route(RELAY, RELAY, 40, 0, 1500);
        meeting.dial(RELAY);
        meeting.runUntil(meeting::isConfirmed);
        assertThat(meeting.client().hasTraversal()).isTrue();
        assertThat(meeting.server().hasTraversal()).isTrue();
        return meeting;
    }

    @Test
    void aClientHearsWhereItsServerMayBe() {
        var meeting = overRelay();

        meeting.server().setCandidates(List.of(SERVER, address(2, 5)));
        meeting.flush();
        meeting.runUntil(() -> Pair.has(meeting.clientEvents, ConnectionEvent.CandidatesChanged.class));
        assertThat(meeting.client().peerCandidates()).containsExactlyInAnyOrder(SERVER, address(2, 5));

        meeting.server().setCandidates(List.of(SERVER));
        meeting.flush();
        meeting.run(100);
        assertThat(meeting.client().peerCandidates()).containsExactly(SERVER);
    }

    @Test
    void bothSidesPunchAndTheClientOpensAPath() {
        var meeting = overRelay();
        meeting.route(CLIENT, SERVER, 10, 0, 1500, true);
        meeting.server().setCandidates(List.of(SERVER));
        meeting.flush();
        meeting.run(200);
        meeting.client().setCandidates(List.of(CLIENT));
        long startedAt = meeting.millis();

        assertThat(meeting.client().startRound(meeting.nowNanos)).isTrue();
        meeting.flush();
        meeting.runUntil(() -> isValidated(meeting.client(), 1) && isValidated(meeting.server(), 1));

        // The server hears of it over the relay, and the next probe of either gets through.
        assertThat(meeting.millis() - startedAt).isLessThan(250);
        assertThat(Pair.has(meeting.clientEvents, ConnectionEvent.Reached.class))
                .isTrue();
        // A backup until somebody says otherwise.
        assertThat(inUse(meeting.client())).isZero();
        meeting.client().setPathStatus(1, true);
        meeting.transfer(100_000, () -> {});
        assertThat(inUse(meeting.client())).isOne();
        assertThat(Pair.has(meeting.clientEvents, ConnectionEvent.Closed.class)).isFalse();
        assertThat(Pair.has(meeting.serverEvents, ConnectionEvent.Closed.class)).isFalse();
        assertThat(meeting.client().paths()).hasSize(2);
    }

    @Test
    void aClientThatNobodyCanNameIsReachedWhenItIsProbed() {
        var meeting = overRelay();
        // The server reaches the client, which does not know of any address of the server's.
        meeting.route(CLIENT, SERVER, 10, 0, 1500);
        meeting.client().setCandidates(List.of(CLIENT));

        meeting.client().startRound(meeting.nowNanos);
        meeting.flush();
        meeting.runUntil(() -> isValidated(meeting.client(), 1) && isValidated(meeting.server(), 1));

        assertThat(meeting.client().peerCandidates()).isEmpty();
    }

    @Test
    void whatCannotBeReachedIsProbedNineTimesAndNothingElseHappens() {
        var meeting = overRelay();
        var route = meeting.route(CLIENT, SERVER, 10, 1, 1500);
        meeting.server().setCandidates(List.of(SERVER));
        meeting.flush();
        meeting.run(1000);
        meeting.client().setCandidates(List.of(CLIENT));
        long startedAt = meeting.millis();

        meeting.client().startRound(meeting.nowNanos);
        meeting.flush();
        meeting.run(20_000);

        long[] offsets = {0, 34, 67, 134, 267, 533, 1066, 2132, 4132};
        assertThat(route.smallToServerAtMillis).hasSize(offsets.length);
        for (int probe = 0; probe < offsets.length; probe++) {
            assertThat(route.smallToServerAtMillis.get(probe) - startedAt)
                    .isBetween(offsets[probe] - 2, offsets[probe] + 2);
        }
        assertThat(meeting.client().paths()).hasSize(1);
        meeting.transfer(10_000, () -> {});
        assertThat(Pair.has(meeting.clientEvents, ConnectionEvent.Closed.class)).isFalse();
    }

    @Test
    void whoIsProbedFromManyPlacesDoesNotAnswerThemAllAtLength() {
        var meeting = overRelay();
        var servers = new ArrayList<InetSocketAddress>();
        for (int port = 1; port <= 32; port++) {
            // The answers get lost, so that the client goes on.
            var route = meeting.route(address(1, port), address(2, port), 10, 0, 1500);
            route.toClient.cut();
            servers.add(address(2, port));
        }
        meeting.server().setCandidates(servers);
        meeting.flush();
        meeting.run(1000);
        meeting.client().setCandidates(List.of(CLIENT));
        meeting.client().startRound(meeting.nowNanos);
        meeting.flush();
        meeting.run(10_000);

        var direct = meeting.routes.subList(1, 33);
        long asked = direct.stream().mapToLong(route -> route.bytesToServer).sum();
        long answered = direct.stream().mapToLong(route -> route.bytesToClient).sum();
        assertThat(asked).isGreaterThan(9 * 32 * 30);
        // 32 at once, and 8 more each second.
        assertThat(answered).isBetween(32 * 1200L, (32 + 8 * 5) * 1200 + asked);
    }

    @Test
    void aNewRoundProbesAnew() {
        var meeting = overRelay();
        var route = meeting.route(CLIENT, SERVER, 10, 1, 1500);
        meeting.server().setCandidates(List.of(SERVER));
        meeting.flush();
        meeting.run(1000);
        meeting.client().setCandidates(List.of(CLIENT));
        meeting.client().startRound(meeting.nowNanos);
        meeting.flush();
        meeting.run(100);

        meeting.client().startRound(meeting.nowNanos);
        meeting.flush();
        meeting.run(20_000);

        assertThat(route.smallToServerAtMillis).hasSize(3 + 9);
    }

    @Test
    void withoutACandidateOrAsAServerNoRoundBegins() {
        var meeting = overRelay();

        assertThat(meeting.client().startRound(meeting.nowNanos)).isFalse();
        meeting.server().setCandidates(List.of(SERVER));
        assertThat(meeting.server().startRound(meeting.nowNanos)).isFalse();
    }
}
