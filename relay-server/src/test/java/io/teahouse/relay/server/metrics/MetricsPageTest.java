package io.teahouse.relay.server.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /** What dashboards made for the reference look for (iroh relay server spec, section 7), without what is QUIC's. */
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
            "clients_inactive_added", "Number of times a client was moved into the inactive state.",
            "clients_inactive_removed", "Number of times a client was removed from the inactive state.",
            "http_connections", "Number of accepted HTTP(S) connections.",
            "http_connections_closed", "Number of terminated HTTP(S) connections.",
            "http_connections_errored", "Number of HTTP(S) connections that terminated with an error.");

    private final LoopCounters one = new LoopCounters();
    private final LoopCounters other = new LoopCounters();
    private final MetricsPage page = new MetricsPage(List.of(one, other), List.of());

    @Test
    void openMetricsHasHelpTypeAndOneSampleForEachCounterAndEnds() {
        var rendered = page.render(OPEN_METRICS);
        assertThat(rendered.contentType()).startsWith(OPEN_METRICS);
        var text = new String(rendered.body(), UTF_8);
        assertThat(text).endsWith("\n# EOF\n");
        var lines = text.lines().toList();

        var names = new HashSet<String>();
        for (int i = 0; i + 1 < lines.size(); i += 3) {
            var name = lines.get(i).split(" ", 4)[2];
            assertThat(NAME.matcher(name).matches()).as(name).isTrue();
            assertThat(name).doesNotEndWith("_total");
            assertThat(names.add(name)).as("%s: once", name).isTrue();
            assertThat(lines.subList(i, i + 2)).anyMatch(line -> line.equals("# TYPE " + name + " counter"));
            assertThat(lines.subList(i, i + 2)).anyMatch(line -> line.startsWith("# HELP " + name + " "));
            assertThat(lines.get(i + 2)).isEqualTo(name + "_total 0.0");
        }
        assertThat(names).hasSize(RelayCounter.values().length);
    }

    @Test
    void theReferencesCountersHaveItsNamesAndMeanings() {
        var text = new String(page.render(OPEN_METRICS).body(), UTF_8);

        NAMES_OF_THE_REFERENCE.forEach((name, help) -> assertThat(text)
                .contains("# HELP relayserver_" + name + " " + help + "\n")
                .contains("\nrelayserver_" + name + "_total "));
    }

    @Test
    void aCounterIsTheSumOverAllLoops() {
        one.increment(RelayCounter.ACCEPTS);
        one.add(RelayCounter.BYTES_SENT, 1_000_000_000_000L);
        other.add(RelayCounter.ACCEPTS, 41);

        assertThat(new String(page.render("").body(), UTF_8))
                .contains("\nrelayserver_accepts_total 42.0\n")
                .contains("\nrelayserver_bytes_sent_total 1.0E12\n");
    }

    @Test
    void figuresThatBelongToNoLoopAreShownAsTheyAreNow() {
        var value = new AtomicLong();
        var figures = List.of(
                Figure.counter("lamps_lit", "Number of lamps lit.", value::get),
                Figure.gauge("lamps_until_seconds", "When the lamps go out.", value::get));
        var withFigures = new MetricsPage(List.of(one, other), figures);

        value.set(1_767_225_600L);

        assertThat(new String(withFigures.render(OPEN_METRICS).body(), UTF_8))
                .contains("# TYPE relayserver_lamps_lit counter\n")
                .contains("# HELP relayserver_lamps_lit Number of lamps lit.\n")
                .contains("\nrelayserver_lamps_lit_total 1.7672256E9\n")
                .contains("# TYPE relayserver_lamps_until_seconds gauge\n")
                .contains("# HELP relayserver_lamps_until_seconds When the lamps go out.\n")
                .contains("\nrelayserver_lamps_until_seconds 1.7672256E9\n");
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
                        + "|text/plain; version=0.0.4"
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

    private static Map<String, String> names(String... namesAndHelps) {
        var names = new LinkedHashMap<String, String>();
        for (int i = 0; i < namesAndHelps.length; i += 2) {
            names.put(namesAndHelps[i], namesAndHelps[i + 1]);
        }
        return names;
    }
}
