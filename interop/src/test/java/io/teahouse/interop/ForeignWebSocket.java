package io.teahouse.interop;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import javax.net.ssl.SSLContext;

/** A WebSocket whose client side is of a library that nobody here wrote. */
interface ForeignWebSocket extends AutoCloseable {

    /** Something that came from the other side. */
    sealed interface Event {
        /**
         * A whole binary message.
         *
         * @param bytes its payload
         */
        @SuppressWarnings("ArrayRecordComponent") // read once, never compared
        record Message(byte[] bytes) implements Event {}

        /**
         * The answer to a WebSocket ping.
         *
         * @param bytes its payload
         */
        @SuppressWarnings("ArrayRecordComponent") // read once, never compared
        record Pong(byte[] bytes) implements Event {}

        /**
         * The end; nothing comes after it.
         *
         * @param how in the library's words
         */
        record Ended(String how) implements Event {}
    }

    /** Whose WebSocket. */
    enum Library {
        /** {@code java.net.http}. */
        JDK,
        /** {@code org.java-websocket}. */
        JAVA_WEBSOCKET;

        /**
         * Opens a WebSocket.
         *
         * @param uri          {@code ws} or {@code wss}
         * @param tls          whom to trust, if not those whom Java trusts
         * @param subprotocols what to offer, in this order
         * @param events       takes what comes
         * @return the WebSocket, open
         * @throws Exception when it cannot be opened
         */
        ForeignWebSocket open(URI uri, Optional<SSLContext> tls, List<String> subprotocols, BlockingQueue<Event> events)
                throws Exception {
            return switch (this) {
                case JDK -> JdkWebSocket.open(uri, tls, subprotocols, events);
                case JAVA_WEBSOCKET -> JavaWebSocket.open(uri, tls, subprotocols, events);
            };
        }
    }

    /**
     * {@return what the server chose of the subprotocols}
     */
    String subprotocol();

    /**
     * Sends a binary message.
     *
     * @param message its payload
     */
    void send(byte[] message);

    /**
     * Sends a WebSocket ping.
     *
     * @param payload 125 bytes at most
     */
    void ping(byte[] payload);

    /** Sends a close frame and ends the connection. */
    @Override
    void close();
}
