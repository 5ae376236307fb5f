package io.teahouse.tls.message;

import java.util.Arrays;
import java.util.Optional;

/**
 * Cuts the stream of handshake bytes of one encryption level into messages.
 *
 * <p>A message that is announced as longer than its type may be is refused before its bytes are kept, so what waits here
 * is at most one message and what came with its last bytes. Not thread-safe.
 */
public final class MessageAssembler {
    private byte[] pending = new byte[0];
    private int start;
    private int end;

    /** Creates one that has seen nothing. */
    public MessageAssembler() {}

    /**
     * Takes in the next bytes of the stream.
     *
     * @param bytes  copied
     * @param offset of the first one
     * @param length how many
     */
    public void append(byte[] bytes, int offset, int length) {
        if (pending.length - end < length) {
            int kept = end - start;
            byte[] target =
                    kept + length > pending.length ? new byte[Math.max(kept + length, 2 * pending.length)] : pending;
            System.arraycopy(pending, start, target, 0, kept);
            pending = target;
            start = 0;
            end = kept;
        }
        System.arraycopy(bytes, offset, pending, end, length);
        end += length;
    }

    /**
     * {@return the next message, from its header on, if all of it is there}
     *
     * @throws TlsException if it is of no known type, or too long for its type
     */
    public Optional<byte[]> next() throws TlsException {
        if (start == end) {
            return Optional.empty();
        }
        HandshakeType type = HandshakeCodec.expectType(pending[start] & 0xff);
        if (end - start < HandshakeCodec.HEADER_LENGTH) {
            return Optional.empty();
        }
        int length =
                ((pending[start + 1] & 0xff) << 16) | ((pending[start + 2] & 0xff) << 8) | (pending[start + 3] & 0xff);
        if (length > type.bodyBytesMax()) {
            throw new TlsException(
                    Alert.DECODE_ERROR,
                    "%s: %d bytes (expected: at most %d)".formatted(type, length, type.bodyBytesMax()));
        }
        int size = HandshakeCodec.HEADER_LENGTH + length;
        if (end - start < size) {
            return Optional.empty();
        }
        byte[] message = Arrays.copyOfRange(pending, start, start + size);
        start += size;
        if (start == end) {
            pending = new byte[0];
            start = 0;
            end = 0;
        }
        return Optional.of(message);
    }

    /**
     * {@return whether bytes wait here, of a message whose end is missing or that nobody has asked for}
     */
    public boolean hasPending() {
        return start < end;
    }
}
