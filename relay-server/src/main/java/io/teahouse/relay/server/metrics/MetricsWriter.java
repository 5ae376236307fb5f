package io.teahouse.relay.server.metrics;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Writes metrics as text: OpenMetrics, or the older text of Prometheus, whose sample lines are the same and whose comments
 * differ. Own code rather than a library's, since those sort by name, and who reads the reference's page finds its lines here in
 * the same places. Not thread-safe.
 */
final class MetricsWriter {
    private static final String PREFIX = "relayserver_";
    private static final List<String> UNITS = List.of("seconds", "bytes");

    /** Whole numbers up to here are written as such: 2 to the power of 53. */
    private static final double MAX_WHOLE = 0x1p53;

    private static final int NANO_DIGITS = 9;

    private final MetricsFormat format;
    private final StringBuilder out = new StringBuilder(16 * 1024);

    MetricsWriter(MetricsFormat format) {
        this.format = format;
    }

    /** Begins a family: its samples follow. */
    void family(Figure.Kind kind, String name, String help) {
        switch (format) {
            // Only under the sample's own name is a comment found there.
            case TEXT -> comments(name + suffix(kind), kind == Figure.Kind.INFO ? "gauge" : word(kind), help);
            case OPEN_METRICS -> comments(name, word(kind), help);
        }
    }

    /** Writes a sample of the family that was begun. */
    void sample(Figure figure) {
        sample(
                figure.name() + suffix(figure.kind()),
                figure.label(),
                number(figure.value().getAsDouble()));
    }

    /** Writes a histogram: a family of its own. */
    void histogram(RelayHistogram histogram, List<LoopCounters> loops) {
        var name = histogram.metricName();
        comments(name, "histogram", histogram.help());
        // The sum first: what is added to the buckets in the meantime may make the mean too small, but never too large.
        var sum = seconds(LoopCounters.sumNanos(loops, histogram));
        long count = 0;
        for (int bucket = 0; bucket < RelayHistogram.BUCKETS; bucket++) {
            count += LoopCounters.inBucket(loops, histogram, bucket);
            var bound = bucket < RelayHistogram.BUCKETS - 1 ? seconds(RelayHistogram.boundNanos(bucket)) : "+Inf";
            sample(name + "_bucket", Optional.of(new Figure.Label("le", bound)), Long.toString(count));
        }
        sample(name + "_sum", Optional.empty(), sum);
        sample(name + "_count", Optional.empty(), Long.toString(count));
    }

    /** Ends the page and returns it. */
    String finish() {
        if (format == MetricsFormat.OPEN_METRICS) {
            out.append("# EOF\n");
        }
        return out.toString();
    }

    private void comments(String name, String type, String help) {
        out.append("# HELP ").append(PREFIX).append(name).append(' ');
        escape(help, format == MetricsFormat.OPEN_METRICS);
        out.append("\n# TYPE ")
                .append(PREFIX)
                .append(name)
                .append(' ')
                .append(type)
                .append('\n');
        if (format == MetricsFormat.OPEN_METRICS) {
            for (var unit : UNITS) {
                if (name.endsWith("_" + unit)) {
                    out.append("# UNIT ")
                            .append(PREFIX)
                            .append(name)
                            .append(' ')
                            .append(unit)
                            .append('\n');
                }
            }
        }
    }

    private void sample(String name, Optional<Figure.Label> label, String value) {
        out.append(PREFIX).append(name);
        if (label.isPresent()) {
            out.append('{').append(label.get().name()).append("=\"");
            escape(label.get().value(), true);
            out.append("\"}");
        }
        out.append(' ').append(value).append('\n');
    }

    private void escape(String text, boolean quotes) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '"' -> out.append(quotes ? "\\\"" : "\"");
                default -> out.append(c);
            }
        }
    }

    private static String suffix(Figure.Kind kind) {
        return switch (kind) {
            case COUNTER -> "_total";
            case GAUGE -> "";
            case INFO -> "_info";
        };
    }

    private static String word(Figure.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) <= MAX_WHOLE
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** Without an exponent, and with a decimal point, as Prometheus itself would write a bound. */
    private static String seconds(long nanos) {
        var plain = BigDecimal.valueOf(nanos, NANO_DIGITS).stripTrailingZeros();
        return (plain.scale() < 1 ? plain.setScale(1) : plain).toPlainString();
    }
}
