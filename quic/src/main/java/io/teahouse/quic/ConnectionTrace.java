package io.teahouse.quic;

import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.tls.EncryptionLevel;
import java.util.List;

/**
 * Is told what a connection does, packet by packet, for people who look for a fault. Each connection has its own, called by
 * whoever calls the connection.
 *
 * <p>What is told has secrets of the peers in it: tokens, and how much was sent when. Frames lie in the packet's own buffer, and
 * are gone when the call returns.
 */
public interface ConnectionTrace {
    /** Nobody wants to know: costs a comparison for each packet. */
    ConnectionTrace NONE = new ConnectionTrace() {
        @Override
        public boolean isOn() {
            return false;
        }
    };

    /** Makes the traces of connections. */
    @FunctionalInterface
    interface Source {
        /** None for any connection. */
        Source NONE = (role, original, network, nowNanos) -> ConnectionTrace.NONE;

        /**
         * {@return the trace of a connection that begins}
         *
         * @param role     our part in it
         * @param original the connection id that the client has chosen for the server; both sides know it
         * @param network  between which addresses
         * @param nowNanos now
         */
        ConnectionTrace begin(Role role, ConnectionId original, NetworkPath network, long nowNanos);
    }

    /**
     * A packet, opened.
     *
     * @param level  whose keys it is sealed with
     * @param pathId its path
     * @param number its number
     * @param length how many bytes it has on the wire
     * @param frames what is in it, as far as that could be read
     */
    record Packet(EncryptionLevel level, long pathId, long number, int length, List<Frame> frames) {}

    /**
     * What is known of a path.
     *
     * @param pathId           which one
     * @param minNanos         the shortest round trip
     * @param smoothedNanos    the round trip, smoothed
     * @param latestNanos      the latest round trip
     * @param variationNanos   how much round trips vary
     * @param congestionWindow how many bytes may be on their way
     * @param bytesInFlight    how many are
     */
    record Metrics(
            long pathId,
            long minNanos,
            long smoothedNanos,
            long latestNanos,
            long variationNanos,
            long congestionWindow,
            long bytesInFlight) {}

    /**
     * {@return whether packets are to be told, which has a price}
     */
    default boolean isOn() {
        return true;
    }

    /**
     * A side has said of itself how it wants to be treated.
     *
     * @param ours       whether we have
     * @param parameters what was said
     * @param nowNanos   now
     */
    default void onParameters(boolean ours, TransportParameters parameters, long nowNanos) {}

    /**
     * A packet goes out.
     *
     * @param packet   which one
     * @param nowNanos now
     */
    default void onSent(Packet packet, long nowNanos) {}

    /**
     * A packet has come, and opened.
     *
     * @param packet   which one
     * @param nowNanos now
     */
    default void onReceived(Packet packet, long nowNanos) {}

    /**
     * A packet of ours is taken for lost.
     *
     * @param level    whose numbers it is one of
     * @param pathId   its path
     * @param number   its number
     * @param nowNanos now
     */
    default void onLost(EncryptionLevel level, long pathId, long number, long nowNanos) {}

    /**
     * Something was acknowledged or lost.
     *
     * @param metrics  what is known now
     * @param nowNanos now
     */
    default void onMetrics(Metrics metrics, long nowNanos) {}

    /**
     * A path goes between other addresses than before.
     *
     * @param pathId   which one
     * @param network  between which
     * @param nowNanos now
     */
    default void onNetwork(long pathId, NetworkPath network, long nowNanos) {}

    /**
     * It is over. Datagrams may still follow.
     *
     * @param cause    why
     * @param nowNanos now
     */
    default void onClosed(CloseCause cause, long nowNanos) {}
}
