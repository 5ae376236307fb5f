package io.teahouse.relay.server.tls;

import io.teahouse.relay.server.metrics.Figure;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Sees to it that a TLS listener has a certificate, and that it is replaced in time. Implementations are safe for use by many
 * threads.
 */
public interface CertificateKeeper extends AutoCloseable {

    /** Begins with what needs the listeners, which are open now. */
    default void begin() {}

    /**
     * Does at once what else is done from time to time. Connections that are open stay as they are. Blocks while files are read.
     *
     * @return whether another certificate is in force now
     * @throws IOException when one was found that cannot be used, so that the one that was in force still is; the message says
     *                     what is wrong and where
     */
    boolean reload() throws IOException;

    /**
     * {@return why there is no certificate, if there is none}
     */
    default Optional<String> whyNone() {
        return Optional.empty();
    }

    /**
     * {@return what a certification authority that asks over HTTP whether a name is ours is to be answered, if one asks that
     * (RFC 8555, section 8.3)}
     *
     * @param token what it asks for
     */
    default Optional<String> answerOverHttp(String token) {
        return Optional.empty();
    }

    /**
     * {@return what the metrics show}
     */
    List<Figure> figures();

    /** Ends what runs. */
    @Override
    void close();
}
