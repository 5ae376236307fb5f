package io.teahouse.relay.client;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.Datagrams;
import java.time.Duration;

/**
 * What happened on a connection to a relay. Immutable; the bytes of received datagrams are nobody else's.
 *
 * <p>Pings and pongs are answered and watched without anybody seeing them.
 */
public sealed interface RelayEvent {
    /**
     * Another endpoint sent this.
     *
     * @param source    who
     * @param datagrams what; not empty
     */
    record Received(EndpointId source, Datagrams datagrams) implements RelayEvent {}

    /**
     * The relay has proved that it hears us: the first pong has come. Until then a connection may be one that leads nowhere.
     *
     * @param roundTrip from the ping to the pong
     */
    record Proved(Duration roundTrip) implements RelayEvent {}

    /**
     * An endpoint that has sent us datagrams is no longer connected to this relay.
     *
     * @param endpoint who
     */
    record EndpointGone(EndpointId endpoint) implements RelayEvent {}

    /**
     * The relay says how it is with this connection.
     *
     * @param condition how
     * @param detail    in words: the relay's, of at most 200 characters, or what the code means
     */
    record ConditionChanged(Condition condition, String detail) implements RelayEvent {}

    /**
     * The relay is about to restart. It will end the connection; nothing is to be done before.
     *
     * @param reconnectIn how long to wait then before dialling
     * @param tryFor      for how long to go on trying
     */
    record Restarting(Duration reconnectIn, Duration tryFor) implements RelayEvent {}

    /**
     * The connection has ended; this is the last event.
     *
     * @param end why
     */
    record Ended(ConnectionEnd end) implements RelayEvent {}

    /** How it is with a connection, in the relay's view. */
    enum Condition {
        /** All is well again. */
        HEALTHY,
        /** A newer connection has the same endpoint id and receives in place of this one, which may still send. */
        SAME_ENDPOINT_ID_CONNECTED,
        /** We send more than the relay lets us, so it reads more slowly. */
        RATE_LIMITED,
        /** Something that this version does not know. */
        OTHER
    }
}
