package io.teahouse.quic.conversation;

import static io.teahouse.quic.conversation.Meeting.RELAY;
import static io.teahouse.quic.conversation.Meeting.address;
import static io.teahouse.quic.conversation.Meeting.inUse;
import static io.teahouse.quic.conversation.Meeting.isValidated;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.MultipathConfig;
import io.teahouse.quic.PathInfo;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.TransportError;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client meets our server on several paths, which come, die, narrow and are given up. */
class MultipathConversationTest {
    private static final ConnectionConfig ONE_PATH = ConnectionConfig.defaults(Pair.TIME_ZERO);
    private static final ConnectionConfig SEVERAL = ONE_PATH.withMultipath(MultipathConfig.DEFAULT);

    private static final InetSocketAddress CLIENT = address(1, 1111);
    private static final InetSocketAddress SERVER = address(2, 2222);
    private static final InetSocketAddress ELSEWHERE = address(3, 3333);

    private static Meeting meeting(long seed) {
        return new Meeting(seed, SEVERAL, SEVERAL);
    }

    /** A connection over a relay, with a shorter way beside it. */
    private static Meeting overRelay(long seed) {
        var meeting = meeting(seed);
        meeting.route(RELAY, RELAY, 40, 0, 1500);
        meeting.route(CLIENT, SERVER, 10, 0, 1500);
        meeting.dial(RELAY);
        meeting.runUntil(meeting::isConfirmed);
        return meeting;
    }

    private static Meeting onTwoPaths(long seed) {
        var meeting = overRelay(seed);
        meeting.client().openPath(NetworkPath.to(SERVER), true, meeting.nowNanos);
        meeting.flush();
        meeting.runUntil(() ->
                isValidated(meeting.client(), 1) && meeting.accepted.isPresent() && isValidated(meeting.server(), 1));
        meeting.run(500);
        return meeting;
    }

    private static void requireNotClosed(Meeting meeting) {
        assertThat(Pair.has(meeting.clientEvents, ConnectionEvent.Closed.class)).isFalse();
        assertThat(Pair.has(meeting.serverEvents, ConnectionEvent.Closed.class)).isFalse();
    }

    @Test
    void aPathIsOpenedByTheClientAndProvenByBoth() {
        var meeting = overRelay(1);
        assertThat(meeting.client().hasSeveralPaths()).isTrue();
        meeting.run(200); // ids have come
        long openedAt = meeting.millis();

        assertThat(meeting.client().openPath(NetworkPath.to(SERVER), true, meeting.nowNanos))
                .hasValue(1);
        meeting.flush();
        meeting.runUntil(() -> isValidated(meeting.client(), 1) && isValidated(meeting.server(), 1));

        assertThat(meeting.millis() - openedAt).isLessThan(40);
        assertThat(meeting.serverEvents)
                .contains(new ConnectionEvent.PathOpened(1, new NetworkPath(CLIENT, Optional.of(SERVER.getAddress()))))
                .contains(new ConnectionEvent.PathValidated(1));
        assertThat(meeting.clientEvents).contains(new ConnectionEvent.PathValidated(1));
        meeting.run(1000);
        assertThat(meeting.client().paths()).allSatisfy(path -> {
            assertThat(path.isMeasured()).isTrue();
            assertThat(path.mtuBytes()).isEqualTo(1452);
        });
        requireNotClosed(meeting);
    }

    @Test
    void aPathThatIsWantedTooEarlyIsOpenedWhenThereAreIds() {
        var meeting = meeting(1);
        meeting.route(RELAY, RELAY, 40, 0, 1500);
        meeting.route(CLIENT, SERVER, 10, 0, 1500);
        meeting.dial(RELAY);
        meeting.runUntil(() -> Pair.has(meeting.clientEvents, ConnectionEvent.Connected.class));

        assertThat(meeting.client().openPath(NetworkPath.to(SERVER), true, meeting.nowNanos))
                .isEmpty();
        meeting.runUntil(() -> isValidated(meeting.client(), 1));
    }

    @Test
    void dataGoesWhereItArrivesSoonest() {
        var meeting = onTwoPaths(1);
        var direct = meeting.routes.get(1);
        long relayed = meeting.routes.get(0).bytesToServer;

        meeting.transfer(500_000, () -> {});

        assertThat(inUse(meeting.client())).isOne();
        assertThat(inUse(meeting.server())).isOne();
        assertThat(direct.bytesToServer).isGreaterThan(500_000);
        assertThat(meeting.routes.get(0).bytesToServer - relayed).isLessThan(5_000);
    }

    @Test
    void aBackupIsUsedWhenThereIsNothingElse() {
        var meeting = onTwoPaths(1);

        assertThat(meeting.client().setPathStatus(1, false)).isTrue();
        assertThat(inUse(meeting.client())).isZero();
        meeting.transfer(100_000, () -> {});
        assertThat(meeting.server().paths().get(1).peerAvailable()).isFalse();

        meeting.client().setPathStatus(1, true);
        meeting.transfer(100_000, () -> {});
        assertThat(inUse(meeting.client())).isOne();
        assertThat(meeting.server().paths().get(1).peerAvailable()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whenThePathInUseDiesTheOtherOneTakesOverSoon(long seed) {
        var meeting = onTwoPaths(seed);
        var diedAt = new long[1];

        meeting.transfer(2_000_000, () -> {
            diedAt[0] = meeting.millis();
            meeting.routes.get(1).cut();
        });

        // What is left takes a second or two over the relay.
        assertThat(meeting.millis() - diedAt[0]).isLessThan(4000);
        var abandoned = new ConnectionEvent.PathAbandoned(1, TransportError.PATH_UNSTABLE_OR_POOR.code(), false);
        assertThat(meeting.clientEvents).contains(abandoned);
        assertThat(inUse(meeting.client())).isZero();
        assertThat(inUse(meeting.server())).isZero();
        requireNotClosed(meeting);
    }

    @Test
    void aPathThatDiesWhileItIsQuietIsLeftAfterItsIdleTime() {
        var meeting = onTwoPaths(1);
        meeting.routes.get(1).cut();

        meeting.run(16_000);

        assertThat(isValidated(meeting.client(), 1)).isFalse();
        assertThat(isValidated(meeting.server(), 1)).isFalse();
        meeting.transfer(10_000, () -> {});
        requireNotClosed(meeting);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eitherSideGivesAPathUpAndAnotherMayFollow(boolean byClient) {
        var meeting = onTwoPaths(1);
        var one = byClient ? meeting.client() : meeting.server();
        var other = byClient ? meeting.server() : meeting.client();
        var othersEvents = byClient ? meeting.serverEvents : meeting.clientEvents;

        assertThat(one.abandonPath(1, TransportError.APPLICATION_ABANDON_PATH.code(), meeting.nowNanos))
                .isTrue();
        meeting.flush();
        meeting.transfer(100_000, () -> {});
        assertThat(othersEvents).contains(new ConnectionEvent.PathAbandoned(1, 0x3e, true));
        meeting.run(5000);

        // It is forgotten, and as many as before can be opened, under new numbers.
        assertThat(one.paths()).hasSize(1);
        assertThat(other.paths()).hasSize(1);
        assertThat(meeting.client().openPath(NetworkPath.to(SERVER), true, meeting.nowNanos))
                .hasValue(2);
        meeting.flush();
        meeting.runUntil(() -> isValidated(meeting.server(), 2));
        requireNotClosed(meeting);
    }

    @Test
    void pathsCanBeOpenedAndGivenUpForEver() {
        var meeting = overRelay(1);
        meeting.run(200);

        for (int number = 1; number <= 20; number++) {
            long id = meeting.client()
                    .openPath(NetworkPath.to(SERVER), true, meeting.nowNanos)
                    .orElseThrow();
            assertThat(id).isEqualTo(number);
            meeting.flush();
            meeting.runUntil(() -> isValidated(meeting.server(), id) && isValidated(meeting.client(), id));
            meeting.client().abandonPath(id, 0x3e, meeting.nowNanos);
            meeting.flush();
            meeting.run(4000);
        }

        assertThat(meeting.client().paths()).hasSize(1);
        // Five ids for each of eight paths.
        assertThat(meeting.client().ids()).hasSizeLessThanOrEqualTo(40);
        assertThat(meeting.server().ids()).hasSizeLessThanOrEqualTo(40);
        requireNotClosed(meeting);
    }

    @Test
    void theLastPathIsNotGivenUp() {
        var meeting = overRelay(1);

        assertThat(meeting.client().abandonPath(0, 0x3e, meeting.nowNanos)).isFalse();
        assertThat(meeting.client().abandonPath(7, 0x3e, meeting.nowNanos)).isFalse();
    }

    @Test
    void theFirstPathMayBeGivenUp() {
        var meeting = onTwoPaths(1);

        meeting.server().abandonPath(0, 0x3e, meeting.nowNanos);
        meeting.flush();
        meeting.transfer(100_000, () -> {});
        meeting.run(20_000);

        assertThat(meeting.client().paths()).hasSize(1);
        assertThat(meeting.server().paths()).hasSize(1);
        requireNotClosed(meeting);
    }

    @Test
    void aPathToNowhereIsGivenUpAfterItsIdleTime() {
        var meeting = overRelay(1);
        meeting.run(200);
        meeting.client().openPath(NetworkPath.to(ELSEWHERE), true, meeting.nowNanos);
        meeting.flush();
        assertThat(inUse(meeting.client())).isZero();

        meeting.run(14_000);
        assertThat(meeting.client().paths().get(1).state()).isEqualTo(PathInfo.State.UNPROVEN);
        meeting.run(2_000);

        assertThat(meeting.clientEvents).contains(new ConnectionEvent.PathAbandoned(1, 0x3e76, false));
        meeting.transfer(10_000, () -> {});
        requireNotClosed(meeting);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aStreamArrivesThoughPathsLoseAndChange(long seed) {
        var meeting = meeting(seed);
        meeting.route(RELAY, RELAY, 40, 0.05, 1500);
        meeting.route(CLIENT, SERVER, 10, 0.05, 1300);
        meeting.route(ELSEWHERE, SERVER, 25, 0.02, 1500);
        meeting.dial(RELAY);
        meeting.runUntil(meeting::isConfirmed);
        var overOther = new NetworkPath(SERVER, Optional.of(ELSEWHERE.getAddress()));
        meeting.client().openPath(new NetworkPath(SERVER, Optional.of(CLIENT.getAddress())), true, meeting.nowNanos);
        meeting.client().openPath(overOther, false, meeting.nowNanos);

        meeting.transfer(400_000, () -> {
            meeting.client().setPathStatus(2, true);
            meeting.client().setPathStatus(1, false);
            meeting.client().updateKeys(meeting.nowNanos);
        });
        meeting.transfer(200_000, () -> meeting.client().abandonPath(2, 0x3e, meeting.nowNanos));
        meeting.transfer(100_000, () -> meeting.server().updateKeys(meeting.nowNanos));

        requireNotClosed(meeting);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPeerThatKnowsOnePathStaysOnIt(boolean clientKnowsMore) {
        var meeting = clientKnowsMore ? new Meeting(1, SEVERAL, ONE_PATH) : new Meeting(1, ONE_PATH, SEVERAL);
        meeting.route(CLIENT, SERVER, 10, 0, 1500);
        meeting.route(CLIENT, ELSEWHERE, 10, 0, 1500);
        meeting.dial(SERVER);
        meeting.runUntil(meeting::isConfirmed);

        assertThat(meeting.client().openPath(NetworkPath.to(ELSEWHERE), true, meeting.nowNanos))
                .isEmpty();
        meeting.transfer(100_000, () -> {});
        meeting.run(60_000);

        assertThat(meeting.client().hasSeveralPaths()).isFalse();
        assertThat(meeting.client().ids()).hasSize(5);
        assertThat(meeting.server().ids()).hasSize(5);
        requireNotClosed(meeting);
    }

    @Test
    void aServerIsLookedForAtSeveralAddresses() {
        var meeting = meeting(1);
        meeting.route(CLIENT, ELSEWHERE, 10, 1, 1500);
        meeting.route(CLIENT, SERVER, 10, 0, 1500);
        meeting.route(RELAY, RELAY, 40, 0, 1500);
        meeting.dial(ELSEWHERE, RELAY, SERVER);
        meeting.runUntil(meeting::isConfirmed);

        assertThat(meeting.client().network().remote()).isEqualTo(SERVER);
        assertThat(meeting.server().network().remote()).isEqualTo(CLIENT);
        long relayed = meeting.routes.get(2).bytesToServer;
        meeting.transfer(100_000, () -> {});
        assertThat(meeting.routes.get(2).bytesToServer).isEqualTo(relayed);
        requireNotClosed(meeting);
    }

    @Test
    void aPathWhoseClientMovesIsFollowed() {
        var meeting = onTwoPaths(1);
        var before = List.copyOf(meeting.client().ids());
        var moved = address(1, 4444);

        meeting.routes.get(1).client = moved;
        meeting.transfer(200_000, () -> {});

        assertThat(meeting.serverEvents)
                .contains(new ConnectionEvent.PathMoved(1, new NetworkPath(moved, Optional.of(SERVER.getAddress()))));
        assertThat(inUse(meeting.server())).isOne();
        // The server goes on with another of the client's ids.
        assertThat(meeting.client().ids()).isNotEqualTo(before);
        requireNotClosed(meeting);
    }

    private static Meeting onOnePath() {
        var meeting = new Meeting(1, ONE_PATH, ONE_PATH);
        meeting.route(CLIENT, SERVER, 10, 0, 1500);
        meeting.dial(SERVER);
        meeting.runUntil(meeting::isConfirmed);
        meeting.run(3000);
        return meeting;
    }

    @Test
    void aClientThatOnlyAsksToBeHeardIsAnsweredAtItsNewAddress() {
        var meeting = onOnePath();
        var moved = address(1, 4444);

        meeting.routes.get(0).client = moved;
        meeting.run(8000); // it is heard every 5 s

        assertThat(meeting.client().observedAddress()).contains(moved);
        assertThat(meeting.server().network().remote()).isEqualTo(moved);
    }

    @Test
    void aNewAddressIsSentLittleUntilItIsProven() {
        var meeting = onOnePath();
        var route = meeting.routes.get(0);
        meeting.server().streams().open(false);
        route.client = address(1, 4444);
        route.bytesToServer = 0;
        route.bytesToClient = 0;
        route.toClient.cut();

        meeting.client().sendDatagram(ByteBuffer.allocate(100));
        meeting.flush();
        meeting.run(100);
        meeting.server().streams().write(3, ByteBuffer.allocate(100_000));
        meeting.run(20_000);

        assertThat(meeting.server().network().remote()).isEqualTo(route.client);
        assertThat(route.bytesToClient).isBetween(1L, 3 * route.bytesToServer);
    }

    @Test
    void aNetworkChangeIsFoundOutAboutOnEachPath() {
        var meeting = onTwoPaths(1);
        meeting.routes.get(1).cut();
        long cutAt = meeting.millis();

        meeting.client().onNetworkChange();
        meeting.flush();
        meeting.runUntil(() -> !isValidated(meeting.client(), 1));

        assertThat(meeting.millis() - cutAt).isLessThan(1500);
    }
}
