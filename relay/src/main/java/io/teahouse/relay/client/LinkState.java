package io.teahouse.relay.client;

import java.time.Duration;

/** How it stands with a relay that {@link RelayLinks} looks after. Each state but the last has its end. */
public sealed interface LinkState {
    /**
     * An attempt to connect is under way; it has a limit.
     *
     * @param attempt how many there were in a row, this one included
     */
    record Connecting(int attempt) implements LinkState {}

    /**
     * The relay has let us in. It is pinged; if it falls silent, the connection ends.
     *
     * @param proved whether it has answered a ping on this connection
     */
    record Connected(boolean proved) implements LinkState {}

    /**
     * There is no connection; the next attempt comes by itself.
     *
     * @param delay from the beginning of this state to the next attempt
     * @param why   what ended the last connection or attempt
     */
    record Waiting(Duration delay, String why) implements LinkState {}

    /** Nobody needs the relay: it is dialled when something is to be sent through it. */
    record Idle() implements LinkState {}
}
