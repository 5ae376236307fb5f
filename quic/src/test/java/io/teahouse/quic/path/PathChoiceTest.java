package io.teahouse.quic.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.congestion.NewReno;
import io.teahouse.quic.recovery.AckSchedule;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.EncryptionLevel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PathChoiceTest {
    private static final long MILLI = 1_000_000;

    private final Path<String> relay = path(0, 80);
    private final Path<String> direct = path(1, 10);
    private final List<Path<String>> both = List.of(relay, direct);

    private static Path<String> path(long id, long rttMillis) {
        var mtu = new MtuDiscovery(1472, 0);
        var recovery = new PathRecovery<String>(
                EnumSet.of(EncryptionLevel.ONE_RTT), Duration.ofMillis(333), new NewReno(1200), mtu, new Random(1));
        recovery.rtt().onSample(rttMillis * MILLI, 0, 0);
        return new Path<>(
                id,
                NetworkPath.to(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 7000)),
                recovery,
                mtu,
                received -> new AckSchedule(received, MILLI, 25 * MILLI),
                new IdleTimer(15_000 * MILLI, 0));
    }

    private static void askInVain(Path<String> path, int times) {
        for (int time = 0; time < times; time++) {
            path.recovery().probeTimeout().onProbe();
        }
    }

    @Test
    void dataGoesOnlyWhereItIsProvenThatItArrives() {
        assertThat(PathChoice.forData(both)).isEmpty();

        relay.onValidated();
        assertThat(PathChoice.forData(both)).contains(relay);
        direct.onValidated();
        assertThat(PathChoice.forData(both)).contains(direct);
        direct.onAbandoned(0);
        assertThat(PathChoice.forData(both)).contains(relay);
    }

    @Test
    void aPathIsNotLeftBecauseItIsInUse() {
        both.forEach(Path::onValidated);

        for (int sample = 0; sample < 50; sample++) {
            direct.recovery().rtt().onSample(200 * MILLI, 0, 0);
        }

        assertThat(PathChoice.forData(both)).contains(direct);
    }

    @Test
    void aPathInReserveIsUsedIfThereIsNoOther() {
        both.forEach(Path::onValidated);

        direct.status().set(false);
        assertThat(PathChoice.forData(both)).contains(relay);
        // What the peer would like is for it to see to.
        relay.status().onPeer(false, 0);
        assertThat(PathChoice.forData(both)).contains(relay);
        relay.status().set(false);
        assertThat(PathChoice.forData(both)).contains(direct);
    }

    @Test
    void acknowledgementsGoWhereThePacketsCameFrom() {
        assertThat(PathChoice.forAcknowledgement(relay, both)).isEmpty();
        direct.onValidated();
        assertThat(PathChoice.forAcknowledgement(relay, both)).contains(direct);

        relay.onValidated();

        assertThat(PathChoice.forAcknowledgement(relay, both)).contains(relay);
        assertThat(PathChoice.forAcknowledgement(direct, both)).contains(direct);
        direct.onAbandoned(0);
        assertThat(PathChoice.forAcknowledgement(direct, both)).contains(relay);
    }

    @Test
    void aPathIsDeadIfNobodyAnswersThereAndSomethingCameElsewhere() {
        both.forEach(Path::onValidated);
        direct.onReceived(100);
        askInVain(direct, 3);
        // If nothing comes anywhere, it is not this path.
        relay.onReceived(100);
        assertThat(PathChoice.isDead(direct, both)).isFalse();

        relay.onReceived(101);

        assertThat(PathChoice.isDead(direct, both)).isTrue();
        assertThat(PathChoice.isDead(relay, both)).isFalse();
        direct.onReceived(102);
        assertThat(PathChoice.isDead(direct, both)).isFalse();
    }

    @Test
    void aPathOnWhichItWasAskedOnlyTwiceIsNotDead() {
        both.forEach(Path::onValidated);
        relay.onReceived(101);
        askInVain(direct, 2);

        assertThat(PathChoice.isDead(direct, both)).isFalse();
        assertThat(direct.lastReceivedNanos()).isEqualTo(Long.MIN_VALUE);
        assertThat(relay.idle().deadlineNanos()).isEqualTo(15_000 * MILLI + 101);
    }

    @Test
    void theOnlyPathIsNeverDead() {
        direct.onValidated();
        relay.onReceived(5); // not proven
        askInVain(direct, 10);

        assertThat(PathChoice.isDead(direct, both)).isFalse();
    }
}
