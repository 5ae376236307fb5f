package io.teahouse.interop;

import io.teahouse.quic.Connection;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A transfer of the test protocol, on the side that is asked for it. Not thread-safe. */
final class QuicTransferIn {
    private static final int REQUEST_LENGTH = 9;

    private final long id;
    private final ByteBuffer request = ByteBuffer.allocate(REQUEST_LENGTH);
    private final ByteBuffer in = ByteBuffer.allocate(64 * 1024);
    private final MessageDigest digest;
    private ByteBuffer answer = ByteBuffer.allocate(0);
    private long received;
    private long sent;
    private boolean finished;

    QuicTransferIn(long id) {
        this.id = id;
        request.limit(1);
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Goes on as far as can be; returns whether all is done. */
    boolean advance(Connection connection) {
        var streams = connection.streams();
        if (request.hasRemaining()) {
            streams.read(id, request);
            if (!request.hasRemaining() && request.limit() == 1 && request.get(0) == 'G') {
                request.limit(REQUEST_LENGTH);
                streams.read(id, request);
            }
        }
        if (request.hasRemaining()) {
            return false;
        }
        switch (request.get(0)) {
            case 'G' -> send(connection);
            case 'S' -> count(connection);
            case 'E' -> echo(connection);
            default -> {
                streams.reset(id, 1);
                finished = true;
            }
        }
        return finished;
    }

    private void send(Connection connection) {
        long length = request.getLong(1);
        int taken = 1;
        while (sent < length && taken > 0 && isWanted(connection)) {
            taken = connection.streams().write(id, QuicPattern.from(sent, length - sent));
            sent += taken;
        }
        // Also what ends the stream is to be read, or it stays.
        connection.streams().read(id, in);
        if (sent == length && isWanted(connection)) {
            connection.streams().finish(id);
            finished = true;
        }
    }

    private void count(Connection connection) {
        var streams = connection.streams();
        for (int count = streams.read(id, in); count > 0; count = streams.read(id, in)) {
            digest.update(in.flip());
            in.clear();
            received += count;
        }
        if (streams.isEnded(id) && isWanted(connection)) {
            var result = ByteBuffer.allocate(40)
                    .putLong(received)
                    .put(digest.digest())
                    .flip();
            streams.write(id, result);
            streams.finish(id);
            finished = true;
        }
    }

    private void echo(Connection connection) {
        var streams = connection.streams();
        boolean moved = true;
        while (moved && isWanted(connection)) {
            if (!answer.hasRemaining()) {
                in.clear();
                streams.read(id, in);
                answer = in.flip();
            }
            moved = answer.hasRemaining() && streams.write(id, answer) > 0;
        }
        if (!answer.hasRemaining() && streams.isEnded(id) && isWanted(connection)) {
            streams.finish(id);
            finished = true;
        }
    }

    private boolean isWanted(Connection connection) {
        if (connection.streams().sending(id).isEmpty()) {
            finished = true;
        }
        return !finished;
    }
}
