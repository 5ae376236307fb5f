package io.teahouse.relay.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.teahouse.relay.server.metrics.Figure;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.MetricsPage;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What the metrics listener answers: {@code /metrics}, the same on {@code /}, and the pages about health. */
final class MetricsRoutes implements Routes {
    private final MetricsPage page;

    private final HealthPages health;

    MetricsRoutes(List<LoopCounters> counters, Supplier<List<Figure>> figures, HealthPages health) {
        this.page = new MetricsPage(counters, figures);
        this.health = health;
    }

    @Override
    public Outcome route(HttpRequest request) {
        var path = Routes.path(request);
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            return new Outcome.Answer(HttpAnswer.NOT_FOUND);
        }
        if (!path.equals("/metrics") && !path.equals("/")) {
            return new Outcome.Answer(health.answer(path).orElse(HttpAnswer.NOT_FOUND));
        }
        var accept = String.join(",", request.headers().getAll(HttpHeaderNames.ACCEPT));
        var rendered = page.render(accept);
        return new Outcome.Answer(
                new HttpAnswer(200, List.of(Map.entry("content-type", rendered.contentType())), rendered.body()));
    }
}
