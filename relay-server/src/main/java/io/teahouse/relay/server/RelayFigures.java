package io.teahouse.relay.server;

import io.netty.util.internal.PlatformDependent;
import io.teahouse.relay.server.admin.Admin;
import io.teahouse.relay.server.forwarding.ForwardingLoop;
import io.teahouse.relay.server.http.OpenFiles;
import io.teahouse.relay.server.metrics.Figure;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/** What the metrics show of a relay besides what its event loops count. {@code docs/metrics.md} lists it. */
final class RelayFigures {
    private RelayFigures() {}

    static List<Figure> ofClients(LongSupplier connectedEndpoints, List<LoopCounters> counters) {
        return List.of(
                Figure.gauge("clients", "Endpoints that are connected.", connectedEndpoints),
                Figure.gauge(
                        "clients_inactive",
                        "Connections that a newer one of the same endpoint has displaced.",
                        () -> LoopCounters.sum(counters, RelayCounter.CLIENTS_INACTIVE_ADDED)
                                - LoopCounters.sum(counters, RelayCounter.CLIENTS_INACTIVE_REMOVED)));
    }

    static List<Figure> ofConnections(OpenFiles files, BooleanSupplier ready) {
        return List.of(
                Figure.gauge("open_connections", "Open connections of all listeners.", files::connections),
                Figure.gauge(
                        "open_connections_max",
                        "Open connections that the limit of open files allows.",
                        files::maxConnections),
                Figure.gauge(
                        "ready",
                        "1 while clients may come, 0 while they should go elsewhere.",
                        () -> ready.getAsBoolean() ? 1 : 0));
    }

    static List<Figure> ofLoops(List<ForwardingLoop> forwarding, int handshakeLoops) {
        var help = "Event loops, by what they do.";
        return List.of(
                Figure.gauge(
                        "queued_bytes",
                        "Bytes of datagram frames that wait for receivers that do not take them.",
                        () -> forwarding.stream()
                                .mapToLong(ForwardingLoop::queuedBytes)
                                .sum()),
                Figure.gauge("event_loops", help, forwarding::size).with("kind", "forwarding"),
                Figure.gauge("event_loops", help, () -> handshakeLoops).with("kind", "handshake"),
                Figure.gauge(
                        "buffer_memory_bytes",
                        "Memory of network buffers outside the heap.",
                        () -> Math.max(0, PlatformDependent.usedDirectMemory())));
    }

    static List<Figure> ofDiscovery(List<LoopCounters> counters) {
        return List.of(
                Figure.gauge(
                        "qad_open_connections",
                        "QAD QUIC connections that are open.",
                        () -> LoopCounters.sum(counters, RelayCounter.QAD_CONNECTIONS)
                                - LoopCounters.sum(counters, RelayCounter.QAD_CONNECTIONS_CLOSED)),
                Figure.gauge(
                        "qad_handshakes",
                        "QAD QUIC connections whose handshake is going on.",
                        () -> LoopCounters.sum(counters, RelayCounter.QAD_INCOMING)
                                - LoopCounters.sum(counters, RelayCounter.QAD_INCOMING_ERROR)
                                - LoopCounters.sum(counters, RelayCounter.QAD_CONNECTIONS)));
    }

    static List<Figure> ofReloads(LongSupplier applied, LongSupplier failed) {
        var help = "Number of times the configuration was read again, by what came of it.";
        return List.of(
                Figure.counter("config_reloads", help, applied).with("result", "applied"),
                Figure.counter("config_reloads", help, failed).with("result", "failed"));
    }

    static List<Figure> ofAdmin(Optional<Admin> admin) {
        var help = "Number of requests of the admin listener, by what came of them.";
        return List.of(
                Figure.counter("admin_requests", help, () -> count(admin, Admin::done))
                        .with("result", "done"),
                Figure.counter("admin_requests", help, () -> count(admin, Admin::refused))
                        .with("result", "refused"),
                Figure.counter("admin_requests", help, () -> count(admin, Admin::failed))
                        .with("result", "failed"));
    }

    private static long count(Optional<Admin> admin, ToLongFunction<Admin> what) {
        return admin.isPresent() ? what.applyAsLong(admin.get()) : 0;
    }

    static List<Figure> ofProgram(String version, Instant started) {
        return List.of(
                Figure.gauge(
                        "start_time_seconds",
                        "When this relay was started, in seconds since 1970-01-01 UTC.",
                        started::getEpochSecond),
                Figure.info("build", "What this relay is.", new Figure.Label("version", version)));
    }
}
