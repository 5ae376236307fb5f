package io.teahouse.quic.path;

import io.teahouse.quic.congestion.CongestionController;
import io.teahouse.quic.frame.AckFrame;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.recovery.EcnValidation;
import io.teahouse.quic.recovery.LossDetector;
import io.teahouse.quic.recovery.PacketNumberSource;
import io.teahouse.quic.recovery.PersistentCongestion;
import io.teahouse.quic.recovery.RttEstimator;
import io.teahouse.quic.recovery.SentPacket;
import io.teahouse.quic.recovery.SentPacket.Trait;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * What is on its way on one path: told of every packet and every acknowledgement, it knows what is lost, how much more
 * may be sent, and when to ask again (RFC 9002; RFC 9000, sections 13.4 and 14.4).
 *
 * <p>The path that a connection begins with has three number spaces, every other one has the last of them only. Not
 * thread-safe.
 *
 * @param <C> what is in the packets
 */
public final class PathRecovery<C> {
    /** How far answers to challenges go beyond the window. */
    private static final int BYTES_FOR_ANSWERS = 32 * MtuDiscovery.BASE_BYTES;

    /** One number space: who numbers its packets, and who watches over them. */
    private record Space<C>(PacketNumberSource numbers, LossDetector<C> detector) {}

    private final Map<EncryptionLevel, Space<C>> spaces = new EnumMap<>(EncryptionLevel.class);
    private final Duration initialRtt;
    private final MtuDiscovery mtu;
    private RttEstimator rtt;
    private final SendWindow window;
    private EcnValidation ecn = new EcnValidation();
    private final ProbeTimeout probeTimeout = new ProbeTimeout();
    private long maxAckDelayNanos;

    /**
     * Creates one on which nothing was sent.
     *
     * @param levels     the number spaces: {@link EncryptionLevel#ONE_RTT}, which 0-RTT shares, and on path 0 those of
     *                   the handshake
     * @param initialRtt assumed until it is known better
     * @param congestion that of the path
     * @param mtu        that of the path
     * @param random     for the packet numbers that are left out
     */
    public PathRecovery(
            Set<EncryptionLevel> levels,
            Duration initialRtt,
            CongestionController congestion,
            MtuDiscovery mtu,
            RandomGenerator random) {
        this.initialRtt = initialRtt;
        this.rtt = new RttEstimator(initialRtt);
        this.window = new SendWindow(congestion);
        this.mtu = mtu;
        for (EncryptionLevel level : levels) {
            var numbers = new PacketNumberSource(random);
            spaces.put(level, new Space<>(numbers, new LossDetector<>(numbers)));
        }
    }

    /**
     * {@return who numbers the packets of a space}
     *
     * @param level one that was not discarded
     */
    public PacketNumberSource numbers(EncryptionLevel level) {
        return space(level).numbers();
    }

    /**
     * {@return the largest number of a space that the peer has acknowledged, or -1}
     *
     * @param level one that was not discarded
     */
    public long largestAcknowledged(EncryptionLevel level) {
        return space(level).detector().largestAcknowledged();
    }

    /**
     * Takes in how long the peer may hold acknowledgements of 1-RTT packets back.
     *
     * @param nanos its max_ack_delay
     */
    public void setMaxAckDelayNanos(long nanos) {
        maxAckDelayNanos = nanos;
    }

    /**
     * Takes in that a packet was sent.
     *
     * @param level  its number space
     * @param packet newer than all others of the space
     */
    public void onSent(EncryptionLevel level, SentPacket<C> packet) {
        space(level).detector().onSent(packet);
        window.onSent(packet);
        if (packet.is(Trait.ECN_MARKED)) {
            ecn.onMarkedSent();
        }
        if (packet.is(Trait.MTU_PROBE)) {
            mtu.onProbeSent();
        }
        if (packet.is(Trait.ACK_ELICITING)) {
            probeTimeout.onElicitingSent(packet.sentAtNanos());
        }
    }

    /**
     * Takes in an acknowledgement.
     *
     * @param level         the number space that it is of
     * @param ack           from the peer
     * @param ackDelayNanos the delay in it, limited as {@link RttEstimator#onSample} wants it
     * @param nowNanos      now
     * @return what is news
     * @throws TransportException if a packet is acknowledged that was never sent
     */
    public LossDetector.Outcome<C> onAcknowledged(
            EncryptionLevel level, AckFrame ack, long ackDelayNanos, long nowNanos) throws TransportException {
        var detector = space(level).detector();
        long largestBefore = detector.largestAcknowledged();
        boolean windowWasUsed = window.isUsed(mtu.mtuBytes());
        var outcome = detector.onAcknowledged(ack.ranges(), ackDelayNanos, rtt, nowNanos);
        if (outcome.acknowledged().isEmpty()) {
            return outcome;
        }
        long newlyMarked = 0;
        for (SentPacket<C> packet : outcome.acknowledged()) {
            newlyMarked += packet.is(Trait.ECN_MARKED) ? 1 : 0;
            if (packet.is(Trait.MTU_PROBE)) {
                mtu.onProbeAcknowledged(packet.size(), nowNanos);
                window.congestion().onDatagramSize(mtu.mtuBytes());
            } else {
                mtu.onAcknowledged(packet.size());
            }
            window.onAcknowledged(packet, windowWasUsed, rtt.smoothedNanos(), nowNanos);
        }
        boolean congestionMet =
                ack.ranges().largest() > largestBefore && ecn.onAcknowledged(newlyMarked, ack.ecn()) > 0;
        if (congestionMet) {
            window.congestion().onCongestion(outcome.acknowledged().getFirst().sentAtNanos(), nowNanos);
        }
        probeTimeout.onAcknowledged(level, nowNanos);
        onLost(level, outcome.lost(), nowNanos);
        return outcome;
    }

    /**
     * {@return the packets of a space that are lost by now}
     *
     * @param level    one of which {@link #nextDeadline} says that something is lost
     * @param nowNanos now
     */
    public List<SentPacket<C>> detectLost(EncryptionLevel level, long nowNanos) {
        var lost = space(level).detector().detectLost(rtt, nowNanos);
        onLost(level, lost, nowNanos);
        return lost;
    }

    /**
     * {@return the packets of a space of which nothing was heard, which is then given up, with its keys}
     *
     * @param level which one
     */
    public List<SentPacket<C>> discard(EncryptionLevel level) {
        var space = spaces.remove(level);
        if (space == null) {
            return List.of();
        }
        probeTimeout.reset();
        return forget(space.detector().takeAll());
    }

    /**
     * {@return the packets of a space of which nothing was heard, which do not count any more: the peer has not taken them}
     *
     * @param level one that was not discarded
     */
    public List<SentPacket<C>> takeAll(EncryptionLevel level) {
        return forget(space(level).detector().takeAll());
    }

    /**
     * {@return the packets of all spaces of which nothing was heard, which do not count any more: the path is given
     * up, or a Retry packet says that the server has not looked at them}
     */
    public List<SentPacket<C>> takeAll() {
        return spaces.values().stream()
                .flatMap(space -> forget(space.detector().takeAll()).stream())
                .toList();
    }

    /**
     * {@return the packets of a space that have waited for an acknowledgement for the longest time; they stay}
     *
     * @param level which space
     * @param max   how many at most
     */
    public List<SentPacket<C>> oldestUnacknowledged(EncryptionLevel level, int max) {
        return space(level).detector().oldestUnacknowledged(max);
    }

    /**
     * {@return what the timer is for that is next to ring}
     *
     * @param nowNothingHelps whether the peer's address is not proven and we must not send
     */
    public ProbeTimeout.Deadline nextDeadline(boolean nowNothingHelps) {
        var deadline = ProbeTimeout.Deadline.NONE;
        for (var entry : spaces.entrySet()) {
            long lossTimeNanos = entry.getValue().detector().lossTimeNanos();
            if (lossTimeNanos < deadline.atNanos()) {
                deadline = new ProbeTimeout.Deadline(ProbeTimeout.Reason.LOSS, entry.getKey(), lossTimeNanos);
            }
        }
        if (deadline.reason() == ProbeTimeout.Reason.LOSS || nowNothingHelps) {
            return deadline;
        }
        var inFlight = new EnumMap<EncryptionLevel, Long>(EncryptionLevel.class);
        spaces.forEach((level, space) -> {
            if (space.detector().hasElicitingInFlight()) {
                inFlight.put(level, space.detector().lastElicitingSentAtNanos());
            }
        });
        return probeTimeout.next(inFlight, spaces.keySet(), rtt, maxAckDelayNanos);
    }

    /**
     * Takes in that the path now leads to another address: nothing that was learned of the old one is believed of it
     * (RFC 9000, section 9.4). What is on its way still counts.
     *
     * @param newCongestion that of the new address
     * @param nowNanos      now
     */
    public void onNewAddress(CongestionController newCongestion, long nowNanos) {
        rtt = new RttEstimator(initialRtt);
        window.restart(newCongestion);
        mtu.restart(nowNanos);
        ecn = new EcnValidation();
    }

    /**
     * {@return how many bytes may be on their way}
     */
    public long windowBytes() {
        return window.congestion().windowBytes();
    }

    /**
     * {@return whether a datagram may be sent, as far as congestion on the path is concerned}
     *
     * @param bytes its size
     */
    public boolean allows(int bytes) {
        return window.allows(bytes);
    }

    /**
     * {@return whether a challenge may be answered: somewhat beyond the window, since a path that is full has to be
     * proven, too, and not for ever, since who asks and never acknowledges would make us remember it all}
     */
    public boolean allowsAnswer() {
        return window.allows(-BYTES_FOR_ANSWERS);
    }

    /**
     * {@return when the next datagram may be sent so that not all go at once, not before now}
     *
     * @param nowNanos now
     */
    public long nextSendNanos(long nowNanos) {
        return window.nextSendNanos(mtu.mtuBytes(), rtt.smoothedNanos(), nowNanos);
    }

    /**
     * {@return how the next datagram is to be marked}
     */
    public Ecn mark() {
        return ecn.mark();
    }

    /**
     * {@return how many bytes are on their way}
     */
    public long bytesInFlight() {
        return window.bytesInFlight();
    }

    /**
     * {@return the round trip time}
     */
    public RttEstimator rtt() {
        return rtt;
    }

    /**
     * {@return when to ask again that nobody answers}
     */
    public ProbeTimeout probeTimeout() {
        return probeTimeout;
    }

    /**
     * {@return how long a probe timeout is, without the growth by those that were in vain}
     */
    public long probeTimeoutNanos() {
        return rtt.probeTimeoutNanos(maxAckDelayNanos);
    }

    private void onLost(EncryptionLevel level, List<SentPacket<C>> lost, long nowNanos) {
        if (lost.isEmpty()) {
            return;
        }
        forget(lost);
        long newestSentAtNanos = Long.MIN_VALUE;
        int smallest = Integer.MAX_VALUE;
        for (SentPacket<C> packet : lost) {
            if (packet.is(Trait.ECN_MARKED)) {
                ecn.onMarkedLost();
            }
            if (packet.is(Trait.MTU_PROBE)) {
                mtu.onProbeLost(nowNanos);
            } else if (packet.is(Trait.IN_FLIGHT) && !packet.is(Trait.OFF_PATH)) {
                newestSentAtNanos = Math.max(newestSentAtNanos, packet.sentAtNanos());
                smallest = Math.min(smallest, packet.size());
            }
        }
        if (newestSentAtNanos == Long.MIN_VALUE) {
            return;
        }
        window.congestion().onCongestion(newestSentAtNanos, nowNanos);
        if (PersistentCongestion.isIn(lost, space(level).numbers(), rtt, maxAckDelayNanos)) {
            window.congestion().onPersistentCongestion();
            rtt.onPersistentCongestion();
        }
        if (mtu.onBurstLost(smallest, nowNanos)) {
            window.congestion().onDatagramSize(mtu.mtuBytes());
        }
    }

    private List<SentPacket<C>> forget(List<SentPacket<C>> packets) {
        window.onGone(packets);
        return packets;
    }

    private Space<C> space(EncryptionLevel level) {
        var space = spaces.get(level);
        if (space == null) {
            throw new IllegalStateException("number space %s: discarded (expected: in use)".formatted(level));
        }
        return space;
    }
}
