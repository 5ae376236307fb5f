package io.teahouse.relay.server.http;

import io.netty.handler.codec.http.HttpRequest;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.metrics.RelayCounter;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Decides what a listener answers. Implementations are safe for use by many threads. */
interface Routes {

    /** What is to be done with a request. */
    sealed interface Outcome {
        /** Answer it. */
        record Answer(HttpAnswer answer) implements Outcome {}

        /** Answer that it becomes no relay connection, and count why. */
        record Refuse(HttpAnswer answer, RelayCounter cause) implements Outcome {}

        /** Answer it later, as the last one of the connection; to be given whom to tell, and who asks. */
        record Later(BiConsumer<InetSocketAddress, Answering> work) implements Outcome {}

        /** Answer 101, and speak the relay protocol from then on. */
        record Switch(ProtocolVersion version, String acceptKey) implements Outcome {}
    }

    /** Is told an answer, once, by any thread; and what is to be run when it is on its way. */
    @FunctionalInterface
    interface Answering {
        void answer(HttpAnswer answer, Runnable after);
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
        int authority = authorityOf(target);
        if (authority > 0) {
            int slash = target.indexOf('/', authority);
            int mark = target.indexOf('?', authority);
            target = slash < 0 || (mark >= 0 && mark < slash) ? "/" : target.substring(slash);
        }
        int mark = target.indexOf('?');
        return mark < 0 ? target : target.substring(0, mark);
    }

    /** Returns where the authority of a target in absolute form begins: behind a scheme (RFC 3986, section 3.1); else 0. */
    private static int authorityOf(String target) {
        int colon = 0;
        while (colon < target.length() && isOfScheme(target.charAt(colon))) {
            colon++;
        }
        return colon > 0 && target.startsWith("://", colon) ? colon + 3 : 0;
    }

    private static boolean isOfScheme(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "+-.".indexOf(c) >= 0;
    }
}
