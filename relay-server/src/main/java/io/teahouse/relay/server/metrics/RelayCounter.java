package io.teahouse.relay.server.metrics;

import java.util.Optional;

/**
 * Everything that event loops count: name in the metrics, and meaning. The first ones have the reference's names and order;
 * where the reference never moves them or moves them wrongly, they are true here. Those of one name stand next to each other.
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
    /** Keys of clients that were admitted for the first time on a day of UTC. */
    UNIQUE_CLIENT_KEYS("unique_client_keys", "Number of unique client keys per day."),
    /** Takeovers by a newer connection of the same endpoint id. */
    CLIENTS_INACTIVE_ADDED("clients_inactive_added", "Number of times a client was moved into the inactive state."),
    /** Displaced connections that became active again, or ended. */
    CLIENTS_INACTIVE_REMOVED(
            "clients_inactive_removed", "Number of times a client was removed from the inactive state."),
    /** Initial packets that began a connection for address discovery. */
    QAD_INCOMING("qad_incoming", "Number of incoming QAD connections."),
    /** Such connections that failed before their handshake was done. */
    QAD_INCOMING_ERROR(
            "qad_incoming_error", "Number of QAD QUIC connections that aborted before completing the handshake."),
    /** Connections for address discovery. */
    QAD_CONNECTIONS("qad_connections", "Number of accepted QAD QUIC connections."),
    /** Those that have ended. */
    QAD_CONNECTIONS_CLOSED(
            "qad_connections_closed", "Number of QAD QUIC connections that disconnected after being accepted."),
    /** Those that have ended otherwise than a client ends them that is done. */
    QAD_CONNECTIONS_ERRORED(
            "qad_connections_errored",
            "Number of QAD QUIC connections that disconnected after being accepted, with an error."),
    /** Connections that the main listener accepted. */
    HTTP_CONNECTIONS("http_connections", "Number of accepted HTTP(S) connections."),
    /** Connections of the main listener that have ended, relay connections included. */
    HTTP_CONNECTIONS_CLOSED("http_connections_closed", "Number of terminated HTTP(S) connections."),
    /** Connections of the main listener that ended by an error of TLS or HTTP, or by a time limit. */
    HTTP_CONNECTIONS_ERRORED(
            "http_connections_errored", "Number of HTTP(S) connections that terminated with an error."),

    /** Datagrams for an endpoint that is not connected. */
    DROPPED_NOT_CONNECTED(Families.DATAGRAMS_DROPPED, "not_connected"),
    /** Datagrams that gave way because their receiver's queue held too many, or too many bytes. */
    DROPPED_QUEUE_FULL(Families.DATAGRAMS_DROPPED, "queue_full"),
    /** Datagrams that waited too long. */
    DROPPED_TOO_OLD(Families.DATAGRAMS_DROPPED, "too_old"),
    /** Datagrams that gave way because all queues together held too much. */
    DROPPED_MEMORY(Families.DATAGRAMS_DROPPED, "memory"),
    /** Datagrams that were waiting when their receiver went. */
    DROPPED_RECEIVER_GONE(Families.DATAGRAMS_DROPPED, "receiver_gone"),
    /** Datagrams without contents. */
    DROPPED_EMPTY(Families.DATAGRAMS_DROPPED, "empty"),
    /** Datagrams that no relay can deliver. */
    DROPPED_TOO_LARGE(Families.DATAGRAMS_DROPPED, "too_large"),

    /** Connections of clients that speak version 1 and are there now. */
    CONNECTIONS_V1(Families.CLIENT_CONNECTIONS, "1"),
    /** Connections of clients that speak version 2 and are there now. */
    CONNECTIONS_V2(Families.CLIENT_CONNECTIONS, "2"),

    /** Connections whose TLS handshake failed. */
    HANDSHAKE_FAILED_TLS(Families.HANDSHAKES_FAILED, "tls"),
    /** Connections on which came what is no request of HTTP, or one beyond the limits. */
    HANDSHAKE_FAILED_HTTP(Families.HANDSHAKES_FAILED, "http"),
    /** Connections that were not done in time: with TLS, with their first request, or with the proof of a key. */
    HANDSHAKE_FAILED_DEADLINE(Families.HANDSHAKES_FAILED, "deadline"),
    /** Requests for a relay connection that do not ask for a WebSocket rightly, and wrong WebSocket frames. */
    HANDSHAKE_FAILED_WEBSOCKET(Families.HANDSHAKES_FAILED, "websocket"),
    /** Requests for a relay connection of no version that is spoken here. */
    HANDSHAKE_FAILED_VERSION(Families.HANDSHAKES_FAILED, "version"),
    /** Clients whose proof of their key is wrong. */
    HANDSHAKE_FAILED_BAD_AUTH(Families.HANDSHAKES_FAILED, "bad_auth"),
    /** Clients that sent something other than a proof of their key. */
    HANDSHAKE_FAILED_PROTOCOL(Families.HANDSHAKES_FAILED, "protocol"),
    /** Authenticated clients that access control turned away. */
    HANDSHAKE_FAILED_DENIED(Families.HANDSHAKES_FAILED, "denied"),
    /** Clients that went away after the upgrade and before they were let in. */
    HANDSHAKE_FAILED_CLOSED(Families.HANDSHAKES_FAILED, "closed"),

    /** Denied: the endpoint is in no list of those allowed. */
    DENIED_NOT_LISTED(Families.ACCESS_DENIED, "not_listed"),
    /** Denied: the endpoint is in the list of those who are not allowed. */
    DENIED_LISTED(Families.ACCESS_DENIED, "listed"),
    /** Denied: no token was shown. */
    DENIED_NO_TOKEN(Families.ACCESS_DENIED, "no_token"),
    /** Denied: the token is none of those that are shared. */
    DENIED_WRONG_TOKEN(Families.ACCESS_DENIED, "wrong_token"),
    /** Denied: what was shown is no token. */
    DENIED_MALFORMED(Families.ACCESS_DENIED, "malformed"),
    /** Denied: the token is of a key that grants nothing here. */
    DENIED_UNKNOWN_ISSUER(Families.ACCESS_DENIED, "unknown_issuer"),
    /** Denied: the issuer did not sign the token. */
    DENIED_BAD_SIGNATURE(Families.ACCESS_DENIED, "bad_signature"),
    /** Denied: the issuer passes on what another key granted. */
    DENIED_DELEGATION(Families.ACCESS_DENIED, "delegation"),
    /** Denied: the token is for another endpoint. */
    DENIED_WRONG_AUDIENCE(Families.ACCESS_DENIED, "wrong_audience"),
    /** Denied: the token has run out. */
    DENIED_EXPIRED(Families.ACCESS_DENIED, "expired"),
    /** Denied: the token permits other things. */
    DENIED_MISSING_CAPABILITY(Families.ACCESS_DENIED, "missing_capability"),
    /** Denied: the project has as many clients as it may have. */
    DENIED_PROJECT_FULL(Families.ACCESS_DENIED, "project_full"),
    /** Denied: the access service said no. */
    DENIED_SERVICE(Families.ACCESS_DENIED, "service"),
    /** Denied: the access service gave no answer. */
    DENIED_SERVICE_FAILED(Families.ACCESS_DENIED, "service_failed"),
    /** Denied: the rule itself failed. */
    DENIED_RULE_FAILED(Families.ACCESS_DENIED, "rule_failed"),
    /** Denied by a rule that says no more about it. */
    DENIED_OTHER(Families.ACCESS_DENIED, "other"),

    /** Let in, as no token is required: no token was shown. */
    TOLERATED_NO_TOKEN(Families.ACCESS_TOLERATED, "no_token"),
    /** Let in, as no token is required: what was shown is no token. */
    TOLERATED_MALFORMED(Families.ACCESS_TOLERATED, "malformed"),
    /** Let in, as no token is required: the token is of a key that grants nothing here. */
    TOLERATED_UNKNOWN_ISSUER(Families.ACCESS_TOLERATED, "unknown_issuer"),
    /** Let in, as no token is required: the issuer did not sign the token. */
    TOLERATED_BAD_SIGNATURE(Families.ACCESS_TOLERATED, "bad_signature"),
    /** Let in, as no token is required: the issuer passes on what another key granted. */
    TOLERATED_DELEGATION(Families.ACCESS_TOLERATED, "delegation"),
    /** Let in, as no token is required: the token is for another endpoint. */
    TOLERATED_WRONG_AUDIENCE(Families.ACCESS_TOLERATED, "wrong_audience"),
    /** Let in, as no token is required: the token has run out. */
    TOLERATED_EXPIRED(Families.ACCESS_TOLERATED, "expired"),
    /** Let in, as no token is required: the token permits other things. */
    TOLERATED_MISSING_CAPABILITY(Families.ACCESS_TOLERATED, "missing_capability"),

    /** Times that a client was not read from for a while, since it pings too often. */
    PINGS_HELD_BACK("pings_held_back", "Number of times a client was held back for pinging too often."),
    /** Connections closed because their client broke the protocol. */
    PROTOCOL_ERRORS("protocol_errors", "Number of client connections closed for breaking the protocol."),
    /** Connections closed because their client took no byte for too long. */
    WRITE_TIMEOUTS("write_timeouts", "Number of client connections closed for not taking bytes."),
    /** Connections closed because their client did not answer a ping. */
    PING_TIMEOUTS("ping_timeouts", "Number of client connections closed for not answering a ping."),

    /** Connections closed at once: too many in all. */
    REFUSED_CONNECTIONS(Families.CONNECTIONS_REFUSED, "too_many"),
    /** Connections closed at once: too many from one source address. */
    REFUSED_CONNECTIONS_PER_ADDRESS(Families.CONNECTIONS_REFUSED, "too_many_of_address"),
    /** Times that accepting was put off, to keep to the rate. */
    ACCEPTS_DELAYED("accepts_delayed", "Number of times accepting was put off to keep to the rate."),
    /** Times that the system had no connection to give. */
    ACCEPT_ERRORS("accept_errors", "Number of times accepting failed, as when no file is left."),

    /** Clients of address discovery that were not answered: too many in all. */
    QAD_REFUSED_TOO_MANY(Families.QAD_REFUSED, "too_many"),
    /** Clients of address discovery that were not answered: too many from one source address. */
    QAD_REFUSED_TOO_MANY_OF_ADDRESS(Families.QAD_REFUSED, "too_many_of_address"),
    /** Clients of address discovery that were not answered: there is no certificate to show. */
    QAD_REFUSED_NO_CERTIFICATE(Families.QAD_REFUSED, "no_certificate"),
    /** Clients of address discovery that were not answered: the relay is about to end. */
    QAD_REFUSED_CLOSING(Families.QAD_REFUSED, "closing"),
    /** Clients of address discovery that had to show first that their address is theirs. */
    QAD_RETRIES("qad_retries", "Number of times a QAD client was asked to prove its address first."),
    /** Clients of address discovery that have come to another address, and were told so. */
    QAD_ADDRESS_CHANGES("qad_address_changes", "Number of times a QAD client was seen at another address than before.");

    /** Counters of one name, told apart by a label. */
    private record Family(Figure.Kind kind, String metricName, String labelName, String help) {}

    private static final class Families {
        static final Family DATAGRAMS_DROPPED = new Family(
                Figure.Kind.COUNTER, "datagrams_dropped", "reason", "Number of datagram frames dropped, by reason.");
        static final Family CLIENT_CONNECTIONS = new Family(
                Figure.Kind.GAUGE,
                "client_connections",
                "version",
                "Connections of clients, active or not, by version of the relay protocol.");
        static final Family HANDSHAKES_FAILED = new Family(
                Figure.Kind.COUNTER,
                "handshakes_failed",
                "cause",
                "Number of connections that did not become a client's, by cause.");
        static final Family ACCESS_DENIED = new Family(
                Figure.Kind.COUNTER,
                "access_denied",
                "reason",
                "Number of authenticated clients that access control turned away, by reason.");
        static final Family ACCESS_TOLERATED = new Family(
                Figure.Kind.COUNTER,
                "access_tolerated",
                "reason",
                "Number of clients let in without a good token, as none is required, by what is wrong with it.");
        static final Family CONNECTIONS_REFUSED = new Family(
                Figure.Kind.COUNTER,
                "connections_refused",
                "reason",
                "Number of connections closed as soon as accepted, by reason.");
        static final Family QAD_REFUSED = new Family(
                Figure.Kind.COUNTER,
                "qad_refused",
                "reason",
                "Number of first packets of QAD clients that were not answered, by reason.");

        private Families() {}
    }

    private final Figure.Kind kind;
    private final String metricName;
    /** Empty, and so is the value, where there is only one of the name. */
    private final String labelName;

    private final String labelValue;
    private final String help;

    RelayCounter(String metricName, String help) {
        this.kind = Figure.Kind.COUNTER;
        this.metricName = metricName;
        this.labelName = "";
        this.labelValue = "";
        this.help = help;
    }

    RelayCounter(Family family, String labelValue) {
        this.kind = family.kind;
        this.metricName = family.metricName;
        this.labelName = family.labelName;
        this.labelValue = labelValue;
        this.help = family.help;
    }

    /**
     * {@return whether it only goes up, or down, too}
     */
    public Figure.Kind kind() {
        return kind;
    }

    /**
     * {@return what tells it from others of its name, if there are any}
     */
    public Optional<Figure.Label> label() {
        return labelName.isEmpty() ? Optional.empty() : Optional.of(new Figure.Label(labelName, labelValue));
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
