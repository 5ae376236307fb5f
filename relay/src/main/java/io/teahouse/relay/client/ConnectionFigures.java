package io.teahouse.relay.client;

import java.util.Map;

/**
 * What a connection has carried and dropped since it was made.
 *
 * @param sentFrames     frames of datagrams that were handed to the network
 * @param receivedFrames frames of datagrams that came
 * @param receivedBytes  contents of those
 * @param dropped        frames that were dropped, by reason; every reason is there
 */
public record ConnectionFigures(
        long sentFrames, long receivedFrames, long receivedBytes, Map<DropReason, Long> dropped) {
    /** Copies the map. */
    public ConnectionFigures {
        dropped = Map.copyOf(dropped);
    }

    /**
     * {@return how many frames were dropped}
     *
     * @param reason for which reason
     */
    public long dropped(DropReason reason) {
        return dropped.getOrDefault(reason, 0L);
    }
}
