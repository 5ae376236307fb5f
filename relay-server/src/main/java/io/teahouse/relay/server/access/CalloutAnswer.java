package io.teahouse.relay.server.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a service answered: a status and the beginning of a body (RFC 9112, sections 4 to 7).
 *
 * @param status   100 to 999, never an interim one
 * @param body     the whole body if it is short; empty if it is longer than {@value #BODY_MAX} bytes
 * @param isToStay whether another request can be sent on the connection
 */
record CalloutAnswer(int status, Optional<String> body, boolean isToStay) {
    /** How many bytes of a body are read. */
    static final int BODY_MAX = 64;

    /** How many bytes may come in all, a body apart. */
    private static final int HEAD_MAX = 16 << 10;

    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.([01]) ([1-9][0-9]{2})(?: .*)?");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
    private static final Pattern CHUNK_SIZE = Pattern.compile("([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?");

    /** Whether the answer is the only one that means yes: status 200 and {@code true}. */
    boolean isYes() {
        return status == 200 && body.equals(Optional.of("true"));
    }

    /** Reads one answer to a POST, and not a byte of what comes behind it if it is {@linkplain #isToStay to stay}. */
    static CalloutAnswer read(InputStream in) throws IOException {
        var reader = new Reader(in);
        var head = reader.head();
        while (head.status < 200 && head.status != 101) {
            head = reader.head();
        }
        var body = reader.body(head);
        return new CalloutAnswer(
                head.status,
                body.map(bytes -> new String(bytes, ISO_8859_1)),
                body.isPresent() && head.isDelimited() && !head.closes);
    }

    /** What a head says of what follows. */
    private static final class Head {
        private final int status;
        private boolean closes;
        private boolean isChunked;
        private OptionalLong length = OptionalLong.empty();

        Head(int status, boolean closes) {
            this.status = status;
            this.closes = closes;
        }

        boolean hasNoBody() {
            return status == 204 || status == 304;
        }

        boolean isDelimited() {
            return hasNoBody() || isChunked || length.isPresent();
        }

        void take(String name, String value) throws IOException {
            switch (name) {
                case "connection" -> {
                    for (var option : value.split(",", -1)) {
                        closes |= option.strip().equalsIgnoreCase("close");
                    }
                }
                case "transfer-encoding" -> {
                    if (isChunked || !value.equalsIgnoreCase("chunked")) {
                        throw malformed("its transfer-encoding is not chunked");
                    }
                    isChunked = true;
                }
                case "content-length" -> {
                    if (!LENGTH.matcher(value).matches()) {
                        throw malformed("its content-length is no number");
                    }
                    long said = Long.parseLong(value);
                    if (length.isPresent() && length.getAsLong() != said) {
                        throw malformed("it has two content-lengths");
                    }
                    length = OptionalLong.of(said);
                }
                default -> {}
            }
        }
    }

    /** Takes a stream apart, byte by byte; the stream has to be buffered. */
    private static final class Reader {
        private final InputStream in;
        private int lineBytesLeft = HEAD_MAX;

        Reader(InputStream in) {
            this.in = in;
        }

        Head head() throws IOException {
            Matcher status = STATUS_LINE.matcher(line());
            if (!status.matches()) {
                throw malformed("its first line is no status line");
            }
            var head =
                    new Head(Integer.parseInt(status.group(2)), status.group(1).equals("0"));
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                if (colon <= 0) {
                    throw malformed("a header line has no name");
                }
                head.take(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            return head;
        }

        /** The body; nothing if it is too long. */
        Optional<byte[]> body(Head head) throws IOException {
            if (head.hasNoBody()) {
                return Optional.of(new byte[0]);
            }
            if (head.isChunked) {
                return chunks();
            }
            if (head.length.isEmpty()) {
                byte[] bytes = in.readNBytes(BODY_MAX + 1);
                return bytes.length > BODY_MAX ? Optional.empty() : Optional.of(bytes);
            }
            return head.length.getAsLong() > BODY_MAX
                    ? Optional.empty()
                    : Optional.of(exactly((int) head.length.getAsLong()));
        }

        private Optional<byte[]> chunks() throws IOException {
            var body = new ByteArrayOutputStream(BODY_MAX);
            for (long size = chunkSize(); size > 0; size = chunkSize()) {
                if (size > BODY_MAX - body.size()) {
                    return Optional.empty();
                }
                body.writeBytes(exactly((int) size));
                if (!line().isEmpty()) {
                    throw malformed("a chunk is longer than it says");
                }
            }
            while (!line().isEmpty()) {
                // Trailers say nothing here.
            }
            return Optional.of(body.toByteArray());
        }

        private long chunkSize() throws IOException {
            Matcher size = CHUNK_SIZE.matcher(line());
            if (!size.matches()) {
                throw malformed("the size of a chunk is no number");
            }
            return Long.parseLong(size.group(1), 16);
        }

        private byte[] exactly(int count) throws IOException {
            byte[] bytes = in.readNBytes(count);
            if (bytes.length < count) {
                throw new EOFException("the answer ended in its body");
            }
            return bytes;
        }

        private String line() throws IOException {
            var line = new ByteArrayOutputStream();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) {
                    throw new EOFException("the connection ended before the answer did");
                }
                if (--lineBytesLeft < 0) {
                    throw malformed("its head is longer than %d KiB".formatted(HEAD_MAX >> 10));
                }
                line.write(next);
            }
            String text = line.toString(ISO_8859_1);
            return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
        }
    }

    private static IOException malformed(String what) {
        return new IOException("the answer is not HTTP/1: " + what);
    }
}
