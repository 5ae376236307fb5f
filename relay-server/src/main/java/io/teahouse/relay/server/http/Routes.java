package io.teahouse.relay.server.http;

import io.netty.handler.codec.http.HttpRequest;
import io.teahouse.relay.protocol.ProtocolVersion;
import java.util.List;
import java.util.Map;

/** Decides what a listener answers. Implementations are safe for use by many threads. */
interface Routes {

    /** What is to be done with a request. */
    sealed interface Outcome {
        /** Answer it. */
        record Answer(HttpAnswer answer) implements Outcome {}

        /** Answer 101, and speak the relay protocol from then on. */
        record Switch(ProtocolVersion version, String acceptKey) implements Outcome {}
    }

    /** Returns what is to be done with a request; its body, if any, is not looked at. */
    Outcome route(HttpRequest request);

    /** Returns header lines that every answer of this listener carries. */
    default List<Map.Entry<String, String>> commonHeaders() {
        return List.of();
    }

    /** Returns whether a connection may carry more than one request. */
    default boolean keepAlive() {
        return true;
    }

    /** Returns the path of a request as it was sent, without its query; also for targets in absolute form. */
    static String path(HttpRequest request) {
        var target = request.uri();
        if (!target.startsWith("/")) {
            int authority = target.indexOf("://");
            if (authority > 0) {
                int slash = target.indexOf('/', authority + 3);
                int mark = target.indexOf('?', authority + 3);
                target = slash < 0 || (mark >= 0 && mark < slash) ? "/" : target.substring(slash);
            }
        }
        int mark = target.indexOf('?');
        return mark < 0 ? target : target.substring(0, mark);
    }
}
