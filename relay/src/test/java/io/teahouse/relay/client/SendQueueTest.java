package io.teahouse.relay.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.client.SendQueue.Offer;
import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.FrameLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SendQueueTest {
    private static final EndpointId PEER = SecretKey.fromBytes(new byte[32]).endpointId();

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final SendQueue queue = new SendQueue(allocator, new MaskKeys(_ -> {}));

    @AfterEach
    void everyBufferIsGivenBack() {
        queue.close();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    @Test
    void framesLeaveTogetherUpToWhatATlsRecordHolds() {
        for (int i = 0; i < 14; i++) {
            queue.offer(PEER, of(1200), 0);
        }

        assertThat(takeLength()).isEqualTo(13 * (4 + 4 + 34 + 1200)).isLessThanOrEqualTo(SendQueue.BATCH_BYTES);
        assertThat(takeLength()).isEqualTo(4 + 4 + 34 + 1200);
        assertThat(takeLength()).isZero();
        assertThat(queue.sentFrames()).isEqualTo(14);
    }

    @Test
    void theLargestFrameIsABatchOfItsOwn() {
        queue.offer(PEER, of(100), 0);
        queue.offer(PEER, of(FrameLayout.MAX_DATAGRAM_CONTENTS), 0);
        queue.offer(PEER, of(100), 0);

        assertThat(takeLength()).isEqualTo(4 + 4 + 34 + 100);
        assertThat(takeLength()).isEqualTo(10 + 4 + FrameLayout.MAX_MESSAGE_TO_SEND);
        assertThat(takeLength()).isEqualTo(4 + 4 + 34 + 100);
    }

    @Test
    void itIsToldOnceThatThereIsSomethingUntilAllIsTaken() {
        assertThat(queue.offer(PEER, of(9), 0)).isEqualTo(Offer.TAKEN_FIRST);
        assertThat(queue.offer(PEER, of(9), 0)).isEqualTo(Offer.TAKEN);
        takeLength();
        assertThat(queue.offer(PEER, of(9), 0)).isEqualTo(Offer.TAKEN);
        takeLength();
        takeLength();
        assertThat(queue.offer(PEER, of(9), 0)).isEqualTo(Offer.TAKEN_FIRST);
    }

    @Test
    void itIsFullWithItsFrames() {
        for (int i = 0; i < SendQueue.MAX_FRAMES; i++) {
            assertThat(queue.offer(PEER, of(1), 0)).isNotEqualTo(Offer.FULL);
        }

        assertThat(queue.offer(PEER, of(1), 0)).isEqualTo(Offer.FULL);
    }

    @Test
    void itIsFullWithItsBytes() {
        int taken = 0;
        while (queue.offer(PEER, of(60_000), 0) != Offer.FULL) {
            taken++;
        }

        assertThat(taken).isEqualTo(17);
    }

    @Test
    void whatHasWaitedTooLongIsDroppedAndCounted() {
        queue.offer(PEER, of(1), 0);
        queue.offer(PEER, of(1), 0);
        assertThat(queue.offer(PEER, of(SendQueue.BATCH_BYTES), 1)).isEqualTo(Offer.TAKEN);

        var batch = queue.take(SendQueue.MAX_AGE_NANOS + 1);

        assertThat(batch).isNotNull();
        assertThat(batch.readableBytes()).isGreaterThan(SendQueue.BATCH_BYTES);
        batch.release();
        assertThat(queue.dropped(DropReason.TOO_OLD)).isEqualTo(2);
        assertThat(queue.sentFrames()).isEqualTo(1);
    }

    @Test
    void whatWaitsAtTheEndIsCountedAndNothingIsTakenAfterwards() {
        queue.offer(PEER, of(1), 0);

        queue.close();

        assertThat(queue.dropped(DropReason.CONNECTION_ENDED)).isEqualTo(1);
        assertThat(queue.offer(PEER, of(1), 0)).isEqualTo(Offer.CLOSED);
    }

    @Test
    void whoWaitsForRoomGoesOnWhenThereIsSomeOrTheQueueIsClosed() throws Exception {
        while (queue.offer(PEER, of(60_000), 0) != Offer.FULL) {}
        var waiting = Thread.startVirtualThread(() -> {
            try {
                queue.awaitRoom(of(60_000));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        takeLength();
        assertThat(waiting.join(Duration.ofSeconds(30))).isTrue();

        while (queue.offer(PEER, of(60_000), 0) != Offer.FULL) {}
        var closing = Thread.startVirtualThread(() -> {
            try {
                queue.awaitRoom(of(60_000));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        queue.close();
        closing.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(closing.isAlive()).isFalse();
    }

    private int takeLength() {
        var batch = queue.take(0);
        if (batch == null) {
            return 0;
        }
        int length = batch.readableBytes();
        batch.release();
        return length;
    }

    private static Datagrams of(int length) {
        return new Datagrams(0, 0, ByteBuffer.allocate(length));
    }
}
