package io.teahouse.relay.server.metrics;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Writes out the counters of all event loops, and the figures that belong to none, in the format that is asked for. Safe for
 * use by many threads.
 */
public final class MetricsPage {
    private static final String PREFIX = "relayserver_";

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ExpositionFormats formats = ExpositionFormats.init();

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
     * @param counters of each event loop
     * @param figures  that belong to no loop
     */
    public MetricsPage(List<LoopCounters> counters, List<Figure> figures) {
        for (var counter : RelayCounter.values()) {
            register(Figure.counter(counter.metricName(), counter.help(), () -> LoopCounters.sum(counters, counter)));
        }
        figures.forEach(this::register);
    }

    private void register(Figure figure) {
        var name = PREFIX + figure.name();
        var _ = switch (figure.kind()) {
            case COUNTER ->
                CounterWithCallback.builder()
                        .name(name)
                        .help(figure.help())
                        .callback(callback ->
                                callback.call((double) figure.value().getAsLong()))
                        .register(registry);
            case GAUGE ->
                GaugeWithCallback.builder()
                        .name(name)
                        .help(figure.help())
                        .callback(callback ->
                                callback.call((double) figure.value().getAsLong()))
                        .register(registry);
        };
    }

    /**
     * {@return the page}
     *
     * @param accept value of the request's {@code Accept} header, empty if there is none
     */
    public Rendered render(String accept) {
        var writer = writerFor(accept);
        var body = new ByteArrayOutputStream();
        try {
            writer.write(body, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return new Rendered(writer.getContentType(), body.toByteArray());
    }

    /** A text format even for those who would rather have Protocol Buffers, whose writer is not among our libraries. */
    private ExpositionFormatWriter writerFor(String accept) {
        var writer = formats.findWriter(accept);
        if (writer.isAvailable()) {
            return writer;
        }
        var openMetrics = formats.getOpenMetricsTextFormatWriter();
        return openMetrics.accepts(accept) ? openMetrics : formats.getPrometheusTextFormatWriter();
    }
}
