package io.teahouse.relay.server.metrics;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Writes out the counters of all event loops, and the figures that belong to none, in the format that is asked for: the
 * reference's first, in its order (iroh relay server spec, section 7). {@code docs/metrics.md} lists all. Safe for use by many
 * threads.
 */
public final class MetricsPage {
    private final List<LoopCounters> loops;
    private final List<Figure> counters;
    private final Supplier<List<Figure>> figures;

    /**
     * A page that is ready to be sent.
     *
     * @param contentType media type with version and character set
     * @param body        the page
     */
    @SuppressWarnings("ArrayRecordComponent") // written to the wire, never compared
    public record Rendered(String contentType, byte[] body) {}

    /**
     * Creates the page.
     *
     * @param loops   counters of each event loop
     * @param figures that belong to no loop, those of one name next to each other
     * @throws IllegalArgumentException when figures of one name are not next to each other
     */
    public MetricsPage(List<LoopCounters> loops, List<Figure> figures) {
        this(loops, always(List.copyOf(figures)));
    }

    private static Supplier<List<Figure>> always(List<Figure> figures) {
        return () -> figures;
    }

    /**
     * Creates the page of figures some of which come and go.
     *
     * @param loops   counters of each event loop
     * @param figures that belong to no loop, those of one name next to each other; called by any thread
     * @throws IllegalArgumentException when figures of one name are not next to each other
     */
    public MetricsPage(List<LoopCounters> loops, Supplier<List<Figure>> figures) {
        this.loops = List.copyOf(loops);
        this.counters = counters(this.loops);
        this.figures = figures;
        requireFamilies(this.counters, figures.get());
    }

    private static List<Figure> counters(List<LoopCounters> loops) {
        var counters = new ArrayList<Figure>();
        for (var counter : RelayCounter.values()) {
            counters.add(new Figure(
                    counter.kind(),
                    counter.metricName(),
                    counter.label(),
                    counter.help(),
                    () -> LoopCounters.sum(loops, counter)));
        }
        return List.copyOf(counters);
    }

    /** No collector takes a page on which a name comes twice. */
    private static void requireFamilies(List<Figure> counters, List<Figure> figures) {
        var names = new HashSet<String>();
        for (var histogram : RelayHistogram.values()) {
            names.add(histogram.metricName());
        }
        String previous = "";
        for (var list : List.of(counters, figures)) {
            for (var figure : list) {
                if (!figure.name().equals(previous) && !names.add(figure.name())) {
                    throw new IllegalArgumentException(
                            "metrics: %s is there twice (expected: figures of one name next to each other)"
                                    .formatted(figure.name()));
                }
                previous = figure.name();
            }
        }
    }

    /**
     * {@return the page}
     *
     * @param accept value of the request's {@code Accept} header, empty if there is none
     */
    public Rendered render(String accept) {
        var format = MetricsFormat.negotiate(accept);
        var writer = new MetricsWriter(format);
        write(counters, writer);
        for (var histogram : RelayHistogram.values()) {
            writer.histogram(histogram, loops);
        }
        write(figures.get(), writer);
        return new Rendered(format.contentType(), writer.finish().getBytes(StandardCharsets.UTF_8));
    }

    private static void write(List<Figure> list, MetricsWriter writer) {
        Optional<String> family = Optional.empty();
        for (var figure : list) {
            if (!family.equals(Optional.of(figure.name()))) {
                family = Optional.of(figure.name());
                writer.family(figure.kind(), figure.name(), figure.help());
            }
            writer.sample(figure);
        }
    }
}
