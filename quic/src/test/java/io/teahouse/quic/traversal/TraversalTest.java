package io.teahouse.quic.traversal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.teahouse.quic.frame.AddressFrame.AddAddress;
import io.teahouse.quic.frame.AddressFrame.ReachOut;
import io.teahouse.quic.frame.AddressFrame.RemoveAddress;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Both sides of NAT traversal; times are in milliseconds. */
class TraversalTest {
    private static final long MILLI = 1_000_000;
    private static final long INITIAL_RTT = 333 * MILLI;
    private static final InetSocketAddress ONE = address("10.7.0.1", 7001);
    private static final InetSocketAddress OTHER = address("10.7.0.1", 7002);
    private static final InetSocketAddress IPV6 = address("2001:db8::1", 7001);

    private final ClientTraversal client = new ClientTraversal(3, 2, INITIAL_RTT);
    private final ServerTraversal server = new ServerTraversal(3, 2, true, INITIAL_RTT);

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }

    // The client.

    @Test
    void probesGoOutAtTheTimesAtWhichIrohsDo() {
        client.onAddAddress(new AddAddress(0, ONE), 0);
        client.startRound(List.of(OTHER), 0);
        var times = new ArrayList<Long>();
        for (long now = client.deadlineNanos(); now != ClientTraversal.NEVER; now = client.deadlineNanos()) {
            assertThat(client.pollProbes(now)).containsExactly(ONE);
            assertThat(client.pollProbes(now)).isEmpty();
            times.add(now / MILLI);
        }

        // Measured with iroh 1.4.1: 0, 34, 69, 136, 271, 539, 1073, 2140, 4141.
        assertThat(times).containsExactly(0L, 33L, 66L, 133L, 266L, 532L, 1065L, 2131L, 4131L);
        assertThat(client.pollProbes(100_000 * MILLI)).isEmpty();
    }

    @Test
    void aRoundTellsTheServerWhereTheClientMayBe() {
        assertThat(client.startRound(List.of(ONE, ONE, OTHER, IPV6), 0))
                .containsExactly(new ReachOut(1, ONE), new ReachOut(1, OTHER));

        assertThat(client.startRound(List.of(IPV6), 0)).containsExactly(new ReachOut(2, IPV6));
        assertThatIllegalArgumentException().isThrownBy(() -> client.startRound(List.of(), 0));
        assertThat(client.deadlineNanos()).isEqualTo(ClientTraversal.NEVER);
    }

    @Test
    void whoIsReachedIsProbedNoMore() {
        client.onAddAddress(new AddAddress(0, ONE), 0);
        client.onAddAddress(new AddAddress(1, OTHER), 0);
        client.startRound(List.of(IPV6), 0);
        assertThat(client.pollProbes(0)).containsExactly(ONE, OTHER);
        client.onProbeSent(ONE, 11);
        client.onProbeSent(OTHER, 12);

        // From another address than the one that was probed it proves nothing.
        assertThat(client.onResponse(OTHER, 11)).isFalse();
        assertThat(client.onResponse(IPV6, 11)).isFalse();
        assertThat(client.onResponse(ONE, 11)).isTrue();
        assertThat(client.onResponse(ONE, 11)).isFalse();

        assertThat(client.pollProbes(34 * MILLI)).containsExactly(OTHER);
        client.onProbeSent(OTHER, 13);
        assertThat(client.onResponse(OTHER, 12)).isTrue();
        assertThat(client.deadlineNanos()).isEqualTo(ClientTraversal.NEVER);
    }

    @Test
    void anAddressThatComesLateIsProbedAtOnceAndThenWithTheOthers() {
        client.onAddAddress(new AddAddress(0, ONE), 0);
        client.startRound(List.of(IPV6), 0);
        client.pollProbes(0);

        assertThat(client.onAddAddress(new AddAddress(1, OTHER), 10 * MILLI)).isTrue();

        assertThat(client.deadlineNanos()).isEqualTo(10 * MILLI);
        assertThat(client.pollProbes(10 * MILLI)).containsExactly(OTHER);
        assertThat(client.deadlineNanos()).isEqualTo(INITIAL_RTT / 10);
        assertThat(client.pollProbes(34 * MILLI)).containsExactly(ONE, OTHER);
    }

    @Test
    void anAddressThatIsTakenBackIsProbedNoMore() {
        client.onAddAddress(new AddAddress(0, ONE), 0);
        client.onAddAddress(new AddAddress(1, OTHER), 0);
        client.startRound(List.of(IPV6), 0);

        assertThat(client.onRemoveAddress(new RemoveAddress(0))).isTrue();
        assertThat(client.onRemoveAddress(new RemoveAddress(0))).isFalse();

        assertThat(client.pollProbes(0)).containsExactly(OTHER);
        assertThat(client.serverAddresses()).containsExactly(OTHER);
    }

    @Test
    void aNumberMayGetAnotherAddress() {
        client.onAddAddress(new AddAddress(0, ONE), 0);
        client.startRound(List.of(IPV6), 0);

        assertThat(client.onAddAddress(new AddAddress(0, ONE), 0)).isFalse();
        assertThat(client.onAddAddress(new AddAddress(0, OTHER), 0)).isTrue();

        assertThat(client.serverAddresses()).containsExactly(OTHER);
        assertThat(client.pollProbes(0)).containsExactly(OTHER);
    }

    @Test
    void anAddressOfTwoNumbersStaysAsLongAsOneOfThem() {
        client.onAddAddress(new AddAddress(0, ONE), 0);
        client.onAddAddress(new AddAddress(1, ONE), 0);
        client.startRound(List.of(IPV6), 0);

        client.onRemoveAddress(new RemoveAddress(0));

        assertThat(client.pollProbes(0)).containsExactly(ONE);
    }

    @Test
    void moreAddressesThanWeTakeAreIgnored() {
        for (int sequence = 0; sequence < 3; sequence++) {
            assertThat(client.onAddAddress(new AddAddress(sequence, address("10.0.0.1", 1 + sequence)), 0))
                    .isTrue();
        }

        assertThat(client.onAddAddress(new AddAddress(3, ONE), 0)).isFalse();
        assertThat(client.serverAddresses()).hasSize(3);
        client.onRemoveAddress(new RemoveAddress(1));
        assertThat(client.onAddAddress(new AddAddress(3, ONE), 0)).isTrue();
    }

    @Test
    void aNewRoundForgetsTheQuestionsOfTheOneBefore() {
        client.onAddAddress(new AddAddress(0, ONE), 0);
        client.startRound(List.of(IPV6), 0);
        client.pollProbes(0);
        client.onProbeSent(ONE, 11);

        client.startRound(List.of(IPV6), 50 * MILLI);

        assertThat(client.onResponse(ONE, 11)).isFalse();
        assertThat(client.pollProbes(50 * MILLI)).containsExactly(ONE);
    }

    // The server.

    @Test
    void theServerTellsWhatIsNewAndWhatIsGone() {
        assertThat(server.setOwnAddresses(List.of(ONE, OTHER, IPV6)))
                .containsExactly(new AddAddress(0, ONE), new AddAddress(1, OTHER));
        assertThat(server.setOwnAddresses(List.of(OTHER, ONE))).isEmpty();

        assertThat(server.setOwnAddresses(List.of(OTHER, IPV6)))
                .containsExactly(new RemoveAddress(0), new AddAddress(2, IPV6));
    }

    @Test
    void theServerProbesWhereItIsAsked() throws TransportException {
        server.onReachOut(new ReachOut(1, ONE), 0);
        server.onReachOut(new ReachOut(1, ONE), 0);
        assertThat(server.pollProbes(0)).containsExactly(ONE);
        server.onProbeSent(ONE, 5);
        server.onReachOut(new ReachOut(1, IPV6), 3 * MILLI);

        assertThat(server.pollProbes(3 * MILLI)).containsExactly(IPV6);
        assertThat(server.onResponse(ONE, 5)).isTrue();
        assertThat(server.pollProbes(34 * MILLI)).containsExactly(IPV6);
    }

    @Test
    void aNewRoundEndsTheOldOneAndAnOldOneIsIgnored() throws TransportException {
        server.onReachOut(new ReachOut(2, ONE), 0);

        server.onReachOut(new ReachOut(1, IPV6), 0);
        assertThat(server.pollProbes(0)).containsExactly(ONE);
        server.onReachOut(new ReachOut(3, OTHER), 10 * MILLI);

        assertThat(server.pollProbes(10 * MILLI)).containsExactly(OTHER);
    }

    @Test
    void moreAddressesThanWeTakeInARoundBreakTheRules() throws TransportException {
        for (int port : IntStream.range(1, 4).toArray()) {
            server.onReachOut(new ReachOut(1, address("10.0.0.1", port)), 0);
        }

        server.onReachOut(new ReachOut(1, address("10.0.0.1", 3)), 0);
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> server.onReachOut(new ReachOut(1, ONE), 0))
                .matches(e -> e.code() == TransportError.PROTOCOL_VIOLATION.code());
        server.onReachOut(new ReachOut(2, ONE), 0);
    }

    @Test
    void aClientThatBeginsRoundAfterRoundDoesNotMakeUsFloodOthers() throws TransportException {
        int probes = 0;
        for (int round = 1; round < 10_000; round++) {
            server.onReachOut(new ReachOut(round, address("10.0.0.1", round)), round * MILLI / 10);
            probes += server.pollProbes(round * MILLI / 10).size();
        }

        assertThat(probes).isBetween(ProbeBudget.CAPACITY, ProbeBudget.CAPACITY + ProbeBudget.PER_SECOND);
        long later = 60_000 * MILLI;
        server.onReachOut(new ReachOut(10_000, ONE), later);
        assertThat(server.pollProbes(later)).containsExactly(ONE);
    }

    @Test
    void aServerThatNamesAddressAfterAddressDoesNotMakeUsFloodOthers() {
        client.startRound(List.of(ONE), 0);
        int probes = 0;
        for (int port = 1; port < 10_000; port++) {
            client.onAddAddress(new AddAddress(0, address("10.0.0.1", port)), 0);
            probes += client.pollProbes(0).size();
        }

        assertThat(probes).isEqualTo(ProbeBudget.CAPACITY);
    }

    @Test
    void whoCannotReachIpv6DoesNotTry() throws TransportException {
        var ipv4Only = new ServerTraversal(3, 2, false, INITIAL_RTT);

        ipv4Only.onReachOut(new ReachOut(1, IPV6), 0);

        assertThat(ipv4Only.deadlineNanos()).isEqualTo(ServerTraversal.NEVER);
        assertThat(ipv4Only.pollProbes(0)).isEmpty();
    }

    @Test
    void withoutARoundNothingIsDue() {
        assertThat(server.deadlineNanos()).isEqualTo(ServerTraversal.NEVER);
        assertThat(server.pollProbes(0)).isEmpty();
        assertThat(server.onResponse(ONE, 1)).isFalse();
        assertThat(client.onResponse(ONE, 1)).isFalse();
        client.onProbeSent(ONE, 1);
        server.onProbeSent(ONE, 1);
    }
}
