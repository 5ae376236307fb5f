package io.teahouse.quic.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.frame.EcnCounts;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EcnValidationTest {
    private final EcnValidation ecn = new EcnValidation();

    private void send(int packets) {
        for (int packet = 0; packet < packets; packet++) {
            ecn.onMarkedSent();
        }
    }

    private long acknowledge(long newly, long ect0, long ect1, long ce) {
        return ecn.onAcknowledged(newly, Optional.of(new EcnCounts(ect0, ect1, ce)));
    }

    @Test
    void theFirstPacketsAreMarkedAndThenTheAnswerIsAwaited() {
        send(9);
        assertThat(ecn.mark()).isEqualTo(Ecn.ECT0);

        send(1);

        assertThat(ecn.mark()).isEqualTo(Ecn.NOT_ECT);
        acknowledge(2, 2, 0, 0);
        assertThat(ecn.mark()).isEqualTo(Ecn.ECT0);
    }

    @Test
    void congestionIsReportedOnce() {
        send(5);

        assertThat(acknowledge(3, 2, 0, 1)).isOne();
        assertThat(acknowledge(1, 3, 0, 1)).isZero();
        assertThat(acknowledge(1, 3, 0, 2)).isOne();
    }

    @Test
    void whoTellsNothingGetsNoMarks() {
        send(2);

        ecn.onAcknowledged(1, Optional.empty());

        assertThat(ecn.mark()).isEqualTo(Ecn.NOT_ECT);
        assertThat(acknowledge(1, 1, 0, 1)).isZero();
    }

    @Test
    void anAcknowledgementOfOtherPacketsNeedNotTell() {
        send(2);

        ecn.onAcknowledged(0, Optional.empty());

        assertThat(ecn.mark()).isEqualTo(Ecn.ECT0);
    }

    @Test
    void marksThatVanishOrChangeOrAreInventedEndIt() {
        assertFails(0, 0, 0); // as a relay's receiver tells that ignores marks
        assertFails(1, 0, 0);
        assertFails(2, 1, 0);
        assertFails(3, 0, 0);
    }

    private static void assertFails(long ect0, long ect1, long ce) {
        var path = new EcnValidation();
        path.onMarkedSent();
        path.onMarkedSent();
        path.onAcknowledged(2, Optional.of(new EcnCounts(ect0, ect1, ce)));

        assertThat(path.mark()).isEqualTo(Ecn.NOT_ECT);
    }

    @Test
    void countsThatGoBackEndIt() {
        send(8);
        acknowledge(4, 3, 0, 1);

        acknowledge(0, 4, 0, 0);

        assertThat(ecn.mark()).isEqualTo(Ecn.NOT_ECT);
    }

    @Test
    void ifAllMarkedPacketsAreLostTheMarksMayBeWhy() {
        send(10);
        for (int packet = 0; packet < 9; packet++) {
            ecn.onMarkedLost();
        }
        acknowledge(0, 0, 0, 0);

        ecn.onMarkedLost();

        acknowledge(1, 1, 0, 0);
        assertThat(ecn.mark()).isEqualTo(Ecn.NOT_ECT);
    }
}
