package io.teahouse.relay.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.teahouse.relay.websocket.WebSocketReader.Event;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads a stream with a {@link WebSocketReader}, cut into buffers at will, and notes what is found: {@code BINARY 0102},
 * {@code PING} and so on, or {@code error 1002}.
 *
 * <p>Holds at every step what must always be true: buffers are read to their end and neither kept nor given back, a
 * message tells the same in all ways to read it, and no more memory is held than the stream has brought.
 */
final class Reading implements AutoCloseable {
    /** What a message in pieces may hold before any of it has come. */
    static final int FIRST_ASSEMBLY = WebSocketReader.HEADROOM + 512;

    /** How much memory may be held for each byte that came. */
    static final int GROWTH = 4;

    /** Counts what it gives; without the leak detector, which would note every access to every byte. */
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);

    private final UnpooledByteBufAllocator socket = new UnpooledByteBufAllocator(true, true);
    private final WebSocketReader reader;
    private final List<String> found = new ArrayList<>();
    private final int maxMessage;
    private long received;
    private boolean failed;
    private int zeroCopies;

    Reading(boolean fromClient, int maxMessage) {
        this.maxMessage = maxMessage;
        reader = new WebSocketReader(allocator, fromClient, maxMessage);
    }

    /** Returns what a client's stream holds when it comes in one piece. */
    static List<String> ofClient(int maxMessage, PeerFrame... frames) {
        return of(true, maxMessage, PeerFrame.stream(frames));
    }

    /** Returns what a stream holds, cut into pieces of these sizes; what is left over is a piece too. */
    static List<String> of(boolean fromClient, int maxMessage, byte[] stream, int... sizes) {
        try (var reading = new Reading(fromClient, maxMessage)) {
            int at = 0;
            for (int size : sizes) {
                int end = Math.min(stream.length, at + size);
                reading.feed(Arrays.copyOfRange(stream, at, end));
                at = end;
            }
            reading.feed(Arrays.copyOfRange(stream, at, stream.length));
            return reading.found();
        }
    }

    List<String> found() {
        return List.copyOf(found);
    }

    /** Returns how many messages stayed in the buffer that they came in. */
    int zeroCopies() {
        return zeroCopies;
    }

    /** Returns the bytes of buffers that the reader holds. */
    long heldBytes() {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    /** Reads one buffer to its end, unless an error came before. */
    void feed(byte... piece) {
        if (failed) {
            return;
        }
        received += piece.length;
        // At an index of its own, in memory of either kind, as buffers from a socket may be.
        int offset = piece.length % 5;
        var in = piece.length % 2 == 0 ? socket.directBuffer() : socket.heapBuffer();
        in.writeZero(offset).readerIndex(offset).writeBytes(piece);
        try {
            for (Event event; (event = reader.next(in)) != Event.NEED_MORE; ) {
                note(event, in);
                checkMemory();
            }
            assertThat(in.isReadable()).as("bytes left over").isFalse();
        } catch (WebSocketException e) {
            failed = true;
            assertThat(e.getMessage()).isNotBlank();
            found.add("error " + e.closeCode());
        }
        checkMemory();
        assertThat(in.refCnt()).as("references to a buffer that was lent").isEqualTo(1);
        in.release();
    }

    private void note(Event event, ByteBuf in) {
        if (event == Event.BINARY) {
            var copy = reader.unmaskedCopy().array();
            var unmasked = new byte[reader.length()];
            Masking.copy(
                    reader.source(),
                    reader.index(),
                    Unpooled.wrappedBuffer(unmasked),
                    0,
                    reader.length(),
                    reader.mask());
            assertThat(unmasked).isEqualTo(copy);
            if (reader.isAssembled()) {
                assertThat(reader.index()).isEqualTo(WebSocketReader.HEADROOM);
                assertThat(reader.mask()).isZero();
                assertThat(reader.source()).isNotSameAs(in);
            } else {
                assertThat(reader.source()).isSameAs(in);
                zeroCopies++;
            }
            found.add(line(event, copy));
        } else {
            found.add(line(event, reader.controlPayload()));
        }
    }

    static String line(Event event, byte[] payload) {
        return (event + " " + HexFormat.of().formatHex(payload)).strip();
    }

    private void checkMemory() {
        assertThat(heldBytes())
                .as("bytes held after %d came", received)
                .isLessThanOrEqualTo(FIRST_ASSEMBLY + GROWTH * received)
                .isLessThanOrEqualTo(WebSocketReader.HEADROOM + maxMessage);
    }

    /** Closes the reader, twice, and checks that nothing is held any more. */
    @Override
    public void close() {
        reader.close();
        reader.close();
        assertThat(heldBytes()).as("bytes held after the end").isZero();
    }
}
