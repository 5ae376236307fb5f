package io.teahouse.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.teahouse.cli.report.Finding.Failed;
import io.teahouse.cli.report.Finding.NotAsked;
import io.teahouse.cli.report.Finding.Result;
import io.teahouse.cli.report.Finding.Seen;
import io.teahouse.core.FormatException;
import io.teahouse.core.RelayUrl;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a report says, for people and for programs. */
class ReportTest {
    private static final Result NO_ANSWER =
            new Failed("no_answer", "no answer within 3 s", List.of("is UDP let through?", "on this port?"));

    private static final Result NO_ADDRESS = new NotAsked("no_address", "the relay has no address of this kind");

    @Test
    void peopleReadATable() {
        var report = new Report(List.of(
                finding("https://one.example/", Family.IPV4, seen("203.0.113.7", 51820, "10.0.0.2")),
                finding("https://one.example/", Family.IPV6, seen("2001:db8::7", 51820, "2001:db8::7")),
                finding("https://two.example:8443/", Family.IPV4, NO_ANSWER),
                finding("https://two.example:8443/", Family.IPV6, NO_ADDRESS)));

        assertThat(TextReport.of(report)).isEqualTo("""
                relay                     over  asked at            sees us at           round trip
                https://one.example       IPv4  192.0.2.1:7842      203.0.113.7:51820    12.3 ms
                https://one.example       IPv6  [2001:db8::1]:7842  [2001:db8::7]:51820  12.3 ms
                https://two.example:8443  IPv4  192.0.2.1:7842      no answer within 3 s
                https://two.example:8443  IPv6  [2001:db8::1]:7842  not asked: the relay has no address of this kind

                IPv4: behind a NAT; a second relay would tell whether it shows everybody the same address
                IPv6: no NAT, relays see an address of this machine

                https://two.example:8443 over IPv4: no answer within 3 s
                    is UDP let through?
                    on this port?
                """);
    }

    @Test
    void whatFailsSeveralTimesInOneWayIsExplainedOnce() {
        var report = new Report(List.of(
                finding("https://one.example/", Family.IPV4, NO_ANSWER),
                finding("https://one.example/", Family.IPV6, NO_ANSWER),
                finding("https://two.example/", Family.IPV4, NO_ANSWER)));

        assertThat(TextReport.of(report)).endsWith("""

                https://one.example over IPv4, https://one.example over IPv6, https://two.example over IPv4: no answer within 3 s
                    is UDP let through?
                    on this port?
                """);
    }

    @Test
    void programsReadAnObject() {
        var report = new Report(List.of(
                finding("https://one.example/?token=secret", Family.IPV4, seen("203.0.113.7", 51820, "10.0.0.2")),
                finding("https://one.example/?token=secret", Family.IPV6, NO_ANSWER)));

        var json = JsonParser.parseString(JsonReport.of(report));

        assertThat(json).isEqualTo(JsonParser.parseString("""
                {"relays": [
                  {"relay": "https://one.example", "family": "ipv4", "asked": "192.0.2.1:7842", "state": "seen",
                   "address": "203.0.113.7:51820", "round_trip_ms": 12.346, "nat": true},
                  {"relay": "https://one.example", "family": "ipv6", "asked": "[2001:db8::1]:7842", "state": "no_answer",
                   "reason": "no answer within 3 s", "advice": ["is UDP let through?", "on this port?"]}],
                 "nat": {"ipv4": "one_relay", "ipv6": "unknown"}}
                """));
    }

    @Test
    void aNatIsKnownByWhatSeveralRelaysSee() {
        var same = seen("203.0.113.7", 51820, "10.0.0.2");
        var otherPort = seen("203.0.113.7", 51821, "10.0.0.2");

        assertThat(mapping(same)).isEqualTo(Report.Mapping.ONE_RELAY);
        assertThat(mapping(same, same)).isEqualTo(Report.Mapping.SAME);
        assertThat(mapping(same, otherPort)).isEqualTo(Report.Mapping.VARIES);
        assertThat(mapping(same, NO_ANSWER)).isEqualTo(Report.Mapping.ONE_RELAY);
        assertThat(mapping(NO_ANSWER)).isEqualTo(Report.Mapping.UNKNOWN);
        assertThat(mapping(NO_ADDRESS)).isEqualTo(Report.Mapping.NOT_ASKED);
    }

    @Test
    void aRelayWithOneAnswerOfTwoIsNotSilent() {
        var report = new Report(List.of(
                finding("https://one.example/", Family.IPV4, seen("203.0.113.7", 1, "10.0.0.2")),
                finding("https://one.example/", Family.IPV6, NO_ANSWER),
                finding("https://two.example/", Family.IPV4, NO_ANSWER)));

        assertThat(report.silent()).extracting(RelayUrl::host).containsExactly("two.example");
    }

    private static Report.Mapping mapping(Result... results) {
        var findings = Arrays.stream(results)
                .map(result -> finding("https://one.example/", Family.IPV4, result))
                .toList();
        return new Report(findings).mapping(Family.IPV4);
    }

    private static Finding finding(String relay, Family family, Result result) {
        var asked = family == Family.IPV4 ? "192.0.2.1" : "2001:db8::1";
        try {
            return new Finding(
                    RelayUrl.parse(relay),
                    family,
                    Optional.of(new InetSocketAddress(InetAddress.ofLiteral(asked), 7842)),
                    result);
        } catch (FormatException e) {
            throw new AssertionError(e);
        }
    }

    private static Seen seen(String address, int port, String local) {
        return new Seen(
                new InetSocketAddress(InetAddress.ofLiteral(address), port),
                InetAddress.ofLiteral(local),
                Duration.ofNanos(12_345_678));
    }
}
