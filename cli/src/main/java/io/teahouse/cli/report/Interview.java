package io.teahouse.cli.report;

import io.teahouse.cli.report.Questions.Way;
import io.teahouse.endpoint.netreport.AddressDiscoveryClient;
import io.teahouse.endpoint.netreport.DiscoveryEvent;
import io.teahouse.endpoint.netreport.DiscoveryFailure;
import io.teahouse.endpoint.netreport.DiscoveryTarget;
import io.teahouse.endpoint.netreport.io.AddressDiscovery;
import io.teahouse.quic.CloseCause;
import io.teahouse.quic.io.UdpTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.TrustAnchor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Asks relays, all on one socket, and makes findings of what they say. */
final class Interview {
    /** Longer than the client gives each relay, with all the turns that there can be. */
    private static final Duration PATIENCE = AddressDiscoveryClient.LIMIT.multipliedBy(10);

    /**
     * How long to go on after the last answer, so that the first round trip, in which both sides did the most work, is not the
     * only one that was measured.
     */
    private static final Duration LINGER = Duration.ofMillis(100);

    /** Round trips that a server's probes of the path take, each of which is measured here. */
    private static final int MORE_ROUND_TRIPS = 4;

    // TLS alerts, as QUIC counts them.
    private static final int BAD_CERTIFICATE = 0x12a;
    private static final int CERTIFICATE_EXPIRED = 0x12d;
    private static final int UNKNOWN_AUTHORITY = 0x130;
    private static final int NO_APPLICATION_PROTOCOL = 0x178;

    private final Set<TrustAnchor> anchors;

    Interview(Set<TrustAnchor> anchors) {
        this.anchors = anchors;
    }

    /**
     * {@return what came of it, for each target}
     *
     * @param targets whom to ask, and how one gets there
     * @throws IOException          if this machine gives no socket
     * @throws InterruptedException if the thread is interrupted
     */
    List<Finding> ask(Map<DiscoveryTarget, Way> targets) throws IOException, InterruptedException {
        if (targets.isEmpty()) {
            return List.of();
        }
        BlockingQueue<DiscoveryEvent> events = new LinkedBlockingQueue<>();
        try (var discovery = AddressDiscovery.start(open(), anchors, events::add)) {
            targets.keySet().forEach(discovery::ask);
            Map<DiscoveryTarget, DiscoveryEvent> last = new LinkedHashMap<>();
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (last.size() < targets.size()) {
                var event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (event == null) {
                    break;
                }
                last.put(event.target(), event);
            }
            end = System.nanoTime() + linger(last.values()).toNanos();
            for (DiscoveryEvent event; (event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS)) != null; ) {
                if (event instanceof DiscoveryEvent.AddressSeen) {
                    last.put(event.target(), event);
                }
            }
            List<Finding> findings = new ArrayList<>();
            for (var entry : targets.entrySet()) {
                var target = entry.getKey();
                var roundTrip = discovery.roundTrip(target).join();
                findings.add(finding(target, entry.getValue(), Optional.ofNullable(last.get(target)), roundTrip));
            }
            return findings;
        }
    }

    private static Duration linger(Iterable<DiscoveryEvent> events) {
        var most = Duration.ZERO;
        for (var event : events) {
            if (event instanceof DiscoveryEvent.AddressSeen seen
                    && seen.roundTrip().compareTo(most) > 0) {
                most = seen.roundTrip();
            }
        }
        return most.isZero() ? most : most.multipliedBy(MORE_ROUND_TRIPS).plus(LINGER);
    }

    /** One for both families, or for IPv4 where there is no other. */
    private static UdpTransport open() throws IOException {
        try {
            return UdpTransport.open(UdpTransport.Options.at(new InetSocketAddress(InetAddress.ofLiteral("::"), 0)));
        } catch (IOException _) {
            return UdpTransport.open(
                    UdpTransport.Options.at(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0)));
        }
    }

    private static Finding finding(
            DiscoveryTarget target, Way way, Optional<DiscoveryEvent> event, Optional<Duration> roundTrip) {
        var result = switch (event.orElseGet(() -> new DiscoveryEvent.Failed(target, new DiscoveryFailure.Silence()))) {
            case DiscoveryEvent.AddressSeen(var _, var address, var first) ->
                new Finding.Seen(address, way.local(), roundTrip.orElse(first));
            case DiscoveryEvent.Failed(var _, var reason) -> failed(reason, target);
            case DiscoveryEvent.Lost(var _) ->
                new Finding.Failed("lost", "it has ended the connection", List.of("does it restart? ask again"));
        };
        return new Finding(
                way.relay(), Family.of(target.address().getAddress()), Optional.of(target.address()), result);
    }

    private static Finding.Failed failed(DiscoveryFailure reason, DiscoveryTarget target) {
        return switch (reason) {
            case DiscoveryFailure.Silence() ->
                new Finding.Failed(
                        "no_answer",
                        "no answer within %d s".formatted(AddressDiscoveryClient.LIMIT.toSeconds()),
                        List.of(
                                "is UDP to port %d let through by the firewalls here, there and between?"
                                        .formatted(target.address().getPort()),
                                "does the relay do address discovery (enable_quic_addr_discovery)?",
                                "on this port? else: --quic-port"));
            case DiscoveryFailure.TooSlow() ->
                new Finding.Failed(
                        "too_slow",
                        "it answers, but told no address within %d s"
                                .formatted(AddressDiscoveryClient.LIMIT.toSeconds()),
                        List.of("is the way there lossy?", "is something else than a relay at this port?"));
            case DiscoveryFailure.Refused(var cause) -> refused(cause);
        };
    }

    private static Finding.Failed refused(CloseCause cause) {
        return switch (cause) {
            case CloseCause.Breach(var code, var why) ->
                new Finding.Failed(
                        "refused",
                        why,
                        List.of(
                                switch ((int) code) {
                                    case UNKNOWN_AUTHORITY ->
                                        "is its certificate from an authority of your own? then --trust-ca FILE with that one's certificate";
                                    case BAD_CERTIFICATE ->
                                        "is the URL's host the one that the certificate was made for?";
                                    case CERTIFICATE_EXPIRED -> "is the clock of this machine right?";
                                    default -> "is this the relay that it should be?";
                                }));
            case CloseCause.PeerTransport(var code, var _)
            when code == NO_APPLICATION_PROTOCOL ->
                new Finding.Failed(
                        "refused",
                        "it speaks QUIC, but knows no address discovery",
                        List.of("is something else than a relay at this port? else: --quic-port"));
            case CloseCause.PeerTransport(var code, var why) -> ended(code, why);
            case CloseCause.PeerApplication(var code, var why) -> ended(code, why);
            case CloseCause.VersionUnknown() ->
                new Finding.Failed(
                        "refused", "it does not speak QUIC version 1", List.of("is it a relay of iroh 1.x?"));
            case CloseCause.Reset(),
                    CloseCause.Idle(),
                    CloseCause.Late(),
                    CloseCause.NoPath(),
                    CloseCause.Local(var _) ->
                new Finding.Failed("refused", "it has forgotten the connection", List.of("does it restart? ask again"));
        };
    }

    private static Finding.Failed ended(long code, String why) {
        var words = why.replaceAll("[^\\x20-\\x7e]+", " ").strip();
        return new Finding.Failed(
                "refused",
                "it has ended the connection, code 0x%x%s".formatted(code, words.isEmpty() ? "" : ": " + words),
                List.of("its log may say why"));
    }
}
