package io.teahouse.cli.report;

import io.teahouse.cli.report.Finding.Failed;
import io.teahouse.cli.report.Finding.NotAsked;
import io.teahouse.cli.report.Finding.Seen;
import io.teahouse.cli.text.AddressText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report for people: a table, then what it means, then what to do about what went wrong. */
final class TextReport {
    private static final String GAP = "  ";
    private static final List<String> HEADING = List.of("relay", "over", "asked at", "sees us at", "round trip");

    private TextReport() {}

    static String of(Report report) {
        var text = new StringBuilder(table(report));
        text.append('\n');
        for (var family : Report.families()) {
            text.append("%s: %s%n".formatted(family, words(report.mapping(family))));
        }
        // What went wrong several times in the same way is explained once.
        Map<Finding.Result, List<String>> alike = new LinkedHashMap<>();
        for (var failure : report.failures()) {
            alike.computeIfAbsent(failure.result(), _ -> new ArrayList<>())
                    .add("%s over %s".formatted(failure.name(), failure.family()));
        }
        alike.forEach((result, whom) -> {
            if (result instanceof Failed(var _, var why, var advice)) {
                text.append("%n%s: %s%n".formatted(String.join(", ", whom), why));
                advice.forEach(question -> text.append("    %s%n".formatted(question)));
            }
        });
        return text.toString();
    }

    private static String table(Report report) {
        var rows = new ArrayList<List<String>>();
        rows.add(HEADING);
        report.findings().forEach(finding -> rows.add(row(finding)));
        var widths = new int[HEADING.size()];
        for (var row : rows) {
            for (int column = 0; column < row.size(); column++) {
                // What stands in place of an address may be longer than the column, up to the end of the line.
                boolean isRemark = row.size() < HEADING.size() && column == row.size() - 1;
                widths[column] = isRemark
                        ? widths[column]
                        : Math.max(widths[column], row.get(column).length());
            }
        }
        var text = new StringBuilder();
        for (var row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                line.append(row.get(column))
                        .repeat(
                                ' ',
                                Math.max(0, widths[column] - row.get(column).length()));
                line.append(GAP);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private static List<String> row(Finding finding) {
        var row = new ArrayList<>(List.of(
                finding.name(),
                finding.family().toString(),
                finding.asked().map(AddressText::of).orElse("-")));
        switch (finding.result()) {
            case Seen(var address, var _, var roundTrip) -> {
                row.add(AddressText.of(address));
                row.add(millis(roundTrip));
            }
            case NotAsked(var _, var why) -> row.add("not asked: " + why);
            case Failed(var _, var why, var _) -> row.add(why);
        }
        return row;
    }

    private static String millis(Duration duration) {
        return String.format(Locale.ROOT, "%.1f ms", duration.toNanos() / 1e6);
    }

    private static String words(Report.Mapping mapping) {
        return switch (mapping) {
            case NOT_ASKED -> "not asked";
            case UNKNOWN -> "no relay has told an address";
            case NONE -> "no NAT, relays see an address of this machine";
            case ONE_RELAY -> "behind a NAT; a second relay would tell whether it shows everybody the same address";
            case SAME ->
                "behind a NAT that shows everybody the same address: endpoints can meet directly through most others";
            case VARIES ->
                "behind a NAT that shows each relay another address: endpoints meet directly only where the other side is open";
        };
    }
}
