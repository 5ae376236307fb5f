package io.teahouse.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.io.ConnectionClosedException;
import io.teahouse.quic.io.QuicConnection;
import io.teahouse.quic.io.QuicStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** What the drivers of real endpoints speak with each other (peers/README.md), over a QUIC connection of ours. */
final class TestProtocol {
    private static final int PATTERN_PERIOD = 251;
    private static final byte[] PIECE = pattern(0, PATTERN_PERIOD * 256);
    private static final Duration DATAGRAM_PATIENCE = Duration.ofSeconds(2);

    private TestProtocol() {}

    private static byte[] pattern(int from, int length) {
        var bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ((from + i) % PATTERN_PERIOD);
        }
        return bytes;
    }

    // The side that accepts.

    /** Serves a connection until it ends. */
    static void serve(QuicConnection connection) throws InterruptedException {
        Thread.ofVirtual().start(() -> echoDatagrams(connection));
        try {
            while (true) {
                var stream = connection.acceptBidirectional();
                Thread.ofVirtual().start(() -> serve(stream));
            }
        } catch (IOException e) {
            assertThat(e).isInstanceOf(ConnectionClosedException.class);
        }
    }

    private static void echoDatagrams(QuicConnection connection) {
        try {
            while (true) {
                connection.sendDatagram(connection.receiveDatagram());
            }
        } catch (IOException | InterruptedException _) {
            // It is over.
        }
    }

    private static void serve(QuicStream stream) {
        try {
            switch (stream.input().read()) {
                case 'E' -> stream.input().transferTo(stream.output());
                case 'S' -> {
                    var digest = sha256();
                    long count =
                            new DigestInputStream(stream.input(), digest).transferTo(OutputStream.nullOutputStream());
                    stream.output()
                            .write(ByteBuffer.allocate(40)
                                    .putLong(count)
                                    .put(digest.digest())
                                    .array());
                }
                case 'G' -> writePattern(stream.output(), new DataInputStream(stream.input()).readLong());
                default -> {
                    stream.output().reset(1);
                    return;
                }
            }
            stream.output().finish();
        } catch (IOException e) {
            stream.output().reset(2);
        }
    }

    private static void writePattern(OutputStream out, long length) throws IOException {
        for (long at = 0; at < length; at += PIECE.length) {
            out.write(PIECE, 0, (int) Math.min(PIECE.length, length - at));
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    // The side that dials.

    /** Sends so many bytes, and has them come back. */
    static void echo(QuicConnection connection, long length) throws Exception {
        var stream = connection.openBidirectional();
        var sending = send(stream, "E", length);
        requirePattern(stream.input(), length);
        sending.get();
    }

    /** Sends so many bytes, and has the peer say which ones they were. */
    static void sink(QuicConnection connection, long length) throws Exception {
        var stream = connection.openBidirectional();
        var digest = sha256();
        for (long at = 0; at < length; at += PIECE.length) {
            digest.update(PIECE, 0, (int) Math.min(PIECE.length, length - at));
        }
        var sending = send(stream, "S", length);
        var answer = ByteBuffer.wrap(stream.input().readAllBytes());
        sending.get();
        assertThat(answer.getLong()).isEqualTo(length);
        assertThat(answer.slice()).isEqualTo(ByteBuffer.wrap(digest.digest()));
    }

    /** Has the peer send so many bytes. */
    static void generate(QuicConnection connection, long length) throws Exception {
        var stream = connection.openBidirectional();
        stream.output()
                .write(ByteBuffer.allocate(9).put((byte) 'G').putLong(length).array());
        stream.output().finish();
        requirePattern(stream.input(), length);
    }

    private static FutureTask<Boolean> send(QuicStream stream, String mode, long length) {
        var sending = new FutureTask<>(() -> {
            stream.output().write(mode.getBytes(UTF_8));
            writePattern(stream.output(), length);
            stream.output().finish();
            return true;
        });
        Thread.ofVirtual().start(sending);
        return sending;
    }

    private static void requirePattern(InputStream in, long length) throws IOException {
        var bytes = new byte[PATTERN_PERIOD * 64];
        long at = 0;
        for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
            int phase = (int) (at % PATTERN_PERIOD);
            if (!ByteBuffer.wrap(bytes, 0, count).equals(ByteBuffer.wrap(PIECE, phase, count))) {
                throw new AssertionError("bytes %d to %d are not those that were sent".formatted(at, at + count));
            }
            at += count;
        }
        assertThat(at).isEqualTo(length);
    }

    /** Sends datagrams, and returns how many came back. */
    static int datagrams(QuicConnection connection, int count, int size)
            throws IOException, InterruptedException, ExecutionException {
        var receiving = new FutureTask<>(() -> {
            Set<Long> echoed = new HashSet<>();
            while (echoed.size() < count) {
                var next = connection.receiveDatagram(DATAGRAM_PATIENCE);
                if (next.isEmpty()) {
                    break;
                }
                assertThat(next.get().remaining()).isEqualTo(size);
                echoed.add(next.get().getLong(0));
            }
            return echoed.size();
        });
        Thread.ofVirtual().start(receiving);
        for (int i = 0; i < count; i++) {
            connection.sendDatagram(ByteBuffer.wrap(pattern(0, size)).putLong(0, i));
        }
        return receiving.get();
    }
}
