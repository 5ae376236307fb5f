package io.teahouse.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class StreamBuffersTest {
    private static byte[] bytes(int length) {
        var bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static byte[] readAll(ReceiveBuffer buffer) {
        var out = ByteBuffer.allocate(100_000);
        buffer.read(out);
        return Arrays.copyOf(out.array(), out.position());
    }

    @Test
    void piecesComeOutInOrder() {
        var buffer = new ReceiveBuffer(10);

        assertThat(buffer.insert(3, ByteBuffer.wrap(new byte[] {3, 4}))).isTrue();
        assertThat(buffer.readable()).isZero();
        assertThat(readAll(buffer)).isEmpty();
        buffer.insert(0, ByteBuffer.wrap(new byte[] {0, 1, 2, 3}));

        assertThat(buffer.readable()).isEqualTo(5);
        assertThat(readAll(buffer)).containsExactly(0, 1, 2, 3, 4);
        assertThat(buffer.readOffset()).isEqualTo(5);
        buffer.insert(2, ByteBuffer.wrap(new byte[] {2, 3, 4, 5}));
        assertThat(readAll(buffer)).containsExactly(5);
    }

    @Property(tries = 200)
    void whateverOrderAndRepetitionTheBytesAreTheSame(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 60_000) int length) {
        var random = new Random(seed);
        byte[] all = bytes(length);
        var buffer = new ReceiveBuffer(Integer.MAX_VALUE - 1);
        var read = ByteBuffer.allocate(length);

        while (read.hasRemaining()) {
            // Somewhere, but often where it is missing.
            int offset = random.nextBoolean() ? (int) buffer.readOffset() : random.nextInt(length);
            int piece = random.nextInt(Math.min(5000, length - offset) + 1);
            buffer.insert(offset, ByteBuffer.wrap(all, offset, piece));
            if (random.nextInt(3) == 0) {
                int limit = Math.min(read.capacity(), read.position() + random.nextInt(7000));
                buffer.read(read.limit(limit));
                read.limit(read.capacity());
            }
        }

        assertThat(read.array()).isEqualTo(all);
        assertThat(buffer.footprint()).isLessThanOrEqualTo(StreamBytes.PAGE_LENGTH + (long) length);
    }

    @Test
    void tooManyGapsAreRefused() {
        var buffer = new ReceiveBuffer(3);
        for (int piece = 1; piece <= 4; piece++) {
            assertThat(buffer.insert(2L * piece, ByteBuffer.wrap(new byte[1]))).isTrue();
        }

        assertThat(buffer.insert(10, ByteBuffer.wrap(new byte[1]))).isFalse();
    }

    @Test
    void aByteFarAheadCostsAPageAndNotAllBefore() {
        var buffer = new ReceiveBuffer(10);

        buffer.insert(10_000_000, ByteBuffer.wrap(new byte[1]));

        assertThat(buffer.footprint()).isEqualTo(StreamBytes.PAGE_LENGTH);
    }

    @Test
    void whatIsReadTakesNoMemory() {
        var buffer = new ReceiveBuffer(10);
        byte[] piece = bytes(10_000);
        for (int time = 0; time < 100; time++) {
            buffer.insert(buffer.readOffset(), ByteBuffer.wrap(piece));
            assertThat(readAll(buffer)).isEqualTo(piece);
        }

        assertThat(buffer.footprint()).isLessThanOrEqualTo(StreamBytes.PAGE_LENGTH);
    }

    @Test
    void whatWasLostGoesBeforeWhatIsNew() {
        var buffer = new SendBuffer();
        buffer.write(ByteBuffer.wrap(bytes(100)));
        send(buffer, 30, 100);
        send(buffer, 30, 100);

        buffer.onLost(0, 30);

        assertThat(buffer.nextOffset()).isZero();
        assertThat(buffer.nextLength(1000, 0)).isEqualTo(30);
        assertThat(send(buffer, 20, 100)).isEqualTo(20);
        assertThat(buffer.nextOffset()).isEqualTo(20);
        send(buffer, 10, 100);
        assertThat(buffer.nextOffset()).isEqualTo(60);
    }

    @Test
    void newBytesStayBelowTheLimit() {
        var buffer = new SendBuffer();
        buffer.write(ByteBuffer.wrap(bytes(100)));

        assertThat(buffer.nextLength(1000, 40)).isEqualTo(40);
        send(buffer, 40, 40);
        assertThat(buffer.nextLength(1000, 40)).isZero();
        assertThat(buffer.nextLength(1000, 30)).isZero();
        assertThat(buffer.nextLength(1000, 50)).isEqualTo(10);
    }

    @Test
    void whatThePeerHasIsNotSentAgain() {
        var buffer = new SendBuffer();
        buffer.write(ByteBuffer.wrap(bytes(100)));
        send(buffer, 100, 100);

        buffer.onAcknowledged(40, 20);
        buffer.onLost(30, 40);

        assertThat(buffer.nextOffset()).isEqualTo(30);
        assertThat(buffer.nextLength(100, 100)).isEqualTo(10);
        buffer.onAcknowledged(30, 10);
        assertThat(buffer.nextOffset()).isEqualTo(60);
        buffer.onAcknowledged(0, 100);
        assertThat(buffer.hasLost()).isFalse();
        assertThat(buffer.isAcknowledged()).isTrue();
        assertThat(buffer.buffered()).isZero();
        buffer.onLost(0, 100);
        assertThat(buffer.hasLost()).isFalse();
    }

    @Test
    void allIsSentAgainAfterARetry() {
        var buffer = new SendBuffer();
        buffer.write(ByteBuffer.wrap(bytes(100)));
        send(buffer, 60, 100);

        buffer.onAllLost();

        assertThat(buffer.nextOffset()).isZero();
        assertThat(buffer.nextLength(1000, 100)).isEqualTo(60);
    }

    private record Sent(long offset, ByteBuffer data) {}

    @Property(tries = 200)
    void allBytesArriveHoweverManyAreLost(@ForAll long seed, @ForAll @IntRange(min = 1, max = 40_000) int length) {
        var random = new Random(seed);
        byte[] all = bytes(length);
        var sender = new SendBuffer();
        var receiver = new ReceiveBuffer(Integer.MAX_VALUE - 1);
        var read = ByteBuffer.allocate(length);
        var onTheWay = new ArrayList<Sent>();
        int written = 0;

        while (!sender.isAcknowledged() || written < length) {
            int more = Math.min(random.nextInt(3000), length - written);
            sender.write(ByteBuffer.wrap(all, written, more));
            written += more;
            int piece = sender.nextLength(1 + random.nextInt(1500), length);
            if (piece > 0) {
                var data = ByteBuffer.allocate(piece);
                long offset = sender.nextOffset();
                sender.send(piece, data);
                onTheWay.add(new Sent(offset, data.flip()));
            }
            if (!onTheWay.isEmpty() && random.nextBoolean()) {
                var sent = onTheWay.remove(random.nextInt(onTheWay.size()));
                if (random.nextInt(4) == 0) {
                    sender.onLost(sent.offset(), sent.data().remaining());
                } else {
                    sender.onAcknowledged(sent.offset(), sent.data().remaining());
                    receiver.insert(sent.offset(), sent.data());
                    receiver.read(read);
                }
            }
        }

        assertThat(read.array()).isEqualTo(all);
        assertThat(sender.footprint()).isLessThanOrEqualTo(StreamBytes.PAGE_LENGTH);
    }

    private static int send(SendBuffer buffer, int max, long limit) {
        int length = buffer.nextLength(max, limit);
        buffer.send(length, ByteBuffer.allocate(length));
        return length;
    }

    @Test
    void windowsGrowInSteps() {
        var window = new ReceiveWindow(800);

        window.onConsumed(99);
        assertThat(window.isWorthTelling()).isFalse();
        window.onConsumed(1);
        assertThat(window.isWorthTelling()).isTrue();
        assertThat(window.limit()).isEqualTo(800);
        assertThat(window.raise()).isEqualTo(900);
        assertThat(window.isWorthTelling()).isFalse();
    }

    @Test
    void windowsEndWhereNumbersEnd() {
        var window = new ReceiveWindow((1L << 62) - 1);

        window.onConsumed(1000);

        assertThat(window.isWorthTelling()).isFalse();
        assertThat(window.raise()).isEqualTo((1L << 62) - 1);
    }

    @Test
    void creditOnlyGrows() {
        var credit = new SendCredit(100);
        credit.onSent(60);

        assertThat(credit.onLimit(50)).isFalse();
        assertThat(credit.available()).isEqualTo(40);
        assertThat(credit.onLimit(200)).isTrue();
        assertThat(credit.available()).isEqualTo(140);
        assertThat(credit.limit()).isEqualTo(200);
    }
}
