package io.teahouse.relay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.conversation.MetricsOfRelay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Holds {@code docs/metrics.md} and the alerts to what a relay serves. */
class MetricsDocTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `([a-z_]+)` \\| (counter|gauge|histogram|info) \\| (?:`([a-z]+)`)? ?\\|");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE relayserver_([a-z_]+) ([a-z]+)$");
    private static final Pattern LABEL = Pattern.compile("(?m)^relayserver_([a-z_]+)\\{([a-z]+)=\"([^\"]*)\"\\}");
    private static final Pattern NAME = Pattern.compile("relayserver_([a-z_]+[a-z])");
    private static final Pattern SELECTOR = Pattern.compile("relayserver_([a-z_]+)\\{([a-z]+)[!=~]+\"([a-z_|]*)\"\\}");

    private static String page = "";
    private static String doc = "";

    @BeforeAll
    static void read() throws IOException {
        page = MetricsOfRelay.openMetrics();
        doc = Files.readString(ROOT.resolve("docs/metrics.md"));
    }

    /** Returns the kinds of all that is served, by the name that it has in a query. */
    private static Map<String, String> served() {
        var served = new TreeMap<String, String>();
        TYPE.matcher(page).results().forEach(line -> {
            var suffix = Map.of("counter", "_total", "info", "_info").getOrDefault(line.group(2), "");
            served.put(line.group(1) + suffix, line.group(2));
        });
        return served;
    }

    /** Elsewhere the system tells less of a process. */
    @EnabledOnOs(OS.LINUX)
    @Test
    void itListsAllThatIsServedWithItsTypeAndNothingElse() {
        var listed = new TreeMap<String, String>();
        ROW.matcher(doc).results().forEach(row -> listed.put(row.group(1), row.group(2)));

        assertThat(listed).isEqualTo(served()).hasSizeGreaterThan(50);
    }

    @Test
    void itNamesEachLabelAndEachOfItsValues() {
        var labels = new TreeMap<String, String>();
        ROW.matcher(doc)
                .results()
                .filter(row -> row.group(3) != null)
                .forEach(row -> labels.put(row.group(1), row.group(3)));
        var served = new TreeMap<String, String>();
        LABEL.matcher(page)
                .results()
                .filter(sample -> !sample.group(2).equals("le"))
                .forEach(sample -> {
                    served.put(sample.group(1), sample.group(2));
                    if (!sample.group(2).equals("version") || !sample.group(1).equals("build_info")) {
                        assertThat(doc).as(sample.group()).contains("`" + sample.group(3) + "`");
                    }
                });

        assertThat(labels).isEqualTo(served);
    }

    @Test
    void queriesAndAlertsAskForWhatThereIs() throws IOException {
        var names = new TreeSet<>(served().keySet());
        for (var histogram : List.of("forwarding_seconds", "queue_residence_seconds")) {
            names.add(histogram + "_bucket");
            names.add(histogram + "_count");
        }
        var alerts = Files.readString(ROOT.resolve("packaging/prometheus/alerts.yml"), UTF_8);
        var queries = doc.substring(doc.indexOf("## Queries")) + alerts;
        assertThat(NAME.matcher(queries).results().map(found -> found.group(1)))
                .hasSizeGreaterThan(20)
                .isSubsetOf(names);
        var selected = SELECTOR.matcher(queries).results().toList();
        assertThat(selected).hasSizeGreaterThan(3);
        for (var selector : selected) {
            for (var value : selector.group(3).split("\\|", -1)) {
                assertThat(page)
                        .contains("relayserver_%s{%s=\"%s\"}".formatted(selector.group(1), selector.group(2), value));
            }
        }
    }
}
