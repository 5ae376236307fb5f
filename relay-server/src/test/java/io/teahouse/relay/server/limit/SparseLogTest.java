package io.teahouse.relay.server.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** One line in a while, and none lost uncounted. */
class SparseLogTest {
    @Test
    void theFirstIsWrittenAndThenOneInAWhile() {
        var log = new SparseLog(10);
        assertThat(log.next(0)).hasValue(0);
        assertThat(log.next(0)).isEmpty();
        assertThat(log.next(9)).isEmpty();
        assertThat(log.next(10)).hasValue(2);
        assertThat(log.next(19)).isEmpty();
        assertThat(log.next(500)).hasValue(1);
        assertThat(log.next(510)).hasValue(0);
    }
}
