package io.teahouse.relay.client;

import java.io.IOException;

/** A relay could not be reached, or did not let us in. The message says which relay, where it failed and why. */
public final class RelayConnectException extends IOException {
    private static final long serialVersionUID = 1;

    /** How far an attempt to connect got. */
    public enum Stage {
        /** The URL or the settings do not allow it; nothing was sent. */
        SETTINGS("nothing was sent"),
        /** The host's addresses were looked up. */
        RESOLVE("look-up"),
        /** TCP connections were tried. */
        CONNECT("connect"),
        /** The proxy was asked for a tunnel. */
        PROXY("proxy"),
        /** TLS was negotiated. */
        TLS("TLS"),
        /** The upgrade to a WebSocket was asked for. */
        UPGRADE("upgrade"),
        /** The key was being proved. */
        HANDSHAKE("handshake"),
        /** The relay has turned us away: it will do so again, unless something changes there or here. */
        DENIED("denied");

        private final String words;

        Stage(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** Where it failed. */
    private final Stage stage;

    private final String relay;
    private final String why;

    RelayConnectException(String relay, Stage stage, String why) {
        super("relay %s: %s: %s".formatted(relay, stage, why));
        this.stage = stage;
        this.relay = relay;
        this.why = why;
    }

    /** Returns the same, with the stack of whoever calls this. */
    RelayConnectException again() {
        return new RelayConnectException(relay, stage, why);
    }

    /** Returns why, without which relay and how far. */
    String why() {
        return why;
    }

    /**
     * {@return how far it got}
     */
    public Stage stage() {
        return stage;
    }
}
