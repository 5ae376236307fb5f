package io.teahouse.quic.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CongestionControllerTest {
    private static final int DATAGRAM = 1200;
    private static final long MILLI = 1_000_000;
    private static final long RTT = 100 * MILLI;

    static Stream<Named<CongestionController>> both() {
        return Stream.of(Named.of("NewReno", new NewReno(DATAGRAM)), Named.of("Cubic", new Cubic(DATAGRAM)));
    }

    private static void arrive(CongestionController controller, long bytes, long sentAt, long now) {
        for (long left = bytes; left > 0; left -= DATAGRAM) {
            controller.onAcknowledged((int) Math.min(left, DATAGRAM), sentAt, true, RTT, now);
        }
    }

    @ParameterizedTest
    @MethodSource("both")
    void itBeginsWithTenDatagrams(CongestionController controller) {
        assertThat(controller.windowBytes()).isEqualTo(12_000);
        assertThat(controller.isInSlowStart()).isTrue();
        assertThat(new NewReno(1472).windowBytes()).isEqualTo(14_720);
        assertThat(new NewReno(9000).windowBytes()).isEqualTo(18_000);
        assertThat(new NewReno(5000).windowBytes()).isEqualTo(14_720);
    }

    @ParameterizedTest
    @MethodSource("both")
    void slowStartDoublesWithEachRoundTrip(CongestionController controller) {
        arrive(controller, 12_000, 0, RTT);
        assertThat(controller.windowBytes()).isEqualTo(24_000);

        arrive(controller, 24_000, RTT, 2 * RTT);
        assertThat(controller.windowBytes()).isEqualTo(48_000);
    }

    @ParameterizedTest
    @MethodSource("both")
    void aWindowThatIsNotUsedDoesNotGrow(CongestionController controller) {
        controller.onAcknowledged(DATAGRAM, 0, false, RTT, RTT);

        assertThat(controller.windowBytes()).isEqualTo(12_000);
    }

    @ParameterizedTest
    @MethodSource("both")
    void whatWasSentBeforeAReductionChangesNothingMore(CongestionController controller) {
        arrive(controller, 88_000, 0, RTT);
        controller.onCongestion(5, 10);
        long reduced = controller.windowBytes();

        controller.onCongestion(9, 11);
        controller.onCongestion(10, 12);
        controller.onAcknowledged(DATAGRAM, 10, true, RTT, 13);

        assertThat(controller.windowBytes()).isEqualTo(reduced).isLessThan(100_000);
        assertThat(controller.isInSlowStart()).isFalse();
        controller.onCongestion(11, 14);
        assertThat(controller.windowBytes()).isLessThan(reduced);
    }

    @ParameterizedTest
    @MethodSource("both")
    void twoDatagramsAreAlwaysAllowed(CongestionController controller) {
        for (int time = 1; time < 30; time++) {
            controller.onCongestion(time, time);
        }
        assertThat(controller.windowBytes()).isEqualTo(2 * DATAGRAM);

        controller.onDatagramSize(1452);

        assertThat(controller.windowBytes()).isEqualTo(2 * 1452);
    }

    @ParameterizedTest
    @MethodSource("both")
    void afterPersistentCongestionItBeginsAnewAtTheMinimum(CongestionController controller) {
        arrive(controller, 88_000, 0, RTT);
        controller.onCongestion(RTT, RTT);
        long threshold = controller.windowBytes();

        controller.onPersistentCongestion();

        assertThat(controller.windowBytes()).isEqualTo(2 * DATAGRAM);
        assertThat(controller.isInSlowStart()).isTrue();
        arrive(controller, 10 * threshold, 2 * RTT, 3 * RTT);
        assertThat(controller.isInSlowStart()).isFalse();
    }

    @Test
    void renoIsHalvedAndGrowsByADatagramEachRoundTrip() {
        var reno = new NewReno(DATAGRAM);
        arrive(reno, 108_000, 0, RTT);
        assertThat(reno.windowBytes()).isEqualTo(120_000);

        reno.onCongestion(RTT, RTT);
        assertThat(reno.windowBytes()).isEqualTo(60_000);
        arrive(reno, 60_000, 2 * RTT, 3 * RTT);
        assertThat(reno.windowBytes()).isEqualTo(61_200);
        arrive(reno, 61_200 + 62_400, 3 * RTT, 4 * RTT);
        assertThat(reno.windowBytes()).isEqualTo(63_600);
    }

    @Test
    void cubicIsBackWhereItWasAfterTheTimeThatTheRfcSays() {
        // 1000 datagrams at the loss, 700 after it: K = cbrt(300 / 0.4) = 9.09 s.
        var cubic = new Cubic(DATAGRAM);
        arrive(cubic, 1_188_000, 0, 1);
        cubic.onCongestion(2, 2);
        assertThat(cubic.windowBytes()).isEqualTo(840_000);

        long now = 2;
        var windows = new double[140];
        for (int trip = 0; trip < windows.length; trip++) {
            now += RTT;
            arrive(cubic, cubic.windowBytes(), now, now);
            windows[trip] = cubic.windowBytes() / (double) DATAGRAM;
        }

        // The growth begins with the first acknowledgement, after one round trip.
        assertThat(windows[45]).isCloseTo(0.4 * Math.pow(4.6 - 9.09, 3) + 1000, Offset.offset(10.0));
        assertThat(windows[90]).isCloseTo(1000, Offset.offset(2.0));
        assertThat(windows[136]).isCloseTo(0.4 * Math.pow(13.7 - 9.09, 3) + 1000, Offset.offset(10.0));
    }

    @Test
    void cubicGivesWayFurtherIfItHadNotComeBack() {
        var cubic = new Cubic(DATAGRAM);
        arrive(cubic, 1_188_000, 0, 1);
        cubic.onCongestion(2, 2);
        cubic.onCongestion(3, 3);
        assertThat(cubic.windowBytes()).isEqualTo(588_000);

        long now = 3;
        for (int trip = 0; trip < 60; trip++) {
            now += RTT;
            arrive(cubic, cubic.windowBytes(), now, now);
        }

        // It aims at 700 * 0.85 and not at 700: after 4.4 s it is there, and it is flat around that.
        assertThat(cubic.windowBytes() / (double) DATAGRAM).isBetween(590.0, 605.0);
    }

    @Test
    void cubicIsNeverSlowerThanReno() {
        // On a short path with a small window the cube is slower than a datagram each round trip.
        var cubic = new Cubic(DATAGRAM);
        arrive(cubic, 12_000, 0, 1);
        cubic.onCongestion(2, 2);
        long now = 2;
        long rtt = 5 * MILLI;

        for (int trip = 0; trip < 40; trip++) {
            now += rtt;
            arrive(cubic, cubic.windowBytes(), now, now);
        }

        // From 14 datagrams: 0.53 a trip up to 20, and one a trip beyond.
        assertThat(cubic.windowBytes() / (double) DATAGRAM).isBetween(40.0, 49.0);
    }

    @Test
    void timeInWhichCubicIsNotUsedDoesNotCount() {
        var used = new Cubic(DATAGRAM);
        var paused = new Cubic(DATAGRAM);
        for (var cubic : List.of(used, paused)) {
            arrive(cubic, 1_188_000, 0, 1);
            cubic.onCongestion(2, 2);
            arrive(cubic, cubic.windowBytes(), RTT, RTT);
        }

        paused.onAcknowledged(DATAGRAM, RTT, false, RTT, RTT);
        arrive(paused, DATAGRAM, 100 * RTT, 100 * RTT);
        arrive(used, DATAGRAM, 100 * RTT, 100 * RTT);

        long pausedGrowth = paused.windowBytes() - 840_000;
        assertThat(used.windowBytes() - 840_000).isGreaterThan(pausedGrowth);
    }

    /** A path with a bottleneck of 10 Mbit/s, a round trip of 40 ms and a queue of as much again. */
    @ParameterizedTest
    @MethodSource("both")
    void aBottleneckIsFilledAndNotFlooded(CongestionController controller) {
        long nanosPerDatagram = DATAGRAM * 8L * 100; // 10 Mbit/s
        int queueMax = (int) (40 * MILLI / nanosPerDatagram);
        long trip = 40 * MILLI;
        record Flying(long sentAt, long arrivesAt, boolean lost) {}
        Queue<Flying> flying = new ArrayDeque<>();
        long linkFreeAt = 0;
        long delivered = 0;
        long lost = 0;
        long now = 0;
        long end = 60_000 * MILLI;
        while (now < end) {
            while (!flying.isEmpty() && flying.element().arrivesAt() <= now) {
                var datagram = flying.remove();
                if (datagram.lost()) {
                    lost++;
                    controller.onCongestion(datagram.sentAt(), now);
                } else {
                    delivered++;
                    controller.onAcknowledged(DATAGRAM, datagram.sentAt(), true, trip, now);
                }
            }
            while ((long) flying.size() * DATAGRAM < controller.windowBytes()) {
                boolean dropped = (linkFreeAt - now) / nanosPerDatagram > queueMax;
                if (!dropped) {
                    linkFreeAt = Math.max(now, linkFreeAt) + nanosPerDatagram;
                }
                flying.add(new Flying(now, Math.max(linkFreeAt, now) + trip, dropped));
            }
            now += MILLI;
        }

        long possible = end / nanosPerDatagram;
        assertThat(delivered).isGreaterThan(possible * 9 / 10);
        assertThat(lost).isLessThan(possible / 50);
    }

    @Test
    void aBurstGoesAtOnceAndTheRestIsSpread() {
        var pacer = new Pacer();
        long window = 120_000;
        for (int datagram = 0; datagram < 10; datagram++) {
            assertThat(pacer.nextSendNanos(DATAGRAM, window, RTT, 0)).isZero();
            pacer.onSent(DATAGRAM);
        }

        // 100 datagrams in 100 ms, a quarter faster.
        assertThat(pacer.nextSendNanos(DATAGRAM, window, RTT, 0)).isBetween(800_000L, 800_001L);
        assertThat(pacer.nextSendNanos(DATAGRAM, window, RTT, 800_001)).isEqualTo(800_001);
    }

    @Test
    void inARoundTripNotMuchMoreThanTheWindowIsSent() {
        var pacer = new Pacer();
        long window = 120_000;
        long sent = 0;
        long now = 0;
        while (now <= RTT) {
            long at = pacer.nextSendNanos(DATAGRAM, window, RTT, now);
            if (at == now) {
                pacer.onSent(DATAGRAM);
                sent += DATAGRAM;
            } else {
                now = at;
            }
        }

        assertThat(sent).isBetween(window * 5 / 4, window * 5 / 4 + 12 * DATAGRAM);
    }

    @Test
    void aTimerThatOversleepsALittleCostsNothing() {
        var pacer = new Pacer();
        long window = 12_000_000; // 120 MB/s
        long sent = 0;
        for (long now = 0; now < RTT; now += 2 * MILLI) {
            while (pacer.nextSendNanos(DATAGRAM, window, RTT, now) == now) {
                pacer.onSent(DATAGRAM);
                sent += DATAGRAM;
            }
        }

        assertThat(sent).isGreaterThan(window * 12 / 10);
    }
}
