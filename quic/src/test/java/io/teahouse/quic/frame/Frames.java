package io.teahouse.quic.frame;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.StatelessResetToken;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Frames of every type, with numbers of every length. */
final class Frames {
    private Frames() {}

    static Arbitrary<Frame> any() {
        return Arbitraries.oneOf(connectionFrames(), ackFrames(), streamFrames(), pathFrames(), addressFrames());
    }

    static Arbitrary<Long> numbers() {
        return numbersUpTo(VarInt.MAX);
    }

    static Arbitrary<Long> numbersUpTo(long max) {
        return Arbitraries.oneOf(
                Arbitraries.longs().between(0, Math.min(63, max)),
                Arbitraries.longs().between(0, Math.min(1 << 14, max)),
                Arbitraries.longs().between(0, max));
    }

    static Arbitrary<ByteBuffer> bytes(int min) {
        return Arbitraries.bytes()
                .array(byte[].class)
                .ofMinSize(min)
                .ofMaxSize(1300)
                .map(ByteBuffer::wrap);
    }

    private static Arbitrary<Frame> connectionFrames() {
        return Arbitraries.<Frame>oneOf(
                Arbitraries.integers().between(1, 1300).map(ConnectionFrame.Padding::new),
                Arbitraries.of(
                        new ConnectionFrame.Ping(),
                        new ConnectionFrame.HandshakeDone(),
                        new ConnectionFrame.ImmediateAck()),
                Combinators.combine(numbersUpTo(VarInt.MAX - 1300), bytes(0)).as(ConnectionFrame.Crypto::new),
                bytes(1).map(ConnectionFrame.NewToken::new),
                numbers().map(ConnectionFrame.MaxData::new),
                numbers().map(ConnectionFrame.DataBlocked::new),
                Combinators.combine(numbers(), numbers(), bytes(0)).as(ConnectionFrame.TransportClose::new),
                Combinators.combine(numbers(), bytes(0)).as(ConnectionFrame.ApplicationClose::new),
                Combinators.combine(numbers(), numbers(), numbers(), numbers()).as(ConnectionFrame.AckFrequency::new),
                bytes(0).map(ConnectionFrame.Datagram::new));
    }

    private static Arbitrary<Frame> ackFrames() {
        return Arbitraries.oneOf(
                Combinators.combine(ranges(), numbers(), ecn()).as(AckFrame.Ack::new),
                Combinators.combine(pathIds(), ranges(), numbers(), ecn()).as(AckFrame.PathAck::new));
    }

    private static Arbitrary<Frame> streamFrames() {
        var streamCounts = numbersUpTo(StreamFrame.MAX_STREAMS);
        var offsets = numbersUpTo(VarInt.MAX - 1300);
        return Arbitraries.<Frame>oneOf(
                Combinators.combine(numbers(), offsets, bytes(0), Arbitraries.of(true, false))
                        .as(StreamFrame.StreamData::new),
                Combinators.combine(numbers(), numbers(), numbers()).as(StreamFrame.ResetStream::new),
                Combinators.combine(numbers(), numbers()).as(StreamFrame.StopSending::new),
                Combinators.combine(numbers(), numbers()).as(StreamFrame.MaxStreamData::new),
                Combinators.combine(numbers(), numbers()).as(StreamFrame.StreamDataBlocked::new),
                Combinators.combine(Arbitraries.of(true, false), streamCounts).as(StreamFrame.MaxStreams::new),
                Combinators.combine(Arbitraries.of(true, false), streamCounts).as(StreamFrame.StreamsBlocked::new));
    }

    private static Arbitrary<Frame> pathFrames() {
        return Arbitraries.<Frame>oneOf(
                issuedIds().map(PathFrame.NewConnectionId::new),
                Combinators.combine(pathIds(), issuedIds()).as(PathFrame.PathNewConnectionId::new),
                numbers().map(PathFrame.RetireConnectionId::new),
                Combinators.combine(pathIds(), numbers()).as(PathFrame.PathRetireConnectionId::new),
                Arbitraries.longs().map(PathFrame.PathChallenge::new),
                Arbitraries.longs().map(PathFrame.PathResponse::new),
                Combinators.combine(pathIds(), numbers()).as(PathFrame.PathAbandon::new),
                Combinators.combine(pathIds(), numbers()).as(PathFrame.PathStatusBackup::new),
                Combinators.combine(pathIds(), numbers()).as(PathFrame.PathStatusAvailable::new),
                pathIds().map(PathFrame.MaxPathId::new),
                pathIds().map(PathFrame.PathsBlocked::new),
                Combinators.combine(pathIds(), numbers()).as(PathFrame.PathCidsBlocked::new));
    }

    private static Arbitrary<Frame> addressFrames() {
        return Arbitraries.oneOf(
                Combinators.combine(numbers(), addresses()).as(AddressFrame.ObservedAddress::new),
                Combinators.combine(numbers(), addresses()).as(AddressFrame.AddAddress::new),
                Combinators.combine(numbers(), addresses()).as(AddressFrame.ReachOut::new),
                numbers().map(AddressFrame.RemoveAddress::new));
    }

    private static Arbitrary<Long> pathIds() {
        return numbersUpTo(Frame.MAX_PATH_ID);
    }

    private static Arbitrary<Optional<EcnCounts>> ecn() {
        return Combinators.combine(numbers(), numbers(), numbers())
                .as(EcnCounts::new)
                .optional();
    }

    static Arbitrary<AckRanges> ranges() {
        return numbers().set().ofMinSize(1).ofMaxSize(100).map(Frames::rangesOf);
    }

    private static AckRanges rangesOf(Set<Long> numbers) {
        var descending = new TreeSet<>(numbers).descendingSet();
        var bounds = new ArrayList<Long>();
        for (long number : descending) {
            if (!bounds.isEmpty() && bounds.getLast() == number + 1) {
                bounds.set(bounds.size() - 1, number);
            } else {
                bounds.add(number);
                bounds.add(number);
            }
        }
        return AckRanges.ofBounds(bounds.stream().mapToLong(Long::longValue).toArray());
    }

    private static Arbitrary<IssuedId> issuedIds() {
        var ids = Arbitraries.bytes()
                .array(byte[].class)
                .ofMinSize(1)
                .ofMaxSize(20)
                .map(ConnectionId::of);
        var tokens = Arbitraries.bytes().array(byte[].class).ofSize(16).map(StatelessResetToken::of);
        return Combinators.combine(numbers(), numbers(), ids, tokens)
                .as((sequence, prior, id, token) -> new IssuedId(sequence, Math.min(sequence, prior), id, token));
    }

    static Arbitrary<InetSocketAddress> addresses() {
        var ips = Arbitraries.of(4, 16)
                .flatMap(length -> Arbitraries.bytes().array(byte[].class).ofSize(length));
        return Combinators.combine(ips, Arbitraries.integers().between(0, 65_535))
                .as(Frames::address);
    }

    static InetSocketAddress address(byte[] ip, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
