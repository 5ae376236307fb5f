package io.teahouse.quic.qlog;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.ConnectionTrace;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.tls.EncryptionLevel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Locale;

/**
 * Writes what a connection does as qlog (draft-ietf-quic-qlog-main-schema and -quic-events), a line of JSON for each event
 * ({@code .sqlog}), with the names of version 0.3, which qvis reads.
 *
 * <p>Without contents of streams and datagrams, and without tokens. Not thread-safe. What is written grows with the connection,
 * some hundred bytes a packet: for looking for faults.
 */
public final class QlogTrace implements ConnectionTrace {
    private static final char RECORD_SEPARATOR = 0x1e;

    private final Writer out;
    private final long startNanos;
    private long lastNanos;

    /**
     * Begins with what stands at the top.
     *
     * @param out      gets the text; whoever made it closes it
     * @param role     our part in the connection
     * @param original the connection id that the client has chosen for the server
     * @param network  between which addresses
     * @param start    now, by the wall clock
     * @param nowNanos now
     */
    public QlogTrace(Writer out, Role role, ConnectionId original, NetworkPath network, Instant start, long nowNanos) {
        this.out = out;
        this.startNanos = nowNanos;
        var json = new JsonText()
                .begin('{')
                .field("file_schema", "urn:ietf:params:qlog:file:sequential")
                .field("serialization_format", "application/qlog+json-seq")
                .field("qlog_format", "JSON-SEQ")
                .field("qlog_version", "0.3")
                .field("title", "Teahouse");
        json.name("trace").begin('{');
        json.name("event_schemas")
                .begin('[')
                .value("urn:ietf:params:qlog:events:quic")
                .end(']');
        json.name("vantage_point").begin('{').field("type", text(role)).end('}');
        json.name("common_fields").begin('{');
        json.field("group_id", original.toString()).field("ODCID", original.toString());
        json.field("time_format", "relative").field("reference_time", start.toEpochMilli());
        write(json.end('}').end('}').end('}'));
        started(network, nowNanos);
    }

    private void started(NetworkPath network, long nowNanos) {
        var json = event("transport:connection_started", nowNanos);
        if (network.remote() instanceof InetSocketAddress remote && !remote.isUnresolved()) {
            json.field("dst_ip", remote.getAddress().getHostAddress()).field("dst_port", remote.getPort());
        }
        network.local().ifPresent(local -> json.field("src_ip", local.getHostAddress()));
        finish(json);
    }

    @Override
    public void onParameters(boolean ours, TransportParameters parameters, long nowNanos) {
        var json = event("transport:parameters_set", nowNanos);
        json.field("owner", ours ? "local" : "remote").field("initiator", ours ? "local" : "remote");
        parameters
                .originalDestinationId()
                .ifPresent(id -> json.field("original_destination_connection_id", id.toString()));
        parameters.initialSourceId().ifPresent(id -> json.field("initial_source_connection_id", id.toString()));
        parameters.retrySourceId().ifPresent(id -> json.field("retry_source_connection_id", id.toString()));
        for (var parameter : IntegerParameter.values()) {
            json.field(parameter.name().toLowerCase(Locale.ROOT), parameters.get(parameter));
        }
        json.field("disable_active_migration", parameters.isActiveMigrationDisabled());
        parameters.initialMaxPathId().ifPresent(id -> json.field("initial_max_path_id", id));
        parameters.minAckDelayMicros().ifPresent(micros -> json.field("min_ack_delay", micros));
        finish(json);
    }

    @Override
    public void onSent(Packet packet, long nowNanos) {
        packet("transport:packet_sent", packet, nowNanos);
    }

    @Override
    public void onReceived(Packet packet, long nowNanos) {
        packet("transport:packet_received", packet, nowNanos);
    }

    private void packet(String name, Packet packet, long nowNanos) {
        var json = event(name, nowNanos);
        header(json, packet.level(), packet.pathId(), packet.number());
        json.name("raw").begin('{').field("length", packet.length()).end('}');
        json.name("frames").begin('[');
        packet.frames().forEach(frame -> FrameJson.write(frame, json));
        finish(json.end(']'));
    }

    @Override
    public void onLost(EncryptionLevel level, long pathId, long number, long nowNanos) {
        var json = event("recovery:packet_lost", nowNanos);
        header(json, level, pathId, number);
        finish(json);
    }

    @Override
    public void onMetrics(Metrics metrics, long nowNanos) {
        var json = event("recovery:metrics_updated", nowNanos);
        json.field("path_id", metrics.pathId())
                .millis("min_rtt", metrics.minNanos())
                .millis("smoothed_rtt", metrics.smoothedNanos())
                .millis("latest_rtt", metrics.latestNanos())
                .millis("rtt_variance", metrics.variationNanos())
                .field("congestion_window", metrics.congestionWindow())
                .field("bytes_in_flight", metrics.bytesInFlight());
        finish(json);
    }

    @Override
    public void onNetwork(long pathId, NetworkPath network, long nowNanos) {
        var json = event("transport:tuple_assigned", nowNanos);
        json.field("path_id", pathId).field("tuple_remote", network.remote().toString());
        finish(json);
    }

    @Override
    public void onClosed(CloseCause cause, long nowNanos) {
        var json = event("transport:connection_closed", nowNanos);
        switch (cause) {
            case CloseCause.Local(long code) -> json.field("owner", "local").field("application_code", code);
            case CloseCause.Breach(long code, var reason) ->
                json.field("owner", "local").field("connection_code", code).field("reason", reason);
            case CloseCause.PeerApplication(long code, var reason) ->
                json.field("owner", "remote").field("application_code", code).field("reason", reason);
            case CloseCause.PeerTransport(long code, var reason) ->
                json.field("owner", "remote").field("connection_code", code).field("reason", reason);
            case CloseCause.Idle() -> json.field("owner", "local").field("trigger", "idle_timeout");
            case CloseCause.Late() -> json.field("owner", "local").field("trigger", "handshake_timeout");
            case CloseCause.NoPath() -> json.field("owner", "local").field("trigger", "no_viable_path");
            case CloseCause.Reset() -> json.field("owner", "remote").field("trigger", "stateless_reset");
            case CloseCause.VersionUnknown() -> json.field("owner", "local").field("trigger", "version_mismatch");
        }
        finish(json);
    }

    private static void header(JsonText json, EncryptionLevel level, long pathId, long number) {
        json.name("header").begin('{').field("packet_type", text(level)).field("packet_number", number);
        if (pathId != 0) {
            json.field("path_id", pathId);
        }
        json.end('}');
    }

    private static String text(EncryptionLevel level) {
        return switch (level) {
            case INITIAL -> "initial";
            case HANDSHAKE -> "handshake";
            case ZERO_RTT -> "0RTT";
            case ONE_RTT -> "1RTT";
        };
    }

    private static String text(Role role) {
        return role == Role.CLIENT ? "client" : "server";
    }

    private JsonText event(String name, long nowNanos) {
        // Who drives a connection may look at the clock once for several things, and tell one of them late.
        lastNanos = Math.max(lastNanos, nowNanos - startNanos);
        var json = new JsonText().begin('{').millis("time", lastNanos).field("name", name);
        json.name("data").begin('{');
        return json;
    }

    private void finish(JsonText json) {
        write(json.end('}').end('}'));
    }

    private void write(JsonText json) {
        try {
            out.write(RECORD_SEPARATOR);
            out.write(json.toString());
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
