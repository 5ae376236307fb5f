package io.teahouse.relay.server.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads the page as a collector does: OpenMetrics, line by line, and the classic text. */
class MetricsPageTest {
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0";
    private static final Pattern NAME = Pattern.compile("relayserver_[a-z_]+");

    /** What dashboards made for the reference look for (iroh relay server spec, section 7). */
    private static final Map<String, String> NAMES_OF_THE_REFERENCE = names(
            "bytes_sent", "Number of bytes sent.",
            "bytes_recv", "Number of bytes received.",
            "send_packets_sent", "Number of 'send' packets relayed.",
            "send_packets_recv", "Number of 'send' packets received.",
            "send_packets_dropped", "Number of 'send' packets dropped.",
            "other_packets_sent", "Number of packets sent that were not 'send' packets.",
            "other_packets_recv", "Number of packets received that were not 'send' packets.",
            "other_packets_dropped", "Number of times, non-send packet was dropped.",
            "got_ping", "Number of times the server has received a Ping from a client.",
            "sent_pong", "Number of times the server has sent a Pong to a client.",
            "unknown_frames", "Number of unknown frames sent to this server.",
            "bytes_rx_ratelimited", "Number of bytes received from client connection which have been rate-limited.",
            "conns_rx_ratelimited", "Number of client connections which have had any frames rate-limited.",
            "accepts", "Number of times this server has accepted a connection.",
            "disconnects", "Number of clients that have then disconnected.",
            "unique_client_keys", "Number of unique client keys per day.",
            "clients_inactive_added", "Number of times a client was moved into the inactive state.",
            "clients_inactive_removed", "Number of times a client was removed from the inactive state.",
            "qad_incoming", "Number of incoming QAD connections.",
            "qad_incoming_error", "Number of QAD QUIC connections that aborted before completing the handshake.",
            "qad_connections", "Number of accepted QAD QUIC connections.",
            "qad_connections_closed", "Number of QAD QUIC connections that disconnected after being accepted.",
            "qad_connections_errored",
                    "Number of QAD QUIC connections that disconnected after being accepted, with an error.",
            "http_connections", "Number of accepted HTTP(S) connections.",
            "http_connections_closed", "Number of terminated HTTP(S) connections.",
            "http_connections_errored", "Number of HTTP(S) connections that terminated with an error.");

    private final LoopCounters one = new LoopCounters();
    private final LoopCounters other = new LoopCounters();
    private final MetricsPage page = new MetricsPage(List.of(one, other), List.of());

    @Test
    void theReferencesCountersComeFirstInItsFormAndOrder() {
        one.add(RelayCounter.BYTES_SENT, 1_000_000_000_000L);
        var expected = new StringBuilder();
        NAMES_OF_THE_REFERENCE.forEach((name, help) -> expected.append(
                        "# HELP relayserver_%s %s\n".formatted(name, help))
                .append("# TYPE relayserver_%s counter\n".formatted(name))
                .append("relayserver_%s_total %s\n"
                        .formatted(name, name.equals("bytes_sent") ? "1000000000000" : "0")));

        assertThat(text(OPEN_METRICS)).startsWith(expected.toString()).endsWith("\n# EOF\n");
    }

    /** The comments differ, since each format looks for them elsewhere. */
    @Test
    void theSamplesAreTheSameInBothFormats() {
        one.increment(RelayCounter.HANDSHAKE_FAILED_TLS);
        one.observe(RelayHistogram.FORWARDING, 70_000, 3);

        assertThat(samples(text(""))).isEqualTo(samples(text(OPEN_METRICS))).hasSizeGreaterThan(50);
        assertThat(text("")).doesNotContain("EOF", "# UNIT");
        assertThat(text("")).contains("# TYPE relayserver_bytes_sent_total counter\nrelayserver_bytes_sent_total 0\n");
    }

    @Test
    void everySampleBelongsToTheFamilyAboveIt() {
        String family = "";
        var seen = new HashSet<String>();
        for (var line : text(OPEN_METRICS).lines().toList()) {
            if (line.startsWith("# TYPE ")) {
                family = line.split(" ", 4)[2];
                assertThat(seen.add(family)).as("%s: once", family).isTrue();
                assertThat(NAME.matcher(family).matches()).as(family).isTrue();
                assertThat(family).doesNotEndWith("_total");
            } else if (!line.startsWith("#")) {
                assertThat(line).startsWith(family);
            }
        }
    }

    @Test
    void aCounterIsTheSumOverAllLoops() {
        one.increment(RelayCounter.ACCEPTS);
        one.add(RelayCounter.CONNECTIONS_V2, 3);
        other.add(RelayCounter.ACCEPTS, 41);
        other.add(RelayCounter.CONNECTIONS_V2, -1);

        assertThat(text(""))
                .contains("\nrelayserver_accepts_total 42\n")
                .contains("# TYPE relayserver_client_connections gauge\n")
                .contains("\nrelayserver_client_connections{version=\"2\"} 2\n");
    }

    @Test
    void aHistogramAddsUpItsBuckets() {
        one.observe(RelayHistogram.QUEUE_RESIDENCE, 50_000, 2);
        other.observe(RelayHistogram.QUEUE_RESIDENCE, 50_001, 1);
        other.observe(RelayHistogram.QUEUE_RESIDENCE, 1_000_000_000, 1);
        other.observe(RelayHistogram.QUEUE_RESIDENCE, 3_000_000_000L, 1);
        other.observe(RelayHistogram.QUEUE_RESIDENCE, -5, 1);

        assertThat(text(OPEN_METRICS)).contains("""
                # TYPE relayserver_queue_residence_seconds histogram
                # UNIT relayserver_queue_residence_seconds seconds
                relayserver_queue_residence_seconds_bucket{le="0.00005"} 3
                relayserver_queue_residence_seconds_bucket{le="0.0001"} 4
                relayserver_queue_residence_seconds_bucket{le="0.00025"} 4
                relayserver_queue_residence_seconds_bucket{le="0.0005"} 4
                relayserver_queue_residence_seconds_bucket{le="0.001"} 4
                relayserver_queue_residence_seconds_bucket{le="0.0025"} 4
                relayserver_queue_residence_seconds_bucket{le="0.005"} 4
                relayserver_queue_residence_seconds_bucket{le="0.01"} 4
                relayserver_queue_residence_seconds_bucket{le="0.025"} 4
                relayserver_queue_residence_seconds_bucket{le="0.05"} 4
                relayserver_queue_residence_seconds_bucket{le="0.1"} 4
                relayserver_queue_residence_seconds_bucket{le="0.25"} 4
                relayserver_queue_residence_seconds_bucket{le="0.5"} 4
                relayserver_queue_residence_seconds_bucket{le="1.0"} 5
                relayserver_queue_residence_seconds_bucket{le="2.0"} 5
                relayserver_queue_residence_seconds_bucket{le="+Inf"} 6
                relayserver_queue_residence_seconds_sum 4.000150001
                relayserver_queue_residence_seconds_count 6
                """);
        assertThat(LoopCounters.count(List.of(one, other), RelayHistogram.FORWARDING))
                .isZero();
    }

    @Test
    void figuresThatBelongToNoLoopAreShownAsTheyAreNow() {
        var value = new AtomicLong();
        var withFigures = new MetricsPage(
                List.of(one, other),
                List.of(
                        Figure.counter("lamps_lit", "Number of \"lamps\" lit.", value::get),
                        Figure.gauge("lamps_until_seconds", "When the lamps go out.", value::get),
                        Figure.gauge("rooms", "Rooms.", () -> 2).with("where", "a\\b\"c\nd"),
                        Figure.gauge("rooms", "Rooms.", () -> 3).with("where", "attic"),
                        Figure.info("house", "Which house.", new Figure.Label("owner", "Ada")),
                        new Figure(Figure.Kind.COUNTER, "candle_seconds", Optional.empty(), "Light.", () -> 0.25)));

        value.set(1_767_225_600L);

        assertThat(new String(withFigures.render(OPEN_METRICS).body(), UTF_8)).endsWith("""
                # HELP relayserver_lamps_lit Number of \\"lamps\\" lit.
                # TYPE relayserver_lamps_lit counter
                relayserver_lamps_lit_total 1767225600
                # HELP relayserver_lamps_until_seconds When the lamps go out.
                # TYPE relayserver_lamps_until_seconds gauge
                # UNIT relayserver_lamps_until_seconds seconds
                relayserver_lamps_until_seconds 1767225600
                # HELP relayserver_rooms Rooms.
                # TYPE relayserver_rooms gauge
                relayserver_rooms{where="a\\\\b\\"c\\nd"} 2
                relayserver_rooms{where="attic"} 3
                # HELP relayserver_house Which house.
                # TYPE relayserver_house info
                relayserver_house_info{owner="Ada"} 1
                # HELP relayserver_candle_seconds Light.
                # TYPE relayserver_candle_seconds counter
                # UNIT relayserver_candle_seconds seconds
                relayserver_candle_seconds_total 0.25
                # EOF
                """);
        assertThat(new String(withFigures.render("").body(), UTF_8))
                .contains("# HELP relayserver_lamps_lit_total Number of \"lamps\" lit.\n")
                .contains("# TYPE relayserver_house_info gauge\n");
    }

    @Test
    void noNameComesTwice() {
        var twice = List.of(
                Figure.gauge("rooms", "Rooms.", () -> 2),
                Figure.gauge("lamps", "Lamps.", () -> 2),
                Figure.gauge("rooms", "Rooms.", () -> 2));

        assertThatThrownBy(() -> new MetricsPage(List.of(one), twice))
                .hasMessage("metrics: rooms is there twice (expected: figures of one name next to each other)");
    }

    @Test
    void eachCounterIsCountedByItself() {
        var counters = Arrays.asList(RelayCounter.values());
        for (int i = 0; i < counters.size(); i++) {
            one.add(counters.get(i), i + 1);
        }
        for (int i = 0; i < counters.size(); i++) {
            assertThat(one.get(counters.get(i))).isEqualTo(i + 1);
            assertThat(other.get(counters.get(i))).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|text/plain; version=0.0.4",
                "*/*|text/plain; version=0.0.4",
                "text/html|text/plain; version=0.0.4",
                "application/openmetrics-text|application/openmetrics-text",
                "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3|application/openmetrics-text",
                // What Prometheus asks for when it is to collect native histograms.
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                        + "application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.2|application/openmetrics-text",
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
                        + "|text/plain; version=0.0.4",
                // What Prometheus 3 asks for.
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                        + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;q=0.3,"
                        + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1|application/openmetrics-text",
                "text/plain,application/openmetrics-text;q=0.9|text/plain; version=0.0.4",
                "text/plain;q=0.5,Application/OpenMetrics-Text; Version=\"1.0.0\"|application/openmetrics-text",
                "application/openmetrics-text;version=2.0.0|text/plain; version=0.0.4",
                "application/openmetrics-text;q=0|text/plain; version=0.0.4",
                "application/openmetrics-text;q=NaN|text/plain; version=0.0.4"
            })
    void theFormatIsTheBestTextThatIsAskedFor(String accept, String contentType) {
        assertThat(page.render(accept).contentType()).startsWith(contentType);
    }

    @ParameterizedTest
    @ValueSource(strings = {",,;;q=", "\"", "application/openmetrics-text;version=99;escaping=nonsense"})
    void whateverIsAskedForSomeFormatIsGiven(String accept) {
        var rendered = page.render(accept);

        assertThat(rendered.body()).isNotEmpty();
        assertThat(rendered.contentType()).isNotBlank();
    }

    @Test
    void everyCounterSaysInASentenceWhatItCounts() {
        for (var counter : RelayCounter.values()) {
            assertThat(counter.help()).matches("[A-Z].*[^.]\\.").doesNotContain("\n");
        }
    }

    private String text(String accept) {
        return new String(page.render(accept).body(), UTF_8);
    }

    private static List<String> samples(String text) {
        return text.lines().filter(line -> !line.startsWith("#")).toList();
    }

    private static Map<String, String> names(String... namesAndHelps) {
        var names = new LinkedHashMap<String, String>();
        for (int i = 0; i < namesAndHelps.length; i += 2) {
            names.put(namesAndHelps[i], namesAndHelps[i + 1]);
        }
        return names;
    }
}
