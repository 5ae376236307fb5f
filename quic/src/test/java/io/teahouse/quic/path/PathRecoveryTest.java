package io.teahouse.quic.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.teahouse.quic.congestion.CongestionController;
import io.teahouse.quic.congestion.Cubic;
import io.teahouse.quic.congestion.NewReno;
import io.teahouse.quic.frame.AckFrame;
import io.teahouse.quic.frame.AckRanges;
import io.teahouse.quic.frame.EcnCounts;
import io.teahouse.quic.recovery.AckSchedule;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.recovery.SentPacket;
import io.teahouse.quic.recovery.SentPacket.Trait;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is on its way on a path, and its timers; times are in milliseconds. */
class PathRecoveryTest {
    private static final long MILLI = 1_000_000;
    private static final Set<EncryptionLevel> ALL =
            EnumSet.of(EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT);

    private final MtuDiscovery mtu = new MtuDiscovery(1472, 0);
    private final CongestionController congestion = new NewReno(1200);
    private final PathRecovery<String> recovery =
            new PathRecovery<>(ALL, Duration.ofMillis(333), congestion, mtu, new Random(1));

    private long send(EncryptionLevel level, int size, Set<Trait> traits, long atMillis) {
        long number = recovery.numbers(level).take();
        recovery.onSent(level, new SentPacket<>(number, atMillis * MILLI, size, traits, "content"));
        return number;
    }

    private long send(EncryptionLevel level, long atMillis) {
        return send(level, 1200, SentPacket.ORDINARY, atMillis);
    }

    private static Set<Trait> ordinaryAnd(Trait trait) {
        var traits = EnumSet.copyOf(SentPacket.ORDINARY);
        traits.add(trait);
        return traits;
    }

    private void acknowledge(EncryptionLevel level, long number, long atMillis) throws TransportException {
        acknowledge(level, number, atMillis, Optional.empty());
    }

    private void acknowledge(EncryptionLevel level, long number, long atMillis, Optional<EcnCounts> ecn)
            throws TransportException {
        recovery.onAcknowledged(level, new AckFrame.Ack(AckRanges.of(number, number), 0, ecn), 0, atMillis * MILLI);
    }

    private ProbeTimeout.Deadline deadline() {
        return recovery.nextDeadline(false);
    }

    private static ProbeTimeout.Deadline probe(EncryptionLevel level, long atMillis) {
        return new ProbeTimeout.Deadline(ProbeTimeout.Reason.PROBE, level, atMillis * MILLI);
    }

    @Test
    void bytesAreOnTheirWayUntilTheyAreAcknowledgedOrLost() throws TransportException {
        long first = send(EncryptionLevel.INITIAL, 0);
        send(EncryptionLevel.ONE_RTT, 500, SentPacket.ORDINARY, 0);
        send(EncryptionLevel.ONE_RTT, 50, SentPacket.ACKNOWLEDGEMENT, 0);
        assertThat(recovery.bytesInFlight()).isEqualTo(1700);

        acknowledge(EncryptionLevel.INITIAL, first, 10);
        assertThat(recovery.bytesInFlight()).isEqualTo(500);
        recovery.takeAll();

        assertThat(recovery.bytesInFlight()).isZero();
        assertThat(deadline()).isEqualTo(ProbeTimeout.Deadline.NONE);
    }

    @Test
    void theWindowLimitsWhatIsOnItsWay() {
        for (int packet = 0; packet < 9; packet++) {
            send(EncryptionLevel.ONE_RTT, 0);
        }

        assertThat(recovery.allows(1200)).isTrue();
        assertThat(recovery.allows(1201)).isFalse();
        assertThat(recovery.nextSendNanos(0)).isZero();
        send(EncryptionLevel.ONE_RTT, 0);
        assertThat(recovery.allows(1)).isFalse();
        assertThat(recovery.nextSendNanos(0)).isPositive();
    }

    @Test
    void aLossShrinksTheWindowAndComesBackForRepetition() throws TransportException {
        long lost = send(EncryptionLevel.ONE_RTT, 0);
        long arrived = send(EncryptionLevel.ONE_RTT, 10);
        acknowledge(EncryptionLevel.ONE_RTT, arrived, 110);
        var deadline = deadline();
        assertThat(deadline.reason()).isEqualTo(ProbeTimeout.Reason.LOSS);
        assertThat(deadline.level()).isEqualTo(EncryptionLevel.ONE_RTT);
        assertThat(deadline.atNanos()).isEqualTo(112_500_000);

        var packets = recovery.detectLost(EncryptionLevel.ONE_RTT, deadline.atNanos());

        assertThat(packets).extracting(SentPacket::number).containsExactly(lost);
        assertThat(congestion.windowBytes()).isEqualTo(6000);
        assertThat(recovery.bytesInFlight()).isZero();
    }

    @Test
    void nothingIsAskedBeforeTheHandshakeIsConfirmedAboutWhatComesAfter() throws TransportException {
        send(EncryptionLevel.ONE_RTT, 0);
        assertThat(deadline()).isEqualTo(ProbeTimeout.Deadline.NONE);

        recovery.probeTimeout().onHandshakeConfirmed();
        recovery.setMaxAckDelayNanos(25 * MILLI);

        assertThat(deadline()).isEqualTo(probe(EncryptionLevel.ONE_RTT, 999 + 25));
    }

    @Test
    void whatWasSentFirstIsAskedForFirst() {
        send(EncryptionLevel.HANDSHAKE, 5);
        send(EncryptionLevel.INITIAL, 3);

        assertThat(deadline()).isEqualTo(probe(EncryptionLevel.INITIAL, 999 + 3));
        recovery.discard(EncryptionLevel.INITIAL);
        assertThat(deadline()).isEqualTo(probe(EncryptionLevel.HANDSHAKE, 999 + 5));
        assertThatIllegalStateException().isThrownBy(() -> recovery.numbers(EncryptionLevel.INITIAL));
        assertThat(recovery.discard(EncryptionLevel.INITIAL)).isEmpty();
    }

    @Test
    void eachQuestionInVainDoublesTheTimeUntilTheNextUpToALimit() {
        send(EncryptionLevel.HANDSHAKE, 0);

        recovery.probeTimeout().onProbe();
        assertThat(deadline()).isEqualTo(probe(EncryptionLevel.HANDSHAKE, 1998));
        recovery.probeTimeout().onProbe();
        assertThat(deadline()).isEqualTo(probe(EncryptionLevel.HANDSHAKE, 2000));
        for (int time = 0; time < 100; time++) {
            recovery.probeTimeout().onProbe();
        }
        assertThat(deadline()).isEqualTo(probe(EncryptionLevel.HANDSHAKE, 2000));
    }

    @Test
    void anAnswerEndsTheGrowth() throws TransportException {
        long first = send(EncryptionLevel.HANDSHAKE, 0);
        send(EncryptionLevel.HANDSHAKE, 0);
        recovery.probeTimeout().onProbe();

        acknowledge(EncryptionLevel.HANDSHAKE, first, 100);

        assertThat(recovery.probeTimeout().inVain()).isZero();
        assertThat(deadline()).isEqualTo(probe(EncryptionLevel.HANDSHAKE, 300));
    }

    @Test
    void whenNothingMayBeSentNobodyIsAsked() {
        send(EncryptionLevel.INITIAL, 0);

        assertThat(recovery.nextDeadline(true)).isEqualTo(ProbeTimeout.Deadline.NONE);
    }

    @Test
    void aClientAsksThoughItAwaitsNothingSinceTheServerMayBeStuck() throws TransportException {
        recovery.probeTimeout().expectStuckPeer(0);
        long first = send(EncryptionLevel.INITIAL, 0);
        recovery.probeTimeout().onProbe();
        acknowledge(EncryptionLevel.INITIAL, first, 100);

        // An acknowledgement of Initial packets says nothing about that: round trip 100 ms, thrice that, doubled.
        assertThat(deadline()).isEqualTo(probe(EncryptionLevel.INITIAL, 100 + 600));
        recovery.discard(EncryptionLevel.INITIAL);
        assertThat(deadline()).isEqualTo(probe(EncryptionLevel.HANDSHAKE, 100 + 300));
        long second = send(EncryptionLevel.HANDSHAKE, 110);
        acknowledge(EncryptionLevel.HANDSHAKE, second, 210);
        assertThat(deadline()).isEqualTo(ProbeTimeout.Deadline.NONE);
    }

    @Test
    void aLostProbeForTheSizeIsNoCongestion() throws TransportException {
        long probe = send(EncryptionLevel.ONE_RTT, 1326, ordinaryAnd(Trait.MTU_PROBE), 0);
        for (int packet = 0; packet < 3; packet++) {
            acknowledge(EncryptionLevel.ONE_RTT, send(EncryptionLevel.ONE_RTT, 1), 100);
        }

        assertThat(recovery.bytesInFlight()).isZero();
        assertThat(congestion.windowBytes()).isEqualTo(12_000);
        assertThat(mtu.probeDue(0)).hasValue(1326);
        assertThat(probe).isNotNegative();
        acknowledge(
                EncryptionLevel.ONE_RTT, send(EncryptionLevel.ONE_RTT, 1326, ordinaryAnd(Trait.MTU_PROBE), 200), 300);
        assertThat(mtu.mtuBytes()).isEqualTo(1326);
    }

    @Test
    void aMarkOfCongestionShrinksTheWindow() throws TransportException {
        assertThat(recovery.mark()).isEqualTo(Ecn.ECT0);
        long marked = send(EncryptionLevel.ONE_RTT, 1200, ordinaryAnd(Trait.ECN_MARKED), 0);

        acknowledge(EncryptionLevel.ONE_RTT, marked, 100, Optional.of(new EcnCounts(0, 0, 1)));

        assertThat(congestion.windowBytes()).isEqualTo(6000);
        assertThat(recovery.mark()).isEqualTo(Ecn.ECT0);
    }

    @Test
    void whoDoesNotTellOfMarksGetsNone() throws TransportException {
        long marked = send(EncryptionLevel.ONE_RTT, 1200, ordinaryAnd(Trait.ECN_MARKED), 0);

        acknowledge(EncryptionLevel.ONE_RTT, marked, 100);

        assertThat(recovery.mark()).isEqualTo(Ecn.NOT_ECT);
    }

    @Test
    void nothingThatWasLearnedHoldsForAnotherAddress() throws TransportException {
        acknowledge(EncryptionLevel.ONE_RTT, send(EncryptionLevel.ONE_RTT, 0), 50);
        assertThat(recovery.rtt().hasSample()).isTrue();
        acknowledge(EncryptionLevel.ONE_RTT, send(EncryptionLevel.ONE_RTT, 1326, ordinaryAnd(Trait.MTU_PROBE), 50), 60);
        assertThat(mtu.mtuBytes()).isEqualTo(1326);
        send(EncryptionLevel.ONE_RTT, 60);

        recovery.onNewAddress(new Cubic(1200), 70 * MILLI);

        assertThat(mtu.mtuBytes()).isEqualTo(1200);
        assertThat(mtu.probeDue(70 * MILLI)).hasValue(1326);
        assertThat(mtu.probeDue(69 * MILLI)).isEmpty();

        assertThat(recovery.rtt().hasSample()).isFalse();
        assertThat(recovery.probeTimeoutNanos()).isEqualTo(999 * MILLI);
        assertThat(recovery.bytesInFlight()).isEqualTo(1200);
    }

    // A path as a whole.

    private Path<String> path() {
        return new Path<>(
                1,
                NetworkPath.to(address(7001)),
                recovery,
                mtu,
                received -> new AckSchedule(received, MILLI, 25 * MILLI),
                new IdleTimer(15_000 * MILLI, 0));
    }

    private static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), port);
    }

    @Test
    void aPathCarriesDataOnceItIsProven() {
        var path = path();
        path.challenges().start(0);
        assertThat(path.isUsable()).isFalse();
        path.challenges().onSent(42, path.recovery().probeTimeoutNanos(), 0);

        path.onValidated(); // by another path to the same address
        assertThat(path.challenges().isRunning()).isFalse();

        assertThat(path.isUsable()).isTrue();
        assertThat(path.amplification().allows(100_000)).isTrue();
        assertThat(path.mtu().probeDue(0)).hasValue(1326);
    }

    @Test
    void aPathThatIsGivenUpIsForgottenAfterThreeProbeTimeouts() {
        var path = path();
        path.onValidated();
        path.challenges().start(0);

        assertThat(path.onAbandoned(100 * MILLI)).isTrue();
        assertThat(path.onAbandoned(200 * MILLI)).isFalse();

        assertThat(path.isUsable()).isFalse();
        assertThat(path.isValidated()).isTrue();
        assertThat(path.challenges().isRunning()).isFalse();
        assertThat(path.forgetAtNanos()).hasValue(100 * MILLI + 3 * 999 * MILLI);
    }

    @Test
    void aPathThatMovesHasToBeProvenAnew() {
        var path = path();
        path.onValidated();

        path.onMigrated(NetworkPath.to(address(7002)), 5);

        assertThat(path.network().remote()).isEqualTo(address(7002));
        assertThat(path.isUsable()).isFalse();
        assertThat(path.amplification().isReached()).isTrue();
    }
}
