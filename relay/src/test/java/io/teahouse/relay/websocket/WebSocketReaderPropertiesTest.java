package io.teahouse.relay.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.websocket.WebSocketReader.Event;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** However a stream is cut, whatever it holds: the reader finds the same, or the same fault. */
class WebSocketReaderPropertiesTest {
    private static final int MAX = 3000;

    /** A stream, and what is in it. */
    @SuppressWarnings("ArrayRecordComponent") // test data, never compared
    record Stream(byte[] bytes, List<String> expected) {
        @Override
        public String toString() {
            return expected.toString();
        }
    }

    @Property
    void goodStreamsAreReadWhateverTheCuts(@ForAll("good") Stream stream, @ForAll("cuts") int[] sizes) {
        assertThat(Reading.of(true, MAX, stream.bytes)).isEqualTo(stream.expected);
        assertThat(Reading.of(true, MAX, stream.bytes, sizes)).isEqualTo(stream.expected);
    }

    @Property(tries = 100)
    void goodStreamsAreReadByteByByte(@ForAll("good") Stream stream) {
        try (var reading = new Reading(true, MAX)) {
            for (byte b : stream.bytes) {
                reading.feed(b);
            }
            assertThat(reading.found()).isEqualTo(stream.expected);
        }
    }

    @Property
    void aSpoiltStreamHasTheSameFaultWhateverTheCuts(
            @ForAll("good") Stream stream,
            @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 1 << 20) Integer> places,
            @ForAll @Size(4) List<Byte> values,
            @ForAll("cuts") int[] sizes) {
        var spoilt = stream.bytes.clone();
        for (int i = 0; i < places.size() && spoilt.length > 0; i++) {
            spoilt[places.get(i) % spoilt.length] = values.get(i);
        }

        var whole = Reading.of(true, MAX, spoilt);

        assertThat(Reading.of(true, MAX, spoilt, sizes)).isEqualTo(whole);
    }

    @Property
    void aStreamThatIsCutShortHoldsWhatItHeldUpToThere(
            @ForAll("good") Stream stream, @ForAll @IntRange(max = 1 << 20) int end) {
        int length = stream.bytes.length == 0 ? 0 : end % stream.bytes.length;

        var found = Reading.of(true, MAX, Arrays.copyOf(stream.bytes, length));

        assertThat(found).isEqualTo(stream.expected.subList(0, found.size()));
    }

    @Property(tries = 3000)
    void anyBytesAreEventsOrOneOfOurErrors(
            @ForAll @Size(max = 200) byte[] bytes, @ForAll boolean fromClient, @ForAll("cuts") int[] sizes) {
        var whole = Reading.of(fromClient, MAX, bytes);

        assertThat(Reading.of(fromClient, MAX, bytes, sizes)).isEqualTo(whole);
        assertThat(whole).allMatch(line -> !line.startsWith("error") || line.matches("error 10(02|07|09)"));
        assertThat(whole.stream().filter(line -> line.startsWith("error")).count())
                .isLessThanOrEqualTo(1);
    }

    /** Random bytes seldom pass the first header; these headers are nearly right, so that what is behind is met too. */
    @Property(tries = 3000)
    void nearlyGoodHeadersAreEventsOrOneOfOurErrors(@ForAll long seed, @ForAll("cuts") int[] sizes) {
        var random = new Random(seed);
        var out = new ByteArrayOutputStream();
        for (int i = random.nextInt(1, 10); i > 0; i--) {
            var frame = PeerFrame.of(pick(random, 0, 0, 1, 2, 2, 8, 9, 10, 11), new byte[random.nextInt(200)])
                    .key(random.nextInt());
            frame = random.nextInt(3) == 0 ? frame.inParts() : frame;
            frame = random.nextInt(20) == 0 ? frame.unmasked() : frame;
            frame = random.nextInt(20) == 0 ? frame.reserved(0x40) : frame;
            frame = random.nextInt(10) == 0 ? frame.announcing(random.nextInt(5000)) : frame;
            frame = random.nextInt(20) == 0 ? frame.announcing(random.nextLong()) : frame;
            frame = random.nextInt(20) == 0 ? frame.form(PeerFrame.LengthForm.TWO_BYTES) : frame;
            out.writeBytes(frame.bytes());
        }

        var whole = Reading.of(true, MAX, out.toByteArray());

        assertThat(Reading.of(true, MAX, out.toByteArray(), sizes)).isEqualTo(whole);
    }

    private static int pick(Random random, int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    @Provide
    Arbitrary<int[]> cuts() {
        return Arbitraries.oneOf(
                        Arbitraries.integers().between(1, 5),
                        Arbitraries.integers().between(1, 400))
                .array(int[].class)
                .ofMaxSize(30);
    }

    @Provide
    Arbitrary<Stream> good() {
        return Arbitraries.randomValue(WebSocketReaderPropertiesTest::goodStream);
    }

    private static Stream goodStream(Random random) {
        var out = new ByteArrayOutputStream();
        var expected = new ArrayList<String>();
        for (int messages = random.nextInt(6); messages > 0; messages--) {
            switch (random.nextInt(5)) {
                case 0 -> writeControl(random, out, expected);
                case 1 -> writeText(random, out, expected);
                default -> writeBinary(random, out, expected);
            }
        }
        return new Stream(out.toByteArray(), expected);
    }

    private static void writeControl(Random random, ByteArrayOutputStream out, List<String> expected) {
        var payload = new byte[random.nextInt(126)];
        random.nextBytes(payload);
        boolean ping = random.nextBoolean();
        out.writeBytes(PeerFrame.of(ping ? Opcode.PING : Opcode.PONG, payload)
                .key(random.nextInt())
                .bytes());
        expected.add(Reading.line(ping ? Event.PING : Event.PONG, payload));
    }

    private static void writeBinary(Random random, ByteArrayOutputStream out, List<String> expected) {
        var payload = new byte[random.nextInt(3) == 0 ? random.nextInt(MAX + 1) : random.nextInt(300)];
        random.nextBytes(payload);
        writeFragments(random, Opcode.BINARY, payload, out, expected);
        expected.add(Reading.line(Event.BINARY, payload));
    }

    private static void writeText(Random random, ByteArrayOutputStream out, List<String> expected) {
        var text = new StringBuilder();
        for (int i = random.nextInt(50); i > 0; i--) {
            int point = random.nextInt(pick(random, 0x80, 0x800, 0x10000, 0x110000));
            text.appendCodePoint(point >= 0xD800 && point <= 0xDFFF ? '?' : point);
        }
        writeFragments(random, Opcode.TEXT, text.toString().getBytes(StandardCharsets.UTF_8), out, expected);
    }

    /** Writes a message in a few frames, now and then with control frames between them. */
    private static void writeFragments(
            Random random, int opcode, byte[] payload, ByteArrayOutputStream out, List<String> expected) {
        int at = 0;
        int next = opcode;
        while (random.nextInt(3) == 0) {
            int end = random.nextInt(at, payload.length + 1);
            out.writeBytes(PeerFrame.of(next, Arrays.copyOfRange(payload, at, end))
                    .inParts()
                    .key(random.nextInt())
                    .bytes());
            next = Opcode.CONTINUATION;
            at = end;
            if (random.nextInt(3) == 0) {
                writeControl(random, out, expected);
            }
        }
        out.writeBytes(PeerFrame.of(next, Arrays.copyOfRange(payload, at, payload.length))
                .key(random.nextInt())
                .bytes());
    }
}
