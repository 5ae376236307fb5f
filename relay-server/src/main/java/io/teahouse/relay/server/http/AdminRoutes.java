package io.teahouse.relay.server.http;

import io.netty.handler.codec.http.HttpRequest;
import io.teahouse.relay.server.admin.Admin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the admin listener answers: whatever {@link Admin} says, and one request for each connection. */
final class AdminRoutes implements Routes {
    private static final Map.Entry<String, String> JSON = Map.entry("content-type", "application/json");

    private final Admin admin;

    AdminRoutes(Admin admin) {
        this.admin = admin;
    }

    @Override
    public Outcome route(HttpRequest request) {
        return new Outcome.Later((remote, answering) ->
                admin.answer(request, String.valueOf(remote.getAddress().getHostAddress()), reply -> {
                    var headers = new ArrayList<>(List.of(JSON));
                    reply.allowed().ifPresent(method -> headers.add(Map.entry("allow", method)));
                    answering.answer(new HttpAnswer(reply.status(), headers, reply.body()), reply.after());
                }));
    }

    @Override
    public List<Map.Entry<String, String>> commonHeaders() {
        return List.of(Map.entry("cache-control", "no-store"), Map.entry("x-content-type-options", "nosniff"));
    }

    @Override
    public boolean keepAlive() {
        return false;
    }
}
