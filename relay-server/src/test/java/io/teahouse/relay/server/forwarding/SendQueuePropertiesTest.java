package io.teahouse.relay.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.teahouse.relay.server.forwarding.TestFrames.Seen;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Several receivers of one loop, which share its memory: whatever is sent, in whatever way, and however slowly it is taken,
 * each datagram is sent once, dropped for one reason or waiting; what is sent is in order; and in the end nothing is held.
 */
class SendQueuePropertiesTest {
    private static final long MAX_STEP_NANOS = 300_000_000L;
    private static final byte STATUS = 13;
    private static final byte GONE = 8;
    private static final List<RelayCounter> REASONS = List.of(
            RelayCounter.DROPPED_QUEUE_FULL,
            RelayCounter.DROPPED_TOO_OLD,
            RelayCounter.DROPPED_MEMORY,
            RelayCounter.DROPPED_RECEIVER_GONE);

    /** A receiver with its own counters, and what it was sent. */
    private static final class Peer {
        final LoopCounters counters = new LoopCounters();
        final Receiver receiver;
        final List<Long> sentAtNanos = new ArrayList<>();
        int statuses;
        int gones;

        Peer(UnpooledByteBufAllocator allocator, BacklogMemory memory) {
            receiver = new Receiver(allocator, memory, counters);
        }

        long count(RelayCounter counter) {
            return counters.get(counter);
        }
    }

    private long nowNanos;

    @Property(tries = 100)
    void everyDatagramIsSentOnceOrDroppedForOneReasonOrWaits(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 5) int receivers,
            @ForAll @IntRange(min = 1, max = 100) int senders,
            @ForAll @IntRange(min = 1, max = 8) int memoryMegabytes) {
        var random = new Random(seed);
        var allocator = new UnpooledByteBufAllocator(true, true);
        long limitBytes = memoryMegabytes * 500_000L;
        var memory = new BacklogMemory(limitBytes);
        var peers = new ArrayList<Peer>();
        for (int i = 0; i < receivers; i++) {
            var peer = new Peer(allocator, memory);
            peer.receiver.whenWritten(() -> checkAge(peer));
            peers.add(peer);
        }
        int largest = random.nextBoolean() ? 1500 : 65_500;

        for (int step = 0; step < 150; step++) {
            nowNanos += random.nextLong(MAX_STEP_NANOS);
            for (int i = random.nextInt(60); i > 0; i--) {
                operate(random, peers.get(random.nextInt(receivers)), senders, largest);
            }
            for (var peer : peers) {
                if (random.nextInt(3) == 0) {
                    peer.receiver.letThrough(random.nextInt(3) == 0 ? random.nextInt(500_000) : 0);
                }
                peer.receiver.queue.drain(nowNanos);
                check(peer);
            }
            assertThat(memory.bytes())
                    .isEqualTo(peers.stream()
                            .mapToLong(peer -> peer.receiver.queue.backlogBytes())
                            .sum())
                    .isLessThanOrEqualTo(Math.max(limitBytes, 65_546));
        }

        for (var peer : peers) {
            peer.receiver.letThrough(Long.MAX_VALUE);
            peer.receiver.queue.drain(nowNanos);
            check(peer);
            assertThat(peer.receiver.queue.isEmpty()).isTrue();
            assertThat(peer.receiver.seen().stream().filter(Seen.Datagram.class::isInstance))
                    .hasSize((int) peer.count(RelayCounter.SEND_PACKETS_SENT));
            if (random.nextBoolean()) {
                operate(random, peer, senders, largest);
            }
            peer.receiver.queue.close();
            check(peer);
        }
        assertThat(memory.bytes()).isZero();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    private void operate(Random random, Peer peer, int senders, int largest) {
        var receiver = peer.receiver;
        long sender = random.nextInt(senders);
        int contents = random.nextInt(4) == 0 ? random.nextInt(4, largest) : random.nextInt(4, 300);
        boolean closed = receiver.queue.isClosed();
        switch (random.nextInt(closed ? 4 : 7)) {
            case 0 -> receiver.sendWhole(sender, contents, nowNanos);
            case 1 -> receiver.sendBatch(contents % 30_000 + 4, nowNanos, sender, random.nextInt(senders));
            case 2 -> {
                if (random.nextInt(3) == 0) {
                    receiver.queue.addControl(TestFrames.control(STATUS, peer.statuses++), nowNanos);
                    peer.statuses -= closed ? 1 : 0;
                } else {
                    receiver.queue.addGone(TestFrames.control(GONE, peer.gones++), nowNanos);
                    peer.gones -= closed ? 1 : 0;
                }
            }
            case 3 -> {
                if (random.nextInt(2000) == 0) {
                    receiver.queue.close();
                } else {
                    receiver.queue.dropTooOld(nowNanos);
                }
            }
            default -> receiver.send(sender, contents, nowNanos);
        }
        while (peer.sentAtNanos.size() < receiver.nextNumber()) {
            peer.sentAtNanos.add(nowNanos);
        }
    }

    /** Nothing leaves that is too old; but a batch with a control frame in it is not given up. */
    private void checkAge(Peer peer) {
        var frames = peer.receiver.lastBatch();
        if (frames.stream().anyMatch(Seen.Control.class::isInstance)) {
            return;
        }
        for (var frame : frames) {
            int number = ((Seen.Datagram) frame).number();
            if (number < peer.sentAtNanos.size()) {
                assertThat(nowNanos - peer.sentAtNanos.get(number))
                        .as("age")
                        .isLessThanOrEqualTo(QueueLimits.MAX_AGE_NANOS + MAX_STEP_NANOS);
            }
        }
    }

    /** Checks the sums of a receiver, and the order of what it saw. */
    private void check(Peer peer) {
        var seen = peer.receiver.seen();
        int lastNumber = -1;
        int lastStatus = -1;
        int lastGone = -1;
        long contents = 0;
        int datagrams = 0;
        for (var frame : seen) {
            switch (frame) {
                case Seen.Datagram datagram -> {
                    assertThat(datagram.number()).as("datagrams in order").isGreaterThan(lastNumber);
                    lastNumber = datagram.number();
                    contents += datagram.contents();
                    datagrams++;
                }
                case Seen.Control(byte kind, int number)
                when kind == STATUS -> {
                    assertThat(number).as("control frames in order").isGreaterThan(lastStatus);
                    lastStatus = number;
                }
                case Seen.Control gone -> {
                    assertThat(gone.number()).as("gone frames in order").isGreaterThan(lastGone);
                    lastGone = gone.number();
                }
            }
        }
        assertThat(peer.count(RelayCounter.SEND_PACKETS_SENT)).isEqualTo(datagrams);
        assertThat(peer.count(RelayCounter.BYTES_SENT)).isEqualTo(contents);
        assertThat(peer.count(RelayCounter.SEND_PACKETS_DROPPED))
                .isEqualTo(REASONS.stream().mapToLong(peer::count).sum());
        long waiting = peer.receiver.nextNumber()
                - peer.count(RelayCounter.SEND_PACKETS_SENT)
                - peer.count(RelayCounter.SEND_PACKETS_DROPPED);
        assertThat(waiting).isBetween(0L, QueueLimits.MAX_FRAMES + QueueLimits.BATCH_BYTES / 40L);
        assertThat(peer.receiver.queue.backlogBytes()).isLessThanOrEqualTo(QueueLimits.MAX_BYTES);

        assertThat(peer.count(RelayCounter.OTHER_PACKETS_SENT)).isEqualTo(seen.size() - datagrams);
        if (peer.receiver.queue.isEmpty()) {
            assertThat(waiting).isZero();
            if (!peer.receiver.queue.isClosed()) {
                assertThat(peer.count(RelayCounter.OTHER_PACKETS_SENT) + peer.count(RelayCounter.OTHER_PACKETS_DROPPED))
                        .isEqualTo(peer.statuses + peer.gones);
            }
        }
    }
}
