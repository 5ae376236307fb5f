package io.teahouse.relay.server.metrics;

/**
 * Everything that a relay counts: name in the metrics, and meaning. The first ones have the reference's names; where
 * the reference never moves them or moves them wrongly, they are true here.
 */
public enum RelayCounter {
    /** Contents of datagram frames handed to clients. */
    BYTES_SENT("bytes_sent", "Number of bytes sent."),
    /** Contents of datagram frames that came. */
    BYTES_RECV("bytes_recv", "Number of bytes received."),
    /** Datagram frames handed to clients. */
    SEND_PACKETS_SENT("send_packets_sent", "Number of 'send' packets relayed."),
    /** Datagram frames that came. */
    SEND_PACKETS_RECV("send_packets_recv", "Number of 'send' packets received."),
    /** Datagram frames that were not handed on, for whatever reason. */
    SEND_PACKETS_DROPPED("send_packets_dropped", "Number of 'send' packets dropped."),
    /** Frames handed to clients that carry no datagram. */
    OTHER_PACKETS_SENT("other_packets_sent", "Number of packets sent that were not 'send' packets."),
    /** Frames from clients that carry no datagram. */
    OTHER_PACKETS_RECV("other_packets_recv", "Number of packets received that were not 'send' packets."),
    /** Control frames for which there was no room. */
    OTHER_PACKETS_DROPPED("other_packets_dropped", "Number of times, non-send packet was dropped."),
    /** Ping frames that came. */
    GOT_PING("got_ping", "Number of times the server has received a Ping from a client."),
    /** Pong frames that went out. */
    SENT_PONG("sent_pong", "Number of times the server has sent a Pong to a client."),
    /** Frames of a type that is not known. */
    UNKNOWN_FRAMES("unknown_frames", "Number of unknown frames sent to this server."),
    /** Bytes of reads that used up a client's allowance. */
    BYTES_RX_RATELIMITED(
            "bytes_rx_ratelimited", "Number of bytes received from client connection which have been rate-limited."),
    /** Connections that were slowed down at least once. */
    CONNS_RX_RATELIMITED(
            "conns_rx_ratelimited", "Number of client connections which have had any frames rate-limited."),
    /** Clients that were admitted. */
    ACCEPTS("accepts", "Number of times this server has accepted a connection."),
    /** Admitted clients that have gone. */
    DISCONNECTS("disconnects", "Number of clients that have then disconnected."),
    /** Takeovers by a newer connection of the same endpoint id. */
    CLIENTS_INACTIVE_ADDED("clients_inactive_added", "Number of times a client was moved into the inactive state."),
    /** Displaced connections that became active again, or ended. */
    CLIENTS_INACTIVE_REMOVED(
            "clients_inactive_removed", "Number of times a client was removed from the inactive state."),
    /** Connections that the main listener accepted. */
    HTTP_CONNECTIONS("http_connections", "Number of accepted HTTP(S) connections."),
    /** Connections of the main listener that have ended, relay connections included. */
    HTTP_CONNECTIONS_CLOSED("http_connections_closed", "Number of terminated HTTP(S) connections."),
    /** Connections of the main listener that ended by an error of TLS or HTTP, or by a time limit. */
    HTTP_CONNECTIONS_ERRORED(
            "http_connections_errored", "Number of HTTP(S) connections that terminated with an error."),

    /** Datagrams for an endpoint that is not connected. */
    DROPPED_NOT_CONNECTED("dropped_not_connected", "Datagram frames dropped: destination not connected."),
    /** Datagrams that gave way because their receiver's queue was full. */
    DROPPED_QUEUE_FULL("dropped_queue_full", "Datagram frames dropped: queue of the receiver full."),
    /** Datagrams that waited too long. */
    DROPPED_TOO_OLD("dropped_too_old", "Datagram frames dropped: waited too long for the receiver."),
    /** Datagrams that gave way because all queues together held too much. */
    DROPPED_MEMORY("dropped_memory", "Datagram frames dropped: all queues together over their share of memory."),
    /** Datagrams that were waiting when their receiver went. */
    DROPPED_RECEIVER_GONE("dropped_receiver_gone", "Datagram frames dropped: receiver disconnected."),
    /** Datagrams without contents. */
    DROPPED_EMPTY("dropped_empty", "Datagram frames dropped: no contents."),
    /** Datagrams that no relay can deliver. */
    DROPPED_TOO_LARGE("dropped_too_large", "Datagram frames dropped: contents too large to deliver."),

    /** Connections closed at once: too many in all. */
    REFUSED_CONNECTIONS("refused_connections", "Connections refused: as many as are allowed were open."),
    /** Connections closed at once: too many from one source address. */
    REFUSED_CONNECTIONS_PER_ADDRESS(
            "refused_connections_per_address", "Connections refused: as many as one address is allowed were open."),
    /** Times that accepting was put off, to keep to the rate. */
    ACCEPTS_DELAYED("accepts_delayed", "Times that accepting was put off to keep to the rate."),
    /** Times that the system had no connection to give. */
    ACCEPT_ERRORS("accept_errors", "Times that accepting failed, as when no file is left."),

    /** Relay handshakes that did not lead to an authenticated client. */
    HANDSHAKES_FAILED("handshakes_failed", "Relay handshakes that failed."),
    /** Clients that access control turned away. */
    CLIENTS_DENIED("clients_denied", "Authenticated clients that access control turned away."),
    /** Times that a client was not read from for a while, since it pings too often. */
    PINGS_HELD_BACK("pings_held_back", "Times that a client was held back for pinging too often."),
    /** Connections closed because their client broke the protocol. */
    PROTOCOL_ERRORS("protocol_errors", "Client connections closed for breaking the protocol."),
    /** Connections closed because their client took no byte for too long. */
    WRITE_TIMEOUTS("write_timeouts", "Client connections closed for not taking bytes."),
    /** Connections closed because their client did not answer a ping. */
    PING_TIMEOUTS("ping_timeouts", "Client connections closed for not answering a ping.");

    private final String metricName;
    private final String help;

    RelayCounter(String metricName, String help) {
        this.metricName = metricName;
        this.help = help;
    }

    /**
     * {@return the name in the metrics, without prefix and without {@code _total}}
     */
    public String metricName() {
        return metricName;
    }

    /**
     * {@return what it counts, in a sentence}
     */
    public String help() {
        return help;
    }
}
