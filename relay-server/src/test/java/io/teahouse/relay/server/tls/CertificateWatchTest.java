package io.teahouse.relay.server.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Has looks counted, and one of them fail. */
class CertificateWatchTest {
    @Test
    void itLooksAgainAndAgainUntilItIsClosed() throws Exception {
        var looks = new CountDownLatch(3);
        var thread = new AtomicReference<Thread>();
        try (var _ = new CertificateWatch(Duration.ofMillis(1), () -> {
            thread.set(Thread.currentThread());
            looks.countDown();
        })) {
            assertThat(looks.await(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(thread.get().isAlive()).isFalse();
    }

    @Test
    void theEndDoesNotWaitForTheNextLook() throws Exception {
        var looks = new CountDownLatch(1);
        new CertificateWatch(Duration.ofHours(24), looks::countDown).close();

        assertThat(looks.getCount()).isEqualTo(1);
    }

    @Test
    void itGoesOnAfterALookThatFailed() throws Exception {
        var looks = new CountDownLatch(3);
        try (var _ = new CertificateWatch(Duration.ofMillis(1), () -> {
            looks.countDown();
            throw new IllegalStateException("on purpose");
        })) {
            assertThat(looks.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
