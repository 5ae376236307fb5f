package io.teahouse.quic.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.Connection;
import io.teahouse.quic.stream.SendingPart;
import io.teahouse.quic.stream.StreamId;
import io.teahouse.quic.wire.Role;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What uses a connection on one side: writes and reads as planned, and looks whether what comes is what was sent.
 *
 * <p>It reads a stream only when it was told that there is something, and writes only when it was told that there is
 * room, so that a word that is not said stops it for good.
 */
final class Application {
    private static final int DATAGRAM_HEADER = 5;

    /**
     * What is to be done.
     *
     * @param seed           of the plans of the streams
     * @param streams        how many streams this side opens
     * @param maxSize        how long they are at most
     * @param datagrams      how many datagrams it sends
     * @param datagramNanos  how long it rests after each
     */
    record Plan(long seed, int streams, int maxSize, int datagrams, long datagramNanos) {}

    /** A stream that is written to. */
    private static final class Writing {
        final StreamPlan plan;
        int written;
        long atNanos;
        boolean waits;

        Writing(StreamPlan plan) {
            this.plan = plan;
        }
    }

    /** A stream that is read from. */
    private static final class Reading {
        final StreamPlan plan;
        int read;
        long atNanos;
        boolean readable;

        Reading(StreamPlan plan) {
            this.plan = plan;
        }
    }

    private final Role role;
    private final Plan plan;
    private final Plan peersPlan;
    private final Map<Long, Writing> writing = new LinkedHashMap<>();
    private final Map<Long, Reading> reading = new LinkedHashMap<>();
    private final Set<Long> unfinishedWriting = new LinkedHashSet<>();
    private final Set<Long> unfinishedReading = new LinkedHashSet<>();
    private final Set<Integer> datagramsSeen = new HashSet<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    private int opened;
    private int accepted;
    private int datagramsSent;
    private long nextDatagramAtNanos;
    long bytesRead;

    Application(Role role, Plan plan, Plan peersPlan) {
        this.role = role;
        this.plan = plan;
        this.peersPlan = peersPlan;
    }

    int datagramsReceived() {
        return datagramsSeen.size();
    }

    /** Whether all that was planned was done, as far as this side can see. */
    boolean isDone() {
        return opened == plan.streams()
                && accepted == peersPlan.streams()
                && unfinishedWriting.isEmpty()
                && unfinishedReading.isEmpty()
                && datagramsSent == plan.datagrams();
    }

    /** What it waits for, for a person. */
    @Override
    public String toString() {
        return "%s: opened %d of %d, accepted %d of %d, writing %s, reading %s, datagrams %d of %d"
                .formatted(
                        role,
                        opened,
                        plan.streams(),
                        accepted,
                        peersPlan.streams(),
                        unfinishedWriting,
                        unfinishedReading,
                        datagramsSent,
                        plan.datagrams());
    }

    /** When it wants to do something by itself. */
    long nextNanos(boolean maySend) {
        long next = maySend && datagramsSent < plan.datagrams() ? nextDatagramAtNanos : Long.MAX_VALUE;
        for (long id : unfinishedWriting) {
            var stream = writing(id);
            next = stream.waits ? next : Math.min(next, stream.atNanos);
        }
        for (long id : unfinishedReading) {
            var stream = reading(id);
            next = stream.readable ? Math.min(next, stream.atNanos) : next;
        }
        return next;
    }

    /** Does what can be done now. */
    void act(Connection connection, boolean mayOpen, long nowNanos) {
        if (mayOpen) {
            open(connection);
        }
        accept(connection);
        var streams = connection.streams();
        for (var id = streams.pollReadable(); id.isPresent(); id = streams.pollReadable()) {
            Optional.ofNullable(reading.get(id.getAsLong())).ifPresent(stream -> stream.readable = true);
        }
        for (var id = streams.pollWritable(); id.isPresent(); id = streams.pollWritable()) {
            Optional.ofNullable(writing.get(id.getAsLong())).ifPresent(stream -> stream.waits = false);
        }
        for (long id : Set.copyOf(unfinishedReading)) {
            read(connection, id, nowNanos);
        }
        for (long id : Set.copyOf(unfinishedWriting)) {
            write(connection, id, nowNanos);
        }
        datagrams(connection, mayOpen, nowNanos);
    }

    private void open(Connection connection) {
        while (opened < plan.streams()) {
            // The kind by turns, so that the other side knows how many of each there will be.
            boolean bidirectional = (opened & 1) == 0;
            var id = connection.streams().open(bidirectional);
            if (id.isEmpty()) {
                return;
            }
            opened++;
            addWriting(connection, id.getAsLong());
            if (bidirectional) {
                addReading(id.getAsLong());
            }
        }
    }

    private void accept(Connection connection) {
        var streams = connection.streams();
        for (var id = streams.accept(); id.isPresent(); id = streams.accept()) {
            assertThat(StreamId.initiator(id.getAsLong())).isEqualTo(role.peer());
            accepted++;
            assertThat(accepted).as("streams of the peer's").isLessThanOrEqualTo(peersPlan.streams());
            addReading(id.getAsLong());
            if (StreamId.isBidirectional(id.getAsLong())) {
                addWriting(connection, id.getAsLong());
            }
        }
    }

    private void addWriting(Connection connection, long id) {
        var stream = new Writing(StreamPlan.of(plan.seed(), role, id, plan.maxSize()));
        assertThat(writing.put(id, stream)).as("stream %d is new", id).isNull();
        unfinishedWriting.add(id);
        connection.streams().setPriority(id, stream.plan.priority());
    }

    private void addReading(long id) {
        var stream = new Reading(StreamPlan.of(peersPlan.seed(), role.peer(), id, peersPlan.maxSize()));
        assertThat(reading.put(id, stream)).as("stream %d is new", id).isNull();
        unfinishedReading.add(id);
        // It may have become readable before it was accepted.
        stream.readable = true;
    }

    private void write(Connection connection, long id, long nowNanos) {
        var stream = writing(id);
        if (stream.waits || stream.atNanos > nowNanos) {
            return;
        }
        var part = connection.streams().sending(id);
        if (part.isEmpty() || part.get().state() != SendingPart.State.SEND) {
            // The peer wants no more, for which it has to have planned that.
            assertThat(stream.plan.stopAt()).as("stream %d: stopped", id).isNotNegative();
            part.flatMap(known -> known.stopCode().stream().boxed().findFirst())
                    .ifPresent(code -> assertThat(code).isEqualTo(StreamPlan.stopCode(id)));
            unfinishedWriting.remove(id);
            return;
        }
        boolean resets = stream.plan.resetAt() >= 0;
        int end = resets ? stream.plan.resetAt() : stream.plan.size();
        int wanted = Math.min(Math.min(stream.plan.chunk(), end - stream.written), buffer.capacity());
        buffer.clear().limit(wanted);
        for (int index = 0; index < wanted; index++) {
            buffer.put(index, StreamPlan.byteAt(role, id, stream.written + index));
        }
        int taken = connection.streams().write(id, buffer);
        stream.written += taken;
        stream.atNanos = nowNanos + stream.plan.restNanos();
        stream.waits = taken < wanted;
        if (stream.written == end) {
            if (resets) {
                connection.streams().reset(id, StreamPlan.resetCode(id));
            } else {
                connection.streams().finish(id);
            }
            unfinishedWriting.remove(id);
        }
    }

    private void read(Connection connection, long id, long nowNanos) {
        var stream = reading(id);
        if (!stream.readable || stream.atNanos > nowNanos) {
            return;
        }
        var streams = connection.streams();
        int wanted = Math.min(stream.plan.chunk(), buffer.capacity());
        buffer.clear().limit(wanted);
        int length = streams.read(id, buffer);
        for (int index = 0; index < length; index++) {
            if (buffer.get(index) != StreamPlan.byteAt(role.peer(), id, stream.read + index)) {
                throw new AssertionError("stream %d: wrong byte at %d".formatted(id, stream.read + index));
            }
        }
        stream.read += length;
        bytesRead += length;
        assertThat(stream.read).as("stream %d: bytes read", id).isLessThanOrEqualTo(stream.plan.size());
        stream.readable = length == wanted;
        stream.atNanos = nowNanos + stream.plan.slowNanos();
        if (stream.plan.stopAt() >= 0 && stream.read >= stream.plan.stopAt()) {
            streams.stop(id, StreamPlan.stopCode(id));
            unfinishedReading.remove(id);
            return;
        }
        var reset = streams.readReset(id);
        if (reset.isPresent()) {
            assertThat(stream.plan.resetAt()).as("stream %d: reset", id).isNotNegative();
            assertThat(reset.getAsLong()).isEqualTo(StreamPlan.resetCode(id));
            unfinishedReading.remove(id);
        } else if (streams.isEnded(id)) {
            assertThat(stream.plan.resetAt()).as("stream %d: ended", id).isNegative();
            assertThat(stream.read).as("stream %d: its length", id).isEqualTo(stream.plan.size());
            unfinishedReading.remove(id);
        }
    }

    private void datagrams(Connection connection, boolean maySend, long nowNanos) {
        for (var next = connection.pollDatagram(); next.isPresent(); next = connection.pollDatagram()) {
            var data = next.get();
            int index = data.getInt();
            assertThat(index).as("datagram").isBetween(0, peersPlan.datagrams() - 1);
            assertThat(data.get()).as("sender").isEqualTo((byte) StreamPlan.numberOf(role.peer()));
            assertThat(datagramsSeen.add(index)).as("datagram %d: once", index).isTrue();
            while (data.hasRemaining()) {
                assertThat(data.get()).isEqualTo((byte) index);
            }
        }
        if (!maySend || datagramsSent == plan.datagrams() || nextDatagramAtNanos > nowNanos) {
            return;
        }
        int length = DATAGRAM_HEADER + (datagramsSent * 97) % 1100;
        buffer.clear().putInt(datagramsSent).put((byte) StreamPlan.numberOf(role));
        while (buffer.position() < length) {
            buffer.put((byte) datagramsSent);
        }
        connection.sendDatagram(buffer.flip());
        datagramsSent++;
        nextDatagramAtNanos = nowNanos + plan.datagramNanos();
    }

    private Writing writing(long id) {
        return Optional.ofNullable(writing.get(id)).orElseThrow();
    }

    private Reading reading(long id) {
        return Optional.ofNullable(reading.get(id)).orElseThrow();
    }
}
