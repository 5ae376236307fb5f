package io.teahouse.quic.conversation;

import io.teahouse.quic.congestion.Cubic;
import io.teahouse.quic.frame.AckFrame;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.EcnCounts;
import io.teahouse.quic.frame.Extension;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.FrameDecoder;
import io.teahouse.quic.frame.FrameEncoder;
import io.teahouse.quic.frame.FrameRules;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.KeyRing;
import io.teahouse.quic.packet.PacketWriter;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.path.IdleTimer;
import io.teahouse.quic.path.MtuDiscovery;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.path.PathChoice;
import io.teahouse.quic.path.PathRecovery;
import io.teahouse.quic.path.ProbeTimeout;
import io.teahouse.quic.recovery.AckSchedule;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.recovery.SentPacket;
import io.teahouse.quic.stream.SendingPart;
import io.teahouse.quic.stream.StreamLimits;
import io.teahouse.quic.stream.Streams;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.TrafficSecret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * As much of a connection's side as it takes to carry streams over several paths: no handshake, no limits for others,
 * one connection id a path. Puts the real parts together, in the simplest way that does.
 */
final class Side {
    static final StreamLimits LIMITS = new StreamLimits(200_000, 1_000_000, 10, 10, 400_000, 1024);
    private static final long MILLI = 1_000_000;

    /** What was in a packet. */
    record Content(List<SendingPart.Piece> pieces, List<Frame> frames, Map<Long, Long> acknowledged) {}

    final Role role;
    final KeyRing keys;
    final Streams streams;
    private final Map<Long, Path<Content>> paths = new TreeMap<>();
    private final Map<Long, SimulatedLink> links;
    private final Random random;
    private final List<Frame> pending = new ArrayList<>();
    long givenUpAtNanos = Long.MAX_VALUE;

    Side(Role role, Map<Long, SimulatedLink> links, Random random) {
        this.role = role;
        this.links = links;
        this.random = random;
        this.keys = new KeyRing(role);
        keys.install(EncryptionLevel.ONE_RTT, Optional.of(secret(role)), Optional.of(secret(role.peer())));
        this.streams = new Streams(role, LIMITS);
        streams.onPeerParameters(parameters());
        links.keySet().forEach(this::open);
    }

    private static TrafficSecret secret(Role sender) {
        var bytes = new byte[32];
        bytes[0] = (byte) (sender == Role.CLIENT ? 1 : 2);
        return new TrafficSecret(CipherSuite.AES_128_GCM_SHA256, bytes);
    }

    private static TransportParameters parameters() {
        return TransportParameters.builder()
                .set(IntegerParameter.INITIAL_MAX_DATA, LIMITS.connectionWindow())
                .set(IntegerParameter.INITIAL_MAX_STREAM_DATA_BIDI_LOCAL, LIMITS.streamWindow())
                .set(IntegerParameter.INITIAL_MAX_STREAM_DATA_BIDI_REMOTE, LIMITS.streamWindow())
                .set(IntegerParameter.INITIAL_MAX_STREAMS_BIDI, LIMITS.bidirectionalStreams())
                .build();
    }

    private void open(long pathId) {
        var mtu = new MtuDiscovery(1472, 0);
        var recovery = new PathRecovery<Content>(
                EnumSet.of(EncryptionLevel.ONE_RTT), Duration.ofMillis(333), new Cubic(1200), mtu, random);
        recovery.probeTimeout().onHandshakeConfirmed();
        recovery.setMaxAckDelayNanos(25 * MILLI);
        var remote = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), (int) pathId + 1);
        var path = new Path<>(
                pathId,
                NetworkPath.to(remote),
                recovery,
                mtu,
                received -> new AckSchedule(received, MILLI, 25 * MILLI),
                new IdleTimer(30_000 * MILLI, 0));
        if (role == Role.CLIENT) {
            path.challenges().start(0);
            path.amplification().lift();
        }
        paths.put(pathId, path);
    }

    boolean uses(long pathId) {
        return paths.containsKey(pathId) && path(pathId).isUsable();
    }

    Path<Content> path(long pathId) {
        return Objects.requireNonNull(paths.get(pathId), "path " + pathId);
    }

    private static ConnectionId id(Role receiver, long pathId) {
        return ConnectionId.of(new byte[] {(byte) (receiver == Role.CLIENT ? 1 : 2), (byte) pathId, 3, 4, 5, 6, 7, 8});
    }

    // In.

    void receive(byte[] datagram, long nowNanos) throws TransportException {
        var reader = new DatagramReader(ByteBuffer.wrap(datagram), 8, false);
        for (var packet = reader.next(); packet.isPresent(); packet = reader.next()) {
            receive(datagram, (ReceivedPacket.Sealed) packet.get(), nowNanos);
        }
    }

    private void receive(byte[] datagram, ReceivedPacket.Sealed packet, long nowNanos) throws TransportException {
        long pathId = packet.destination().toBytes()[1];
        if (!paths.containsKey(pathId)) {
            return; // given up and forgotten
        }
        var path = path(pathId);
        if (!packet.destination().equals(id(role, pathId))) {
            throw new AssertionError("not for us: " + packet);
        }
        path.amplification().onReceived(datagram.length);
        long keep = 3 * path.recovery().probeTimeoutNanos();
        var result = keys.open(datagram, packet, pathId, path.received().largest(), nowNanos, keep);
        if (!(result instanceof KeyRing.Result.Opened(long number, ByteBuffer payload))) {
            throw new AssertionError(result);
        }
        if (!path.received().isNew(number)) {
            return;
        }
        path.onReceived(nowNanos);
        FrameDecoder.requireFrames(payload);
        var rules = new FrameRules(EncryptionLevel.ONE_RTT, role.peer(), EnumSet.allOf(Extension.class));
        boolean eliciting = false;
        while (payload.hasRemaining()) {
            var frame = FrameDecoder.decode(payload, rules);
            eliciting |= frame.type().isAckEliciting();
            handle(frame, path, nowNanos);
        }
        path.acks().onReceiving(number, eliciting, Ecn.ECT0, nowNanos);
        path.received().onReceived(number, Ecn.ECT0, nowNanos);
    }

    private void handle(Frame frame, Path<Content> path, long nowNanos) throws TransportException {
        switch (frame) {
            case AckFrame ack when !paths.containsKey(ack.pathId()) -> {}
            case AckFrame ack -> {
                var acknowledged = path(ack.pathId());
                long delay = Math.min(ack.delay() * 8 * 1000, 25 * MILLI);
                var outcome = acknowledged.recovery().onAcknowledged(EncryptionLevel.ONE_RTT, ack, delay, nowNanos);
                keys.oneRtt()
                        .orElseThrow()
                        .onAcknowledged(ack.pathId(), ack.ranges().largest());
                outcome.acknowledged().forEach(packet -> onAcknowledged(packet.content()));
                outcome.lost().forEach(packet -> onLost(packet.content()));
            }
            case StreamFrame streamFrame -> streams.onFrame(streamFrame);
            case ConnectionFrame.MaxData maxData -> streams.onMaxData(maxData);
            case ConnectionFrame.Padding _, ConnectionFrame.Ping _ -> {}
            case PathFrame.PathChallenge(long data) -> {
                path.responses().onChallenge(path.network(), data);
                if (role == Role.SERVER
                        && !path.isValidated()
                        && !path.challenges().isRunning()) {
                    path.challenges().start(nowNanos);
                }
            }
            case PathFrame.PathResponse(long data) -> {
                if (path.challenges().onResponse(data)) {
                    path.onValidated();
                }
            }
            case PathFrame.PathAbandon(long pathId, long code) -> {
                if (paths.containsKey(pathId) && path(pathId).onAbandoned(nowNanos)) {
                    pending.add(new PathFrame.PathAbandon(pathId, code));
                    requeue(path(pathId));
                }
            }
            default -> throw new AssertionError(frame);
        }
    }

    private void onAcknowledged(Content content) {
        content.pieces().forEach(streams::onAcknowledged);
        content.frames().stream().filter(Side::isOfStreams).forEach(streams::onAcknowledged);
        content.acknowledged()
                .forEach((pathId, largest) -> path(pathId).received().onAckAcknowledged(largest));
    }

    private void onLost(Content content) {
        content.pieces().forEach(streams::onLost);
        for (Frame frame : content.frames()) {
            if (isOfStreams(frame)) {
                streams.onLost(frame);
            } else if (frame instanceof PathFrame.PathAbandon) {
                pending.add(frame);
            }
        }
    }

    private static boolean isOfStreams(Frame frame) {
        return frame instanceof StreamFrame || frame instanceof ConnectionFrame.MaxData;
    }

    private void requeue(Path<Content> path) {
        path.recovery().takeAll().forEach(packet -> onLost(packet.content()));
    }

    // Time.

    long nextDeadlineNanos(long nowNanos) {
        long next = Long.MAX_VALUE;
        for (var path : paths.values()) {
            next = Math.min(next, path.nextDeadlineNanos());
        }
        var best = PathChoice.forData(paths.values());
        if (best.isPresent()
                && streams.hasDataToSend()
                && best.get().recovery().allows(best.get().mtu().mtuBytes())) {
            next = Math.min(next, best.get().recovery().nextSendNanos(nowNanos));
        }
        return next;
    }

    void act(long nowNanos) {
        paths.values().removeIf(path -> path.forgetAtNanos().orElse(Long.MAX_VALUE) <= nowNanos);
        for (var path : paths.values()) {
            if (path.forgetAtNanos().isPresent()) {
                continue;
            }
            var deadline = path.recovery().nextDeadline(path.amplification().isReached());
            if (deadline.atNanos() <= nowNanos && deadline.reason() == ProbeTimeout.Reason.LOSS) {
                path.recovery().detectLost(deadline.level(), nowNanos).forEach(packet -> onLost(packet.content()));
            } else if (deadline.atNanos() <= nowNanos) {
                probe(path, nowNanos);
            }
            sendValidation(path, nowNanos);
            sendMtuProbe(path, nowNanos);
        }
        for (var path : paths.values()) {
            if (path.acks().isDue(nowNanos)) {
                // With data if it is that path's turn.
                sendAcks(PathChoice.forAcknowledgement(path, paths.values()).orElse(path), nowNanos);
            }
        }
        PathChoice.forData(paths.values()).ifPresent(best -> {
            while (sendData(best, nowNanos)) {}
        });
    }

    private void probe(Path<Content> path, long nowNanos) {
        path.recovery().probeTimeout().onProbe();
        if (path.isUsable() && PathChoice.isDead(path, paths.values())) {
            givenUpAtNanos = Math.min(givenUpAtNanos, nowNanos);
            path.onAbandoned(nowNanos);
            pending.add(new PathFrame.PathAbandon(path.id(), 0x3e76));
            requeue(path);
            return;
        }
        // What has waited longest goes again, and whatever becomes of it, it is answered.
        path.recovery().oldestUnacknowledged(EncryptionLevel.ONE_RTT, 1).forEach(packet -> onLost(packet.content()));
        send(path, 1200, SentPacket.ORDINARY, nowNanos, List.of(new ConnectionFrame.Ping()), true);
        // Whether it is only this path shows on the others.
        for (var other : paths.values()) {
            if (other != path && other.isUsable() && other.recovery().bytesInFlight() == 0) {
                send(other, 1200, SentPacket.ORDINARY, nowNanos, List.of(new ConnectionFrame.Ping()), false);
            }
        }
    }

    private void sendValidation(Path<Content> path, long nowNanos) {
        var frames = new ArrayList<Frame>();
        path.responses().poll().ifPresent(owed -> frames.add(new PathFrame.PathResponse(owed.data())));
        if (path.challenges().deadlineNanos() <= nowNanos) {
            long data = random.nextLong();
            frames.add(new PathFrame.PathChallenge(data));
            path.challenges().onSent(data, path.recovery().probeTimeoutNanos(), nowNanos);
        }
        if (!frames.isEmpty() && path.amplification().allows(1200)) {
            int length = frames.size() * 9;
            frames.add(new ConnectionFrame.Padding(1200 - PacketWriter.shortOverhead(8, 2) - length));
            send(path, 1200, SentPacket.ORDINARY, nowNanos, frames, false);
        }
    }

    private void sendMtuProbe(Path<Content> path, long nowNanos) {
        var due = path.isUsable() ? path.mtu().probeDue(nowNanos) : OptionalInt.empty();
        if (due.isPresent()) {
            int size = due.getAsInt();
            var padding = new ConnectionFrame.Padding(size - PacketWriter.shortOverhead(8, 2) - 1);
            var traits = EnumSet.copyOf(SentPacket.ORDINARY);
            traits.add(SentPacket.Trait.MTU_PROBE);
            send(path, size, traits, nowNanos, List.of(new ConnectionFrame.Ping(), padding), false);
        }
    }

    private void sendAcks(Path<Content> path, long nowNanos) {
        boolean isBest =
                PathChoice.forData(paths.values()).filter(best -> best == path).isPresent();
        if (path.amplification().allows(1200)) {
            send(path, 1200, SentPacket.ORDINARY, nowNanos, List.of(), isBest && mayCarryData(path, nowNanos));
        }
    }

    private static boolean mayCarryData(Path<Content> path, long nowNanos) {
        return path.recovery().allows(path.mtu().mtuBytes()) && path.recovery().nextSendNanos(nowNanos) <= nowNanos;
    }

    private boolean sendData(Path<Content> path, long nowNanos) {
        if (!mayCarryData(path, nowNanos)) {
            return false;
        }
        return (!pending.isEmpty() || streams.hasDataToSend())
                ? send(path, path.mtu().mtuBytes(), SentPacket.ORDINARY, nowNanos, List.of(), true)
                : sendControl(path, nowNanos);
    }

    private boolean sendControl(Path<Content> path, long nowNanos) {
        var frame = streams.pollFrame();
        frame.ifPresent(polled -> send(path, 1200, SentPacket.ORDINARY, nowNanos, List.of(polled), true));
        return frame.isPresent();
    }

    private boolean send(
            Path<Content> path,
            int size,
            Set<SentPacket.Trait> traits,
            long nowNanos,
            List<Frame> first,
            boolean withData) {
        var datagram = ByteBuffer.allocate(size);
        long number = path.recovery().numbers(EncryptionLevel.ONE_RTT).peek();
        var writer = keys.beginOneRtt(datagram, id(role.peer(), path.id()), false, path.id(), number, 2);
        var payload = writer.payload();
        var content = new Content(new ArrayList<>(), new ArrayList<>(first), new TreeMap<>());
        first.forEach(frame -> FrameEncoder.write(frame, payload));
        boolean eliciting = first.stream().anyMatch(frame -> frame.type().isAckEliciting());
        if (payload.remaining() > 300) {
            writeAcks(path, payload, content, nowNanos);
        }
        if (withData) {
            eliciting |= writeData(payload, content);
        }
        if (payload.position() == 0) {
            return false;
        }
        path.recovery().numbers(EncryptionLevel.ONE_RTT).take();
        int length = keys.finish(writer, EncryptionLevel.ONE_RTT);
        path.recovery()
                .onSent(
                        EncryptionLevel.ONE_RTT,
                        new SentPacket<>(
                                number, nowNanos, length, eliciting ? traits : SentPacket.ACKNOWLEDGEMENT, content));
        path.amplification().onSent(length);
        if (eliciting) {
            path.idle().onElicitingSent(path.recovery().probeTimeoutNanos(), nowNanos);
        }
        Objects.requireNonNull(links.get(path.id())).send(Arrays.copyOf(datagram.array(), length), nowNanos);
        return true;
    }

    private void writeAcks(Path<Content> on, ByteBuffer payload, Content content, long nowNanos) {
        for (var path : paths.values()) {
            var ranges = path.received().ranges();
            boolean elsewhere = PathChoice.forAcknowledgement(path, paths.values())
                    .filter(chosen -> chosen != on)
                    .isPresent();
            if (ranges.isEmpty() || elsewhere || !path.acks().hasSomethingToAcknowledge()) {
                continue;
            }
            long delayNanos = nowNanos - path.received().largestReceivedAtNanos();
            var ack = new AckFrame.PathAck(
                    path.id(), ranges.get(), delayNanos / 8000, Optional.of(new EcnCounts(0, 0, 0)));
            if (FrameEncoder.length(ack) <= payload.remaining()) {
                FrameEncoder.write(ack, payload);
                content.acknowledged().put(path.id(), ranges.get().largest());
                path.acks().onAckSent();
            }
        }
    }

    private boolean writeData(ByteBuffer payload, Content content) {
        while (!pending.isEmpty() && payload.remaining() > 40) {
            content.frames().add(pending.getFirst());
            FrameEncoder.write(pending.removeFirst(), payload);
        }
        while (payload.remaining() > 40) {
            var frame = streams.pollFrame();
            if (frame.isEmpty()) {
                break;
            }
            content.frames().add(frame.get());
            FrameEncoder.write(frame.get(), payload);
        }
        streams.send(payload, content.pieces());
        return !content.pieces().isEmpty()
                || content.frames().stream().anyMatch(frame -> frame.type().isAckEliciting());
    }

    /** Whether nothing is on its way that somebody waits for. */
    boolean isQuiet() {
        return paths.values().stream().allMatch(path -> path.recovery().bytesInFlight() == 0);
    }
}
