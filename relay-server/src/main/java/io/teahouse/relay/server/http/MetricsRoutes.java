package io.teahouse.relay.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.teahouse.relay.server.metrics.Figure;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.MetricsPage;
import java.util.List;
import java.util.Map;

/** What the metrics listener answers: {@code /metrics}, and the same on {@code /}. */
final class MetricsRoutes implements Routes {
    private final MetricsPage page;

    MetricsRoutes(List<LoopCounters> counters, List<Figure> figures) {
        this.page = new MetricsPage(counters, figures);
    }

    @Override
    public Outcome route(HttpRequest request) {
        var path = Routes.path(request);
        boolean known = (path.equals("/metrics") || path.equals("/"))
                && (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD));
        if (!known) {
            return new Outcome.Answer(HttpAnswer.NOT_FOUND);
        }
        var accept = request.headers().get(HttpHeaderNames.ACCEPT, "");
        var rendered = page.render(accept);
        return new Outcome.Answer(
                new HttpAnswer(200, List.of(Map.entry("content-type", rendered.contentType())), rendered.body()));
    }
}
