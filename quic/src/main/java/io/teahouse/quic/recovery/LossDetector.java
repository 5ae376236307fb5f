package io.teahouse.quic.recovery;

import io.teahouse.quic.frame.AckRanges;
import io.teahouse.quic.recovery.SentPacket.Trait;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Knows which packets of one number space have arrived, which are on their way and which are lost (RFC 9002, section
 * 6.1).
 *
 * <p>A packet is lost if one was acknowledged that was sent three packets later on the same path, or so much later
 * that the peer must have heard of this one, too. Probes to other addresses, which share the number space of a path
 * and overtake its packets, do not count for that (iroh QUIC spec, section 4.3). Not thread-safe.
 *
 * <p>Bounded: ack-eliciting packets by congestion control, others by {@link #MAX_ACK_ONLY}, and from the oldest to the
 * newest there are {@link #MAX_SPAN} numbers at most.
 *
 * @param <C> what is in the packets
 */
public final class LossDetector<C> {
    /** What {@link #lossTimeNanos} is when nothing is awaited. */
    public static final long NEVER = Long.MAX_VALUE;

    /** How many packets may overtake one before it is lost. */
    static final int PACKET_THRESHOLD = 3;

    /** How many packets without anything to acknowledge are remembered. */
    static final int MAX_ACK_ONLY = 256;

    /** How old a packet may become, in numbers, before it is lost whatever else happens. */
    static final int MAX_SPAN = 1 << 16;

    /**
     * What became of packets.
     *
     * @param acknowledged those of which it is news that the peer has them, the highest number first
     * @param lost         those that have to be sent again, the lowest number first
     * @param <C>          what was in them
     */
    public record Outcome<C>(List<SentPacket<C>> acknowledged, List<SentPacket<C>> lost) {}

    /** A packet, and how many were sent on the path before it. */
    private record Entry<C>(long order, SentPacket<C> packet) {}

    private final PacketNumberSource numbers;
    private final NumberedRing<Entry<C>> entries = new NumberedRing<>();
    private final Set<Long> ackOnly = new LinkedHashSet<>();
    private long sentOnPath;
    private long largestAcknowledged = -1;
    /** The order of the last packet of the path that the peer has. */
    private long lastOrderAcknowledged = -1;

    private int elicitingInFlight;
    private long lastElicitingSentAtNanos = NEVER;
    private long lossTimeNanos = NEVER;

    /**
     * Creates one that has seen no packet.
     *
     * @param numbers gives the packets their numbers
     */
    public LossDetector(PacketNumberSource numbers) {
        this.numbers = numbers;
    }

    /**
     * Takes in that a packet was sent.
     *
     * @param packet newer than all others
     */
    public void onSent(SentPacket<C> packet) {
        long order = packet.is(Trait.OFF_PATH) ? sentOnPath : sentOnPath++;
        entries.add(packet.number(), new Entry<>(order, packet));
        if (packet.is(Trait.ACK_ELICITING) && !packet.is(Trait.OFF_PATH)) {
            elicitingInFlight++;
            lastElicitingSentAtNanos = packet.sentAtNanos();
        }
        if (!packet.is(Trait.ACK_ELICITING)) {
            ackOnly.add(packet.number());
            if (ackOnly.size() > MAX_ACK_ONLY) {
                long oldest = ackOnly.iterator().next();
                ackOnly.remove(oldest);
                entries.remove(oldest);
            }
        }
        if (isTooOld(entries.first())) {
            lossTimeNanos = Math.min(lossTimeNanos, packet.sentAtNanos());
        }
    }

    /**
     * Takes in an acknowledgement.
     *
     * @param ranges        which packets
     * @param ackDelayNanos how long the peer says that it held the acknowledgement back, limited as
     *                      {@link RttEstimator#onSample} wants it
     * @param rtt           that of the path, gets a sample if there is one
     * @param nowNanos      now
     * @return what is news
     * @throws TransportException if a packet is acknowledged that was never sent
     */
    public Outcome<C> onAcknowledged(AckRanges ranges, long ackDelayNanos, RttEstimator rtt, long nowNanos)
            throws TransportException {
        requireSent(ranges);
        var acknowledged = new ArrayList<SentPacket<C>>();
        boolean eliciting = false;
        for (int index = 0; index < ranges.count(); index++) {
            // Ranges may be as long as they like; what is looked at are the packets that are remembered.
            long from = Math.max(ranges.smallest(index), entries.first());
            for (long number = Math.min(ranges.largest(index), entries.end() - 1); number >= from; number--) {
                var entry = entries.remove(number);
                if (entry.isPresent()) {
                    var packet = entry.get().packet();
                    forget(packet);
                    acknowledged.add(packet);
                    eliciting |= packet.is(Trait.ACK_ELICITING);
                    noteAcknowledged(entry.get());
                }
            }
        }
        if (acknowledged.isEmpty()) {
            return new Outcome<>(List.of(), List.of());
        }
        largestAcknowledged = Math.max(largestAcknowledged, ranges.largest());
        var newest = acknowledged.getFirst();
        if (newest.number() == ranges.largest() && eliciting && !newest.is(Trait.OFF_PATH)) {
            rtt.onSample(Math.max(0, nowNanos - newest.sentAtNanos()), ackDelayNanos, nowNanos);
        }
        return new Outcome<>(acknowledged, detectLost(rtt, nowNanos));
    }

    /**
     * {@return the packets that are lost by now, the lowest number first}
     *
     * @param rtt      that of the path
     * @param nowNanos now; to be called at {@link #lossTimeNanos}
     */
    public List<SentPacket<C>> detectLost(RttEstimator rtt, long nowNanos) {
        lossTimeNanos = NEVER;
        long delayNanos = rtt.lossDelayNanos();
        var lost = new ArrayList<SentPacket<C>>();
        long end = entries.end();
        for (long number = entries.first(); number < end; number++) {
            boolean tooOld = isTooOld(number);
            var entry = entries.get(number);
            if (entry.isEmpty()) {
                continue;
            }
            long order = entry.get().order();
            if (order >= lastOrderAcknowledged && !tooOld) {
                break; // none that follows was overtaken
            }
            var packet = entry.get().packet();
            long lostAtNanos = packet.sentAtNanos() + delayNanos;
            if (tooOld || lastOrderAcknowledged - order >= PACKET_THRESHOLD || lostAtNanos <= nowNanos) {
                entries.remove(number);
                forget(packet);
                lost.add(packet);
            } else {
                lossTimeNanos = Math.min(lossTimeNanos, lostAtNanos);
            }
        }
        return lost;
    }

    /**
     * {@return all packets of which nothing was heard, the lowest number first, which are then forgotten}
     *
     * <p>To be called when the keys of the space, or its path, are given up, or when the server has not taken what was
     * sent.
     */
    public List<SentPacket<C>> takeAll() {
        var all = new ArrayList<SentPacket<C>>(entries.count());
        for (long number = entries.first(); number < entries.end(); number++) {
            entries.get(number).ifPresent(entry -> all.add(entry.packet()));
        }
        all.forEach(packet -> {
            entries.remove(packet.number());
            forget(packet);
        });
        lossTimeNanos = NEVER;
        return Collections.unmodifiableList(all);
    }

    /**
     * {@return the ack-eliciting packets of which nothing was heard, the lowest number first; they stay}
     *
     * @param max how many at most
     */
    public List<SentPacket<C>> oldestUnacknowledged(int max) {
        var oldest = new ArrayList<SentPacket<C>>();
        for (long number = entries.first(); number < entries.end() && oldest.size() < max; number++) {
            entries.get(number)
                    .map(entry -> entry.packet())
                    .filter(packet -> packet.is(Trait.ACK_ELICITING))
                    .ifPresent(oldest::add);
        }
        return oldest;
    }

    /**
     * {@return when {@link #detectLost} has to be called again, or {@link #NEVER}}
     */
    public long lossTimeNanos() {
        return lossTimeNanos;
    }

    /**
     * {@return whether something is on its way on the path that the peer has to acknowledge}
     */
    public boolean hasElicitingInFlight() {
        return elicitingInFlight > 0;
    }

    /**
     * {@return when the last packet was sent that the peer has to acknowledge, or {@link #NEVER} if none was}
     */
    public long lastElicitingSentAtNanos() {
        return lastElicitingSentAtNanos;
    }

    /**
     * {@return the largest number that the peer has acknowledged, or -1}
     */
    public long largestAcknowledged() {
        return largestAcknowledged;
    }

    private void noteAcknowledged(Entry<C> entry) {
        if (!entry.packet().is(Trait.OFF_PATH) && entry.order() > lastOrderAcknowledged) {
            lastOrderAcknowledged = entry.order();
        }
    }

    private void forget(SentPacket<C> packet) {
        if (packet.is(Trait.ACK_ELICITING) && !packet.is(Trait.OFF_PATH)) {
            elicitingInFlight--;
        }
        if (!packet.is(Trait.ACK_ELICITING)) {
            ackOnly.remove(packet.number());
        }
    }

    private boolean isTooOld(long number) {
        return entries.end() - number > MAX_SPAN;
    }

    private void requireSent(AckRanges ranges) throws TransportException {
        for (int index = 0; index < ranges.count(); index++) {
            if (numbers.hasUnused(ranges.smallest(index), ranges.largest(index))) {
                throw new TransportException(
                        TransportError.PROTOCOL_VIOLATION,
                        "acknowledgement of packets %d to %d: not all sent (expected: only what was received)"
                                .formatted(ranges.smallest(index), ranges.largest(index)));
            }
        }
    }
}
