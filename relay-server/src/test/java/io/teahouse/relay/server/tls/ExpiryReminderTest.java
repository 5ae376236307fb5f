package io.teahouse.relay.server.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.testing.TestCertificateAuthority;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lets time pass for a certificate, and listens what its operator is told. */
class ExpiryReminderTest {
    private static final Duration MOMENT = Duration.ofSeconds(1);

    @TempDir
    private Path directory;

    private ServerCertificate certificate;
    private ExpiryReminder reminder;

    @BeforeEach
    void issue() throws IOException {
        var files = TestCertificateAuthority.create().issue(directory, "localhost", "127.0.0.1");
        certificate = ServerCertificate.of(FileContents.read(files.chain()), FileContents.read(files.privateKey()));
        reminder = new ExpiryReminder(certificate);
    }

    @Test
    void nothingIsSaidWhileThereIsTime() {
        assertThat(reminder.due(certificate.notBefore())).isEmpty();
        assertThat(reminder.due(before(ExpiryReminder.NOTICE))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "P13DT23H59M59S, 13 days",
        "P2D, 2 days",
        "P1DT23H, 1 day",
        "P1D, 1 day",
        "PT23H59M59S, less than a day",
        "PT1S, less than a day"
    })
    void howLongItStillLastsIsSaidInTheLastTwoWeeks(Duration left, String inWords) {
        assertThat(reminder.due(before(left)))
                .hasValue("tls: renew the certificate: that for localhost, 127.0.0.1 expires at %s, in %s"
                        .formatted(certificate.notAfter(), inWords));
    }

    @Test
    void anExpiredOneIsCalledExpired() {
        assertThat(reminder.due(certificate.notAfter()))
                .hasValue(
                        "tls: renew the certificate: that for localhost, 127.0.0.1 expired at %s; clients refuse this relay"
                                .formatted(certificate.notAfter()));
    }

    @Test
    void oneThatIsNotYetValidIsCalledSo() {
        assertThat(reminder.due(certificate.notBefore().minus(MOMENT)))
                .hasValue(
                        "tls: renew the certificate: that for localhost, 127.0.0.1 is valid only from %s; clients refuse this"
                                        .formatted(certificate.notBefore())
                                + " relay");
    }

    @Test
    void itIsSaidOnceADay() {
        var now = before(Duration.ofDays(3));
        assertThat(reminder.due(now)).isPresent();
        assertThat(reminder.due(now)).isEmpty();
        assertThat(reminder.due(now.plus(ExpiryReminder.EVERY).minus(MOMENT))).isEmpty();

        assertThat(reminder.due(now.plus(ExpiryReminder.EVERY))).isPresent();
        assertThat(reminder.due(now.plus(ExpiryReminder.EVERY).plus(MOMENT))).isEmpty();
        assertThat(reminder.due(now.plus(ExpiryReminder.EVERY.multipliedBy(30))))
                .isPresent();
    }

    private Instant before(Duration left) {
        return certificate.notAfter().minus(left);
    }
}
