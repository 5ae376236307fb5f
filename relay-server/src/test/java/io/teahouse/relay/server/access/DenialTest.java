package io.teahouse.relay.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.metrics.Figure;
import io.teahouse.relay.server.metrics.RelayCounter;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Each reason to deny is counted by itself. */
class DenialTest {
    @Test
    void eachReasonHasACounterThatIsNamedLikeIt() {
        for (var denial : Denial.values()) {
            assertThat(denial.counter().metricName()).isEqualTo("access_denied");
            assertThat(denial.counter().label())
                    .contains(new Figure.Label("reason", denial.name().toLowerCase(Locale.ROOT)));
        }
    }

    @Test
    void eachCounterOfDenialsHasAReason() {
        assertThat(Arrays.stream(Denial.values()).map(Denial::counter))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(RelayCounter.values())
                        .filter(counter -> counter.metricName().equals("access_denied"))
                        .toList());
    }

    @Test
    void eachThingThatIsWrongWithATokenIsAReasonOfItsOwn() {
        assertThat(Arrays.stream(TokenRefusal.values()).map(TokenRefusal::denial))
                .doesNotHaveDuplicates();
    }
}
