package io.teahouse.relay.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.SecretKey;
import io.teahouse.relay.server.access.RecentYes.Question;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is remembered of a service's answers, and how soon it is forgotten. */
class RecentYesTest {
    private static final Question[] QUESTIONS = Stream.generate(
                    () -> SecretKey.generate(new SecureRandom()).endpointId())
            .map(id -> new Question(id, Optional.empty()))
            .limit(4)
            .toArray(Question[]::new);

    @Test
    void aYesLivesAsLongAsItIsToldTo() {
        var recent = new RecentYes(10, 100);
        recent.add(QUESTIONS[0], 1000);

        assertThat(recent.contains(QUESTIONS[0], 1099)).isTrue();
        assertThat(recent.contains(QUESTIONS[0], 1100)).isFalse();
        assertThat(recent.contains(QUESTIONS[1], 1000)).isFalse();
    }

    @Test
    void withoutALifeNothingIsRemembered() {
        var recent = new RecentYes(10, 0);
        recent.add(QUESTIONS[0], 1000);

        assertThat(recent.contains(QUESTIONS[0], 1000)).isFalse();
        assertThat(recent.size()).isZero();
    }

    @Test
    void whenItIsFullTheOldestIsForgotten() {
        var recent = new RecentYes(2, 100);
        recent.add(QUESTIONS[0], 1);
        recent.add(QUESTIONS[1], 2);
        recent.add(QUESTIONS[0], 3); // and now the younger one
        recent.add(QUESTIONS[2], 4);

        assertThat(recent.size()).isEqualTo(2);
        assertThat(recent.contains(QUESTIONS[0], 5)).isTrue();
        assertThat(recent.contains(QUESTIONS[1], 5)).isFalse();
        assertThat(recent.contains(QUESTIONS[2], 5)).isTrue();
    }

    @Test
    void whatIsOverTakesNoRoom() {
        var recent = new RecentYes(10, 100);
        recent.add(QUESTIONS[0], 0);
        recent.add(QUESTIONS[1], 50);
        recent.add(QUESTIONS[2], 100);
        assertThat(recent.size()).isEqualTo(2);

        recent.add(QUESTIONS[3], 1000);
        assertThat(recent.size()).isEqualTo(1);
    }
}
