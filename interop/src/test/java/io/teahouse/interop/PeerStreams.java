package io.teahouse.interop;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/** Both sides of the test protocol on streams of the JDK's kind, for the QUIC peers that are written in Java. */
final class PeerStreams {
    private static final int CHUNK = 64 * 1024;

    private PeerStreams() {}

    /** A bidirectional stream. */
    record TwoWay(InputStream in, OutputStream out) {}

    /** Opens one. */
    @FunctionalInterface
    interface Opener {
        TwoWay open() throws IOException, InterruptedException;
    }

    /** Does what is asked for on a stream, and ends it. */
    static void serve(TwoWay stream) throws IOException {
        try (var in = stream.in();
                var out = stream.out()) {
            switch (in.read()) {
                case 'G' -> write(out, ByteBuffer.wrap(in.readNBytes(8)).getLong());
                case 'S' -> count(in, out);
                case 'E' -> in.transferTo(out);
                default -> throw new IOException("mode: another (expected: G, S or E)");
            }
        }
    }

    private static void count(InputStream in, OutputStream out) throws IOException {
        var digest = sha256();
        long received = 0;
        var chunk = new byte[CHUNK];
        for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
            digest.update(chunk, 0, length);
            received += length;
        }
        out.write(ByteBuffer.allocate(8).putLong(received).array());
        out.write(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(OutputStream out, long length) throws IOException {
        var chunk = new byte[CHUNK];
        for (long sent = 0; sent < length; ) {
            var next = QuicPattern.from(sent, length - sent);
            int size = next.remaining();
            next.get(chunk, 0, size);
            out.write(chunk, 0, size);
            sent += size;
        }
    }

    /** Asks for what the options say. */
    static void exchange(Opener opener, PeerOptions options) throws IOException, InterruptedException {
        if (options.has("get")) {
            get(opener.open(), options);
        }
        if (options.has("send")) {
            long length = options.number("send", 0);
            var stream = opener.open();
            long began = System.nanoTime();
            stream.out().write('S');
            write(stream.out(), length);
            stream.out().close();
            report("sent", length, ByteBuffer.wrap(stream.in().readNBytes(40)).getLong(), began);
        }
        if (options.has("echo")) {
            echo(opener.open(), options);
        }
    }

    private static void get(TwoWay stream, PeerOptions options) throws IOException {
        long length = options.number("get", 0);
        long began = System.nanoTime();
        stream.out().write(request(length));
        stream.out().close();
        report("got", length, read(stream.in(), options), began);
    }

    /** The whole of what is sent to get bytes. */
    static byte[] request(long length) {
        return ByteBuffer.allocate(9).put((byte) 'G').putLong(length).array();
    }

    private static void echo(TwoWay stream, PeerOptions options) throws IOException {
        long length = options.number("echo", 0);
        long began = System.nanoTime();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                stream.out().write('E');
                write(stream.out(), length);
                stream.out().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        report("echoed", length, read(stream.in(), options), began);
    }

    /** Reads to the end, and returns how much that was. */
    static long read(InputStream in, PeerOptions options) throws IOException {
        var chunk = new byte[CHUNK];
        long received = 0;
        for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
            if (!options.has("unchecked")) {
                QuicPattern.check(received, ByteBuffer.wrap(chunk, 0, length));
            }
            received += length;
        }
        return received;
    }

    static void report(String what, long expected, long actual, long beganNanos) throws IOException {
        if (actual != expected) {
            throw new IOException("%s: %d bytes (expected: %d)".formatted(what, actual, expected));
        }
        double seconds = (System.nanoTime() - beganNanos) / 1e9;
        System.out.println(String.format(Locale.ROOT, "%s %d bytes in %.3f s", what, actual, seconds));
    }
}
