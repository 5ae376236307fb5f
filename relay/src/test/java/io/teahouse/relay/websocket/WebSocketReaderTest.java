package io.teahouse.relay.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.teahouse.relay.websocket.PeerFrame.LengthForm;
import io.teahouse.relay.websocket.WebSocketReader.Event;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads single streams of which it is written down what they hold; {@link WebSocketReaderPropertiesTest} has the rest. */
class WebSocketReaderTest {
    private static final int MAX = 1000;
    private static final String PROTOCOL_ERROR = "error 1002";
    private static final String INVALID_TEXT = "error 1007";
    private static final String TOO_BIG = "error 1009";

    // ---- what is good --------------------------------------------------------------------------------------------

    @Test
    void aWholeMessageStaysWhereItIsAndIsNotCopied() {
        try (var reading = new Reading(true, MAX)) {
            reading.feed(PeerFrame.of(Opcode.BINARY, bytes("abc")).bytes());

            assertThat(reading.found()).containsExactly("BINARY 616263");
            assertThat(reading.zeroCopies()).isEqualTo(1);
            assertThat(reading.heldBytes()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 0xFFFF, 0x10000, 0x10001})
    void messagesOfAllLengthFormsAreRead(int length) {
        var payload = new byte[length];
        Arrays.fill(payload, (byte) 7);

        assertThat(Reading.ofClient(0x10001, PeerFrame.of(Opcode.BINARY, payload)))
                .containsExactly(Reading.line(Event.BINARY, payload));
    }

    @Test
    void aMaskOfZeroIsAMask() {
        assertThat(Reading.ofClient(
                        MAX, PeerFrame.of(Opcode.BINARY, bytes("abc")).key(0)))
                .containsExactly("BINARY 616263");
    }

    @Test
    void aServersFramesAreNotMasked() {
        var stream = PeerFrame.of(Opcode.BINARY, bytes("abc")).unmasked().bytes();

        assertThat(Reading.of(false, MAX, stream)).containsExactly("BINARY 616263");
        assertThat(Reading.of(false, MAX, stream, 1, 1, 1)).containsExactly("BINARY 616263");
    }

    @Test
    void controlFramesMayStandBetweenTheFragmentsOfAMessage() {
        assertThat(Reading.ofClient(
                        MAX,
                        PeerFrame.of(Opcode.BINARY, bytes("a")).inParts(),
                        PeerFrame.of(Opcode.PING, bytes("p")),
                        PeerFrame.of(Opcode.CONTINUATION, bytes("b")).inParts().key(0x01020304),
                        PeerFrame.of(Opcode.PONG),
                        PeerFrame.of(Opcode.CONTINUATION, bytes("c"))))
                .containsExactly("PING 70", "PONG", "BINARY 616263");
    }

    @Test
    void fragmentsMayBeEmpty() {
        assertThat(Reading.ofClient(
                        MAX,
                        PeerFrame.of(Opcode.BINARY).inParts(),
                        PeerFrame.of(Opcode.CONTINUATION).inParts(),
                        PeerFrame.of(Opcode.CONTINUATION, bytes("a")).inParts(),
                        PeerFrame.of(Opcode.CONTINUATION),
                        PeerFrame.of(Opcode.BINARY).inParts(),
                        PeerFrame.of(Opcode.CONTINUATION)))
                .containsExactly("BINARY 61", "BINARY");
    }

    @Test
    void textIsSkippedWholeOrInFragments() {
        assertThat(Reading.ofClient(
                        MAX,
                        PeerFrame.of(Opcode.TEXT, bytes("grüße")),
                        PeerFrame.of(Opcode.TEXT),
                        PeerFrame.of(Opcode.TEXT, bytes("one")).inParts(),
                        PeerFrame.of(Opcode.PING),
                        PeerFrame.of(Opcode.CONTINUATION, bytes("two")),
                        PeerFrame.of(Opcode.BINARY, bytes("a"))))
                .containsExactly("PING", "BINARY 61");
    }

    @Test
    void aCharacterMayLieInSeveralFragments() {
        var text = bytes("\uD83C\uDF75"); // a teacup, four bytes

        assertThat(Reading.ofClient(
                        MAX,
                        PeerFrame.of(Opcode.TEXT, text[0]).inParts(),
                        PeerFrame.of(Opcode.CONTINUATION, text[1], text[2]).inParts(),
                        PeerFrame.of(Opcode.CONTINUATION, text[3]),
                        PeerFrame.of(Opcode.BINARY)))
                .containsExactly("BINARY");
    }

    @Test
    void nothingIsReadBehindAClose() {
        try (var reading = new Reading(true, MAX)) {
            reading.feed(PeerFrame.stream(
                    PeerFrame.of(Opcode.CLOSE, (byte) 0x03, (byte) 0xE8, (byte) 'x'),
                    PeerFrame.of(Opcode.BINARY, bytes("late"))));
            reading.feed((byte) 0xFF, (byte) 0xFF);

            assertThat(reading.found()).containsExactly("CLOSE 03e878");
        }
    }

    @Test
    void aCloseMayBeEmptyAndMayStandWithinAMessage() {
        assertThat(Reading.ofClient(MAX, PeerFrame.of(Opcode.BINARY, bytes("a")).inParts(), PeerFrame.of(Opcode.CLOSE)))
                .containsExactly("CLOSE");
    }

    @Test
    void whatWasReadIsForgottenWithTheNextCall() throws Exception {
        try (var reader = new WebSocketReader(UnpooledByteBufAllocator.DEFAULT, true, MAX)) {
            var in = Unpooled.wrappedBuffer(
                    PeerFrame.of(Opcode.BINARY, bytes("abc")).bytes());
            assertThat(reader.next(in)).isEqualTo(Event.BINARY);

            assertThat(reader.next(in)).isEqualTo(Event.NEED_MORE);

            assertThatExceptionOfType(NullPointerException.class).isThrownBy(reader::source);
        }
    }

    @Test
    void whoKeepsTheBufferOfAnAssembledMessageRetainsIt() throws Exception {
        var allocator = new UnpooledByteBufAllocator(true);
        var stream = PeerFrame.of(Opcode.BINARY, bytes("abc")).bytes();
        try (var reader = new WebSocketReader(allocator, true, MAX)) {
            assertThat(reader.next(Unpooled.wrappedBuffer(stream, 0, 8))).isEqualTo(Event.NEED_MORE);
            assertThat(reader.next(Unpooled.wrappedBuffer(stream, 8, 1))).isEqualTo(Event.BINARY);
            assertThat(reader.isAssembled()).isTrue();
            var kept = reader.source().retain();

            assertThat(reader.next(Unpooled.EMPTY_BUFFER)).isEqualTo(Event.NEED_MORE);

            assertThat(kept.refCnt()).isEqualTo(1);
            assertThat(kept.toString(WebSocketReader.HEADROOM, 3, UTF_8)).isEqualTo("abc");
            kept.release();
        }
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @Test
    void aMessageThatWasDeliveredAndNotFetchedIsGivenBackByClose() {
        try (var reading = new Reading(true, MAX)) {
            var stream = PeerFrame.of(Opcode.BINARY, bytes("abc")).bytes();
            reading.feed(Arrays.copyOf(stream, 8));

            assertThat(reading.heldBytes()).isPositive();
        } // close checks that nothing is held
    }

    // ---- what is not ---------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {0x10, 0x20, 0x40, 0x70})
    void aReservedBitIsAnError(int bits) {
        for (int opcode : new int[] {Opcode.BINARY, Opcode.TEXT, Opcode.PING, Opcode.CLOSE}) {
            assertThat(Reading.ofClient(MAX, PeerFrame.of(opcode).reserved(bits)))
                    .containsExactly(PROTOCOL_ERROR);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
    void anUnknownOpcodeIsAnError(int opcode) {
        assertThat(Reading.ofClient(MAX, PeerFrame.of(opcode))).containsExactly(PROTOCOL_ERROR);
    }

    @ParameterizedTest
    @ValueSource(ints = {Opcode.BINARY, Opcode.TEXT, Opcode.PING, Opcode.PONG, Opcode.CLOSE})
    void aClientMustMaskAndAServerMustNot(int opcode) {
        assertThat(Reading.of(true, MAX, PeerFrame.of(opcode).unmasked().bytes()))
                .containsExactly(PROTOCOL_ERROR);
        assertThat(Reading.of(false, MAX, PeerFrame.of(opcode).bytes())).containsExactly(PROTOCOL_ERROR);
    }

    @Test
    void aContinuationOfNothingIsAnError() {
        var stray = PeerFrame.of(Opcode.CONTINUATION, bytes("a"));

        assertThat(Reading.ofClient(MAX, stray)).containsExactly(PROTOCOL_ERROR);
        assertThat(Reading.ofClient(MAX, stray.inParts())).containsExactly(PROTOCOL_ERROR);
        assertThat(Reading.ofClient(MAX, PeerFrame.of(Opcode.BINARY), stray)).containsExactly("BINARY", PROTOCOL_ERROR);
        assertThat(Reading.ofClient(MAX, PeerFrame.of(Opcode.TEXT), stray)).containsExactly(PROTOCOL_ERROR);
        assertThat(Reading.ofClient(
                        MAX, PeerFrame.of(Opcode.BINARY).inParts(), PeerFrame.of(Opcode.CONTINUATION), stray))
                .containsExactly("BINARY", PROTOCOL_ERROR);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 2", "2, 1", "2, 2"})
    void aNewMessageInsideAnotherIsAnError(int outer, int inner) {
        assertThat(Reading.ofClient(MAX, PeerFrame.of(outer, bytes("a")).inParts(), PeerFrame.of(inner, bytes("b"))))
                .containsExactly(PROTOCOL_ERROR);
    }

    @ParameterizedTest
    @CsvSource({"0, TWO_BYTES", "125, TWO_BYTES", "0, EIGHT_BYTES", "126, EIGHT_BYTES", "65535, EIGHT_BYTES"})
    void aLengthThatIsNotInItsShortestFormIsAnError(int length, LengthForm form) {
        assertThat(Reading.ofClient(
                        0x10001, PeerFrame.of(Opcode.BINARY, new byte[length]).form(form)))
                .containsExactly(PROTOCOL_ERROR);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, Long.MIN_VALUE + 1})
    void aLengthWithTheHighestBitSetIsAnError(long length) {
        assertThat(Reading.ofClient(MAX, PeerFrame.of(Opcode.BINARY).announcing(length)))
                .containsExactly(PROTOCOL_ERROR);
    }

    @ParameterizedTest
    @ValueSource(ints = {Opcode.PING, Opcode.PONG, Opcode.CLOSE})
    void aControlFrameHoldsAtMost125BytesAndIsWhole(int opcode) {
        var largest = new byte[125];
        largest[0] = 0x03; // a close code that is allowed
        largest[1] = (byte) 0xE8;

        assertThat(Reading.ofClient(MAX, PeerFrame.of(opcode, largest)).getFirst())
                .endsWith("0000");
        assertThat(Reading.ofClient(MAX, PeerFrame.of(opcode, new byte[126]))).containsExactly(PROTOCOL_ERROR);
        assertThat(Reading.ofClient(MAX, PeerFrame.of(opcode).announcing(1L << 40)))
                .containsExactly(PROTOCOL_ERROR);
        assertThat(Reading.ofClient(MAX, PeerFrame.of(opcode).inParts())).containsExactly(PROTOCOL_ERROR);
    }

    @Test
    void aCloseOfOneByteIsAnError() {
        assertThat(Reading.ofClient(MAX, PeerFrame.of(Opcode.CLOSE, (byte) 3))).containsExactly(PROTOCOL_ERROR);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
    void aCodeThatMayBeSentIsTakenFromAClose(int code) {
        assertThat(Reading.ofClient(MAX, close(code, bytes("bye"))).getFirst()).startsWith("CLOSE");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535})
    void aCodeThatMustNotBeSentIsAnError(int code) {
        assertThat(Reading.ofClient(MAX, close(code, new byte[0]))).containsExactly(PROTOCOL_ERROR);
    }

    @Test
    void theReasonOfACloseIsUtf8() {
        assertThat(Reading.ofClient(MAX, close(1000, bytes("grüße"))))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("CLOSE");
        assertThat(Reading.ofClient(MAX, close(1000, new byte[] {(byte) 0xFC}))).containsExactly(INVALID_TEXT);
        assertThat(Reading.ofClient(MAX, close(1000, new byte[] {(byte) 0xC3}))).containsExactly(INVALID_TEXT);
    }

    // ---- limits --------------------------------------------------------------------------------------------------

    @Test
    void theHeaderAloneOfAMessageThatIsTooLongIsAnError() {
        assertThat(Reading.ofClient(MAX, PeerFrame.of(Opcode.BINARY).announcing(MAX + 1)))
                .containsExactly(TOO_BIG);
        assertThat(Reading.ofClient(MAX, PeerFrame.of(Opcode.BINARY).announcing(Long.MAX_VALUE)))
                .containsExactly(TOO_BIG);
        assertThat(Reading.ofClient(MAX, PeerFrame.of(Opcode.BINARY).announcing(MAX)))
                .isEmpty();
    }

    @Test
    void fragmentsTogetherAreHeldToTheLimitByTheirHeaders() {
        var first = PeerFrame.of(Opcode.BINARY, new byte[MAX - 1]).inParts();

        assertThat(Reading.ofClient(MAX, first, PeerFrame.of(Opcode.CONTINUATION, bytes("a"))))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("BINARY");
        assertThat(Reading.ofClient(
                        MAX, first, PeerFrame.of(Opcode.CONTINUATION).announcing(2)))
                .containsExactly(TOO_BIG);
        assertThat(Reading.ofClient(
                        MAX, first, PeerFrame.of(Opcode.CONTINUATION).announcing(Long.MAX_VALUE)))
                .containsExactly(TOO_BIG);
    }

    @Test
    void theLimitStartsAnewWithEachMessage() {
        var full = new byte[MAX];
        var line = Reading.line(Event.BINARY, full);

        assertThat(Reading.ofClient(
                        MAX,
                        PeerFrame.of(Opcode.BINARY, full).inParts(),
                        PeerFrame.of(Opcode.CONTINUATION),
                        PeerFrame.of(Opcode.BINARY, full),
                        PeerFrame.of(Opcode.BINARY).inParts(),
                        PeerFrame.of(Opcode.CONTINUATION, full)))
                .containsExactly(line, line, line);
    }

    @Test
    void textIsHeldToALimitOfItsOwn() {
        var most = PeerFrame.of(Opcode.TEXT, new byte[WebSocketReader.MAX_TEXT]);
        var tooMuch = PeerFrame.of(Opcode.TEXT).announcing(WebSocketReader.MAX_TEXT + 1);
        var ping = PeerFrame.of(Opcode.PING);

        assertThat(Reading.ofClient(MAX, most, ping, most, ping)).containsExactly("PING", "PING");
        assertThat(Reading.ofClient(MAX, tooMuch)).containsExactly(TOO_BIG);
        assertThat(Reading.ofClient(
                        MAX, most.inParts(), PeerFrame.of(Opcode.CONTINUATION).announcing(1)))
                .containsExactly(TOO_BIG);
    }

    @Test
    void anErrorNamesTheLengthThatWasAnnounced() {
        try (var reader = new WebSocketReader(UnpooledByteBufAllocator.DEFAULT, true, MAX)) {
            var in = Unpooled.wrappedBuffer(PeerFrame.stream(
                    PeerFrame.of(Opcode.BINARY, bytes("a")).inParts(),
                    PeerFrame.of(Opcode.CONTINUATION).announcing(Long.MAX_VALUE)));

            assertThatExceptionOfType(WebSocketException.class)
                    .isThrownBy(() -> reader.next(in))
                    .withMessage("binary message of 9223372036854775808 bytes or more (expected: at most 1000)");
        }
    }

    @Test
    void aLengthAloneIsNotBelieved() {
        int length = 60_000;
        var stream = PeerFrame.of(Opcode.BINARY, new byte[length]).bytes();
        int header = stream.length - length;
        try (var reading = new Reading(true, 65_544)) {
            reading.feed(Arrays.copyOf(stream, header));
            assertThat(reading.heldBytes()).isLessThanOrEqualTo(Reading.FIRST_ASSEMBLY);
            for (int i = 0; i < length - 1; i++) {
                reading.feed((byte) 0);
                assertThat(reading.heldBytes())
                        .isLessThanOrEqualTo(
                                Math.max(Reading.FIRST_ASSEMBLY, Reading.GROWTH * (WebSocketReader.HEADROOM + i + 1L)));
            }
        }
    }

    // ---- text ----------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "c0af",
                "c1bf",
                "e08080",
                "e09fbf",
                "eda080",
                "edbfbf",
                "f0808080",
                "f08fbfbf",
                "f4908080",
                "f5",
                "ff",
                "c3",
                "e282",
                "f09f8d",
                "c328"
            })
    void textThatIsNotUtf8IsAnError(String hex) {
        var text = HexFormat.of().parseHex(hex);

        assertThat(Reading.ofClient(MAX, PeerFrame.of(Opcode.TEXT, text))).containsExactly(INVALID_TEXT);
        assertThat(Reading.ofClient(
                        MAX,
                        PeerFrame.of(Opcode.TEXT, text[0]).inParts(),
                        PeerFrame.of(Opcode.CONTINUATION, Arrays.copyOfRange(text, 1, text.length))))
                .containsExactly(INVALID_TEXT);
    }

    @Test
    void aTextThatEndsWithinACharacterDoesNotSpoilTheNext() {
        assertThat(Reading.ofClient(
                        MAX,
                        PeerFrame.of(Opcode.TEXT, (byte) 0xC3).inParts(),
                        PeerFrame.of(Opcode.PING),
                        PeerFrame.of(Opcode.CONTINUATION, (byte) 0xBC),
                        PeerFrame.of(Opcode.TEXT, bytes("a")),
                        PeerFrame.of(Opcode.BINARY)))
                .isEqualTo(List.of("PING", "BINARY"));
    }

    private static PeerFrame close(int code, byte[] reason) {
        var payload = new byte[2 + reason.length];
        payload[0] = (byte) (code >>> 8);
        payload[1] = (byte) code;
        System.arraycopy(reason, 0, payload, 2, reason.length);
        return PeerFrame.of(Opcode.CLOSE, payload);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
