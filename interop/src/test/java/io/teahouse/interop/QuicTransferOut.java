package io.teahouse.interop;

import io.teahouse.quic.Connection;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * A transfer of the test protocol, on the side that asks for it. Not thread-safe: it is asked to go on whenever something may have
 * changed.
 */
final class QuicTransferOut {
    private static final int ANSWER_LENGTH = 40;

    /** What is wanted. */
    enum Kind {
        GET('G'),
        SEND('S'),
        ECHO('E');

        private final char mode;

        Kind(char mode) {
            this.mode = mode;
        }
    }

    private final Kind kind;
    private final long length;
    private final ByteBuffer header;
    private final ByteBuffer in;
    private final ByteBuffer answer = ByteBuffer.allocate(ANSWER_LENGTH);
    private OptionalLong stream = OptionalLong.empty();
    private long sent;
    private long received;
    private boolean finished;

    QuicTransferOut(Kind kind, long length) {
        this.kind = kind;
        this.length = length;
        this.header = ByteBuffer.allocate(9).put((byte) kind.mode);
        if (kind == Kind.GET) {
            header.putLong(length);
        }
        header.flip();
        this.in = ByteBuffer.allocate(64 * 1024);
    }

    /** Goes on as far as can be; returns whether all is done. */
    boolean advance(Connection connection) {
        if (stream.isEmpty()) {
            stream = connection.streams().open(true);
        }
        if (stream.isEmpty()) {
            return false;
        }
        if (!finished) {
            write(connection);
        }
        return read(connection);
    }

    private void write(Connection connection) {
        var streams = connection.streams();
        long id = stream.getAsLong();
        if (streams.sending(id).isEmpty()) {
            throw new IllegalStateException("stream %d: over before all was written".formatted(id));
        }
        if (header.hasRemaining()) {
            streams.write(id, header);
        }
        long toSend = kind == Kind.GET ? 0 : length;
        while (!header.hasRemaining() && sent < toSend) {
            int taken = streams.write(id, QuicPattern.from(sent, toSend - sent));
            sent += taken;
            if (taken == 0) {
                return;
            }
        }
        if (!header.hasRemaining() && sent == toSend) {
            streams.finish(id);
            finished = true;
        }
    }

    private boolean read(Connection connection) {
        var streams = connection.streams();
        long id = stream.getAsLong();
        var into = kind == Kind.SEND ? answer : in;
        for (int count = streams.read(id, into); count > 0; count = streams.read(id, into)) {
            if (kind != Kind.SEND) {
                QuicPattern.check(received, in.flip());
                in.clear();
            }
            received += count;
        }
        if (streams.readReset(id).isPresent()) {
            throw new IllegalStateException("stream %d: given up by the peer".formatted(id));
        }
        if (!finished || !streams.isEnded(id)) {
            return false;
        }
        long arrived = kind == Kind.SEND ? answer.getLong(0) : received;
        if (arrived != length) {
            throw new IllegalStateException(
                    "stream %d: %s of %d bytes (expected: %d)".formatted(id, kind, arrived, length));
        }
        return true;
    }
}
