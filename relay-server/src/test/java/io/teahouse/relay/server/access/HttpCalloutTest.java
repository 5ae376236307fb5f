package io.teahouse.relay.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a service is, and what can be said of asking it. */
class HttpCalloutTest {
    private static final URI URL = URI.create("https://auth.example/may?key=hunter2");

    @ParameterizedTest
    @CsvSource({
        "http://auth.example,          auth.example,     80,    auth.example,      /",
        "http://auth.example:80/,      auth.example,     80,    auth.example,      /",
        "HTTPS://Auth.Example/A?b=c#d, auth.example,     443,   auth.example,      /A?b=c",
        "https://auth.example:80?,     auth.example,     80,    auth.example:80,   /?",
        "http://auth_service:8080/a//, auth_service,     8080,  auth_service:8080, /a//",
        "http://[::1]:8080/a%2Fb,      ::1,              8080,  [::1]:8080,        /a%2Fb",
        "http://10.0.0.1/\u00fc,       10.0.0.1,         80,    10.0.0.1,          /%C3%BC",
    })
    void aUrlIsTakenApart(String url, String host, int port, String hostHeader, String target) {
        var callout = HttpCallout.of(URI.create(url));
        assertThat(callout.host()).isEqualTo(host);
        assertThat(callout.port()).isEqualTo(port);
        assertThat(callout.hostHeader()).isEqualTo(hostHeader);
        assertThat(callout.target()).isEqualTo(target);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/may",
                "auth.example/may",
                "auth.example:8080",
                "http:may",
                "http:///may",
                "ftp://auth.example/",
                "http://user:hunter2@auth.example/",
                "http://auth.example:0/",
                "http://auth.example:65536/",
                "http://auth.example:/",
                "http://\u00fc.example/",
            })
    void otherUrlsAreRefusedWithoutRepeatingThem(String url) {
        assertThat(HttpCallout.isUsable(URI.create(url))).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HttpCallout.of(URI.create(url)))
                .withMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two\nlines", "caf\u00e9", "\0"})
    void aTokenThatNoHeaderCanHoldIsRefused(String token) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HttpCallout(
                        URL, Optional.of(token), HttpCallout.DEFAULT_TIMEOUT, Duration.ZERO, false, 1, false));
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        for (var timeout : new Duration[] {Duration.ZERO, Duration.ofMillis(9), Duration.ofMillis(30_001)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new HttpCallout(URL, Optional.empty(), timeout, Duration.ZERO, false, 1, false));
        }
        for (var cacheFor : new Duration[] {Duration.ofNanos(-1), Duration.ofSeconds(3601)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new HttpCallout(
                            URL, Optional.empty(), HttpCallout.DEFAULT_TIMEOUT, cacheFor, false, 1, false));
        }
        for (int maxConcurrent : new int[] {0, 10_001}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new HttpCallout(
                            URL,
                            Optional.empty(),
                            HttpCallout.DEFAULT_TIMEOUT,
                            Duration.ZERO,
                            false,
                            maxConcurrent,
                            false));
        }
    }

    @Test
    void noSecretIsShown() {
        var callout = new HttpCallout(
                URL, Optional.of("hunter3"), HttpCallout.DEFAULT_TIMEOUT, Duration.ZERO, false, 1, false);
        assertThat(callout.toString()).contains("https://auth.example").doesNotContain("hunter");
    }
}
