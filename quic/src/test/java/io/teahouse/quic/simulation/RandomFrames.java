package io.teahouse.quic.simulation;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.frame.AckFrame;
import io.teahouse.quic.frame.AckRanges;
import io.teahouse.quic.frame.AddressFrame;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.EcnCounts;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.IssuedId;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.StatelessResetToken;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;

/** Frames of every type, as somebody sends them who wants to do harm: with numbers that fit, or just do not, or are huge. */
final class RandomFrames {
    /** How many kinds there are. */
    static final int KINDS = 31;

    private static final int MAX_BYTES = 300;

    private final Random random;

    RandomFrames(Random random) {
        this.random = random;
    }

    /** Any frame. */
    Frame next() {
        return next(random.nextInt(KINDS));
    }

    /** A frame of a kind, 0 to {@link #KINDS} - 1. */
    Frame next(int kind) {
        return switch (kind) {
            case 0 -> new ConnectionFrame.Padding(1 + random.nextInt(20));
            case 1 -> new ConnectionFrame.Ping();
            case 2 -> new ConnectionFrame.Crypto(offset(), bytes(0));
            case 3 -> new ConnectionFrame.NewToken(bytes(1));
            case 4 -> new ConnectionFrame.MaxData(number());
            case 5 -> new ConnectionFrame.DataBlocked(number());
            case 6 -> new ConnectionFrame.HandshakeDone();
            case 7 -> new ConnectionFrame.ImmediateAck();
            case 8 -> new ConnectionFrame.AckFrequency(number(), number(), number(), number());
            case 9 -> new ConnectionFrame.Datagram(bytes(0));
            case 10, 11 -> new StreamFrame.StreamData(streamId(), offset(), bytes(0), random.nextInt(4) == 0);
            case 12 -> new StreamFrame.ResetStream(streamId(), number(), number());
            case 13 -> new StreamFrame.StopSending(streamId(), number());
            case 14 -> new StreamFrame.MaxStreamData(streamId(), number());
            case 15 -> new StreamFrame.StreamDataBlocked(streamId(), number());
            case 16 -> new StreamFrame.MaxStreams(random.nextBoolean(), Math.min(number(), StreamFrame.MAX_STREAMS));
            case 17 ->
                new StreamFrame.StreamsBlocked(random.nextBoolean(), Math.min(number(), StreamFrame.MAX_STREAMS));
            case 18 -> new PathFrame.NewConnectionId(issued());
            case 19 -> new PathFrame.RetireConnectionId(number());
            case 20 -> new PathFrame.PathChallenge(random.nextLong());
            case 21 -> new PathFrame.PathResponse(random.nextLong());
            case 22 -> new AckFrame.Ack(ranges(), number(), ecn());
            case 23 -> new AckFrame.PathAck(pathId(), ranges(), number(), ecn());
            case 24 -> new PathFrame.PathNewConnectionId(pathId(), issued());
            case 25 -> new PathFrame.PathRetireConnectionId(pathId(), number());
            case 26 -> new PathFrame.PathAbandon(pathId(), number());
            case 27 ->
                random.nextBoolean()
                        ? new PathFrame.PathStatusBackup(pathId(), number())
                        : new PathFrame.PathStatusAvailable(pathId(), number());
            case 28 ->
                random.nextBoolean()
                        ? new PathFrame.MaxPathId(pathId())
                        : random.nextBoolean()
                                ? new PathFrame.PathsBlocked(pathId())
                                : new PathFrame.PathCidsBlocked(pathId(), number());
            case 29 ->
                random.nextBoolean()
                        ? new AddressFrame.ObservedAddress(number(), address())
                        : new AddressFrame.AddAddress(number(), address());
            default ->
                random.nextBoolean()
                        ? new AddressFrame.ReachOut(number(), address())
                        : new AddressFrame.RemoveAddress(number());
        };
    }

    long number() {
        return switch (random.nextInt(10)) {
            case 0 -> 0;
            case 1, 2, 3 -> random.nextInt(8);
            case 4, 5 -> random.nextInt(200);
            case 6 -> random.nextInt(1 << 16);
            case 7 -> random.nextLong(1L << 32);
            case 8 -> VarInt.MAX - random.nextInt(3);
            default -> random.nextLong(VarInt.MAX);
        };
    }

    private long streamId() {
        return random.nextInt(4) == 0 ? number() : random.nextInt(12);
    }

    private long pathId() {
        return random.nextInt(3) == 0 ? Math.min(number(), Frame.MAX_PATH_ID) : random.nextInt(6);
    }

    private long offset() {
        return Math.min(number(), VarInt.MAX - MAX_BYTES);
    }

    private ByteBuffer bytes(int least) {
        var bytes = new byte[least + random.nextInt(MAX_BYTES - least)];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private IssuedId issued() {
        long sequence = number();
        long prior = random.nextBoolean() ? 0 : Math.min(sequence, number());
        var id = new byte[1 + random.nextInt(20)];
        random.nextBytes(id);
        var token = new byte[StatelessResetToken.LENGTH];
        random.nextBytes(token);
        return new IssuedId(sequence, prior, ConnectionId.of(id), StatelessResetToken.of(token));
    }

    private AckRanges ranges() {
        long largest = number();
        if (largest < 10 || random.nextBoolean()) {
            return AckRanges.of(random.nextBoolean() ? 0 : largest, largest);
        }
        return AckRanges.ofBounds(largest, largest - random.nextInt(3), largest - 5, largest - 5 - random.nextInt(3));
    }

    private Optional<EcnCounts> ecn() {
        return random.nextBoolean() ? Optional.empty() : Optional.of(new EcnCounts(number(), number(), number()));
    }

    private InetSocketAddress address() {
        var ip = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(ip);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), random.nextInt(65536));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
