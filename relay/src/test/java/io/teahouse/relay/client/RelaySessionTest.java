package io.teahouse.relay.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.client.RelayEvent.Condition;
import io.teahouse.relay.protocol.ClientHandshake;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import io.teahouse.relay.protocol.ProtocolVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A relay of bytes and a clock that is moved by hand. */
class RelaySessionTest {
    private static final long SECOND = 1_000_000_000L;
    private static final SecretKey KEY = SecretKey.fromBytes(new byte[32]);
    private static final SecretKey PEER = SecretKey.fromBytes("a peer's key, which has 32 bytes".getBytes(UTF_8));
    private static final String PEER_HEX = PEER.endpointId().toString();

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final Recorder owner = new Recorder();
    private RelaySession session = newSession(ProtocolVersion.V2);

    private RelaySession newSession(ProtocolVersion version) {
        var handshake = new ClientHandshake(KEY);
        handshake.start(KeyMaterialExporter.NONE);
        return new RelaySession(
                owner, allocator, handshake, version, new MaskKeys(bytes -> bytes[0] = 7), () -> 0x0102030405060708L);
    }

    @AfterEach
    void noBufferIsLeft() {
        session.close();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    // Section 3.3 and table 5.1: the handshake.

    @Test
    void aChallengeIsAnsweredAndTheConfirmationFollowedByAPing() {
        relaySays("00" + "11".repeat(16));
        assertThat(owner.sent).singleElement().satisfies(frame -> {
            assertThat(frame.opcode).isEqualTo(2);
            assertThat(frame.hex()).startsWith("01" + KEY.endpointId() + "40").hasSize(2 * 98);
        });
        assertThat(owner.confirmed).isFalse();

        relaySays("02");

        assertThat(owner.confirmed).isTrue();
        assertThat(session.wasChallenged()).isTrue();
        assertThat(owner.sent.getLast().hex()).isEqualTo("090102030405060708");
    }

    @Test
    void aRelayThatBelievesTheHeaderConfirmsAtOnce() {
        relaySays("02");

        assertThat(owner.confirmed).isTrue();
        assertThat(session.wasChallenged()).isFalse();
        assertThat(owner.sent)
                .singleElement()
                .satisfies(frame -> assertThat(frame.hex()).startsWith("09"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00" + "11111111111111111111111111111111"})
    void aDenialIsToldInTheRelaysWords(String before) {
        if (!before.isEmpty()) {
            relaySays(before);
        }

        relaySays("03" + "0e" + hex("not authorized"));

        assertThat(owner.refused).isEqualTo("DENIED the relay denied our authentication (not authorized)");
        assertThat(owner.confirmed).isFalse();
    }

    @Test
    void aDenialThatIsMeantToForgeALogIsMadeOneShortLine() {
        var text = "a\nERROR b\u001b[31m".repeat(40);

        relaySays("03" + "d804" + hex(text));

        assertThat(owner.refused).doesNotContain("\n", "\u001b").hasSizeLessThan(260);
    }

    @Test
    void aChallengeThatIsTooLongIsGood() {
        relaySays("00" + "11".repeat(17));

        assertThat(owner.sent).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "a challenge that is too short, 00111111111111111111111111111111",
        "our own frame, 01",
        "a frame of a later phase, 090000000000000000",
        "an unknown type, 3f",
        "nothing, ''",
        "a cut type, 40",
        "a denial without text, 03",
        "a denial that is cut, 030561",
        "a denial that is no text, 0302c328",
    })
    void anythingElseAtFirstFailsTheAttempt(String what, String hex) {
        relaySays(hex);

        assertThat(owner.refused).as(what).startsWith("HANDSHAKE ");
        assertThat(owner.sent)
                .singleElement()
                .satisfies(frame -> assertThat(frame.opcode).isEqualTo(8));
    }

    @Test
    void aSecondChallengeFailsTheAttempt() {
        relaySays("00" + "11".repeat(16));

        relaySays("00" + "22".repeat(16));

        assertThat(owner.refused).startsWith("HANDSHAKE ").contains("expected from a relay after a challenge: 2, 3");
    }

    @Test
    void textIsSkippedInEveryPhase() {
        relaySends("8104" + hex("text"));
        relaySays("00" + "11".repeat(16));
        relaySends("8104" + hex("text"));
        relaySays("02");
        relaySends("8104" + hex("text"));

        assertThat(owner.confirmed).isTrue();
        assertThat(owner.events).isEmpty();
        assertThat(owner.refused).isNull();
    }

    @Test
    void theEndInTheHandshakeFailsTheAttempt() {
        session.onEnd();

        assertThat(owner.refused).isEqualTo("HANDSHAKE the connection ended without a close frame");
    }

    @Test
    void aCloseFrameInTheHandshakeFailsTheAttemptAndSaysWhy() {
        relaySends("8806" + "03f1" + hex("full"));

        assertThat(owner.refused).isEqualTo("HANDSHAKE the relay closed the connection (code 1009, full)");
    }

    // Sections 4.1 and 4.3: frames.

    @Test
    void aDatagramIsHandedOn() {
        open();

        relaySays("06" + PEER_HEX + "fe" + "cafe");

        assertThat(owner.events).singleElement().satisfies(event -> {
            var received = (RelayEvent.Received) event;
            assertThat(received.source()).isEqualTo(PEER.endpointId());
            assertThat(received.datagrams().ecn()).isEqualTo(2);
            assertThat(received.datagrams().isBatch()).isFalse();
            assertThat(contents(received)).isEqualTo("cafe");
        });
    }

    @Test
    void soIsABatch() {
        open();

        relaySays("07" + PEER_HEX + "00" + "0002" + "cafeba");

        assertThat(owner.events).singleElement().satisfies(event -> {
            var received = (RelayEvent.Received) event;
            assertThat(received.datagrams().segmentSize()).isEqualTo(2);
            assertThat(contents(received)).isEqualTo("cafeba");
        });
    }

    @Test
    void whatWasHandedOnStaysWhenTheNetworkReusesItsBuffer() {
        open();
        var bytes = binary("06" + PEER_HEX + "00" + "cafe");
        session.onBytes(bytes, 0);
        bytes.setZero(0, bytes.capacity());

        assertThat(contents((RelayEvent.Received) owner.events.getFirst())).isEqualTo("cafe");
    }

    @Test
    void framesInOneBufferAndAFrameInManyAreRead() {
        open();
        var two = Unpooled.wrappedBuffer(binary("06" + PEER_HEX + "00" + "01"), binary("06" + PEER_HEX + "00" + "02"));

        session.onBytes(two, 0);
        var third = binary("06" + PEER_HEX + "00" + "03");
        while (third.isReadable()) {
            session.onBytes(third.readSlice(1), 0);
        }

        assertThat(owner.events)
                .extracting(event -> contents((RelayEvent.Received) event))
                .containsExactly("01", "02", "03");
    }

    @Test
    void anEndpointThatIsGoneIsTold() {
        open();

        relaySays("08" + PEER_HEX);

        assertThat(owner.events).containsExactly(new RelayEvent.EndpointGone(PEER.endpointId()));
    }

    @Test
    void aPingIsAnsweredWithItsBytes() {
        open();

        relaySays("09" + "00ff00ff00ff00ff");

        assertThat(owner.sent.getLast().hex()).isEqualTo("0a00ff00ff00ff00ff");
    }

    @Test
    void aPingOfWebSocketIsAnsweredToo() {
        open();

        relaySends("8902abcd");

        assertThat(owner.sent.getLast().opcode).isEqualTo(10);
        assertThat(owner.sent.getLast().hex()).isEqualTo("abcd");
    }

    @Test
    void aPongOfWebSocketIsNobodysBusiness() {
        open();

        relaySends("8a02abcd");

        assertThat(owner.events).isEmpty();
    }

    @Test
    void theFirstPongProvesTheConnection() {
        open();
        session.onBytes(binary("0a0102030405060708"), SECOND / 5);
        session.onBytes(binary("0a0102030405060708"), SECOND / 2);

        assertThat(owner.events).containsExactly(new RelayEvent.Proved(Duration.ofMillis(200)));
    }

    @Test
    void aRestartIsTold() {
        open();

        relaySays("0c" + "000003e8" + "ffffffff");

        assertThat(owner.events)
                .containsExactly(new RelayEvent.Restarting(Duration.ofSeconds(1), Duration.ofMillis(0xffff_ffffL)));
    }

    @ParameterizedTest
    @CsvSource({
        "00, HEALTHY, healthy again",
        "01, SAME_ENDPOINT_ID_CONNECTED, another connection with the same endpoint id took over",
        "02, RATE_LIMITED, the relay limits what we send",
        "fe, OTHER, status 254",
        "02ff, RATE_LIMITED, the relay limits what we send",
    })
    void versionTwoSaysItsConditionByCode(String hex, Condition condition, String detail) {
        open();

        relaySays("0d" + hex);

        assertThat(owner.events).containsExactly(new RelayEvent.ConditionChanged(condition, detail));
    }

    @ParameterizedTest
    @CsvSource({
        "Another endpoint connected with the same endpoint id. No more messages will be received.,"
                + " SAME_ENDPOINT_ID_CONNECTED",
        "The connection is healthy and has recovered from previous problems, HEALTHY",
        "Something else, OTHER",
        "'', OTHER",
    })
    void versionOneSaysItsConditionInWords(String words, Condition condition) {
        session = newSession(ProtocolVersion.V1);
        open();

        relaySays("0b" + hex(words));

        assertThat(owner.events).containsExactly(new RelayEvent.ConditionChanged(condition, words));
    }

    @ParameterizedTest
    @EnumSource
    void bothVersionsCarryDatagramsPingsAndRestarts(ProtocolVersion version) {
        session = newSession(version);
        open();

        relaySays("06" + PEER_HEX + "00" + "01");
        relaySays("07" + PEER_HEX + "00" + "0001" + "0102");
        relaySays("08" + PEER_HEX);
        relaySays("090000000000000001");
        relaySays("0a0102030405060708");
        relaySays("0c0000000100000002");

        assertThat(owner.events).hasSize(5);
        assertThat(owner.sent.getLast().hex()).isEqualTo("0a0000000000000001");
    }

    @Test
    void typesInTheirLongerFormsAreRead() {
        open();

        relaySays("4009" + "0000000000000001");
        relaySays("80000009" + "0000000000000002");
        relaySays("c000000000000009" + "0000000000000003");

        assertThat(owner.sent).hasSize(4);
        assertThat(owner.events).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "V2, nothing, ''",
        "V2, an unknown type, 0e",
        "V2, a cut type, 40",
        "V2, a challenge, 0011111111111111111111111111111111",
        "V2, a confirmation, 02",
        "V2, a denial, 0300",
        "V2, a frame of a client, 04",
        "V2, a batch of a client, 05",
        "V2, a short datagram, 0600",
        "V2, a short batch, 0700",
        "V2, nobody gone, 08",
        "V2, a short ping, 0900",
        "V2, a long ping, 09000000000000000000",
        "V2, a short pong, 0a00",
        "V2, health where there is none, 0b",
        "V2, a short restart, 0c00",
        "V2, a status without code, 0d",
        "V1, health that is no text, 0bc328",
        "V1, a status where there is none, 0d00",
    })
    void whatTheProtocolDoesNotAllowIsTheEnd(ProtocolVersion version, String what, String hex) {
        session = newSession(version);
        open();

        relaySays(hex);

        assertThat(owner.events).as(what).singleElement().satisfies(event -> {
            var end = ((RelayEvent.Ended) event).end();
            assertThat(end.cause()).isEqualTo(ConnectionEnd.Cause.PROTOCOL_ERROR);
            assertThat(end.detail())
                    .startsWith("the relay broke the protocol: ")
                    .contains("expected");
        });
        assertThat(owner.sent.getLast().hex()).startsWith("03ea"); // 1002
    }

    @Test
    void aSourceThatIsNoKeyIsTheEnd() {
        open();

        relaySays("06" + "02" + "00".repeat(31) + "00" + "cafe");

        assertThat(ended().cause()).isEqualTo(ConnectionEnd.Cause.PROTOCOL_ERROR);
    }

    @Test
    void aMessageThatIsTooLargeIsTheEndAsSoonAsItIsAnnounced() {
        open();

        relaySends("827f" + "0000000000010009");

        assertThat(ended().detail()).contains("expected: at most 65544");
        assertThat(owner.sent.getLast().hex()).startsWith("03f1"); // 1009
    }

    @Test
    void aPayloadThatIsTooLargeForAFrameIsTheEnd() {
        open();

        relaySays("06" + PEER_HEX + "00" + "00".repeat(65_536 - 33 + 1));

        assertThat(ended().detail()).contains("payload of 65537 bytes");
    }

    @Test
    void aMaskedFrameIsTheEnd() {
        open();

        relaySends("8281" + "00000000" + "09");

        assertThat(ended().detail()).contains("masked frame from a server");
    }

    @Test
    void nothingIsReadBehindTheEnd() {
        open();
        var both = Unpooled.wrappedBuffer(binary("3f"), binary("06" + PEER_HEX + "00" + "01"));

        session.onBytes(both, 0);
        relaySays("3f");
        session.onEnd();

        assertThat(owner.events).hasSize(1);
    }

    // Sections 2.3 and 4.7: the end, and silence.

    @Test
    void theRelaysGoodbyeIsAnsweredAndToldWithItsReason() {
        open();

        relaySends("8809" + "03e9" + hex("restart"));

        assertThat(owner.sent.getLast().opcode).isEqualTo(8);
        assertThat(ended())
                .isEqualTo(new ConnectionEnd(
                        ConnectionEnd.Cause.CLOSED_BY_RELAY, "the relay closed the connection (code 1001, restart)"));
    }

    @Test
    void aStreamThatJustEndsIsTold() {
        open();

        session.onEnd();

        assertThat(ended().cause()).isEqualTo(ConnectionEnd.Cause.STREAM_ENDED);
    }

    @Test
    void weSayGoodbyeAndWaitForTheRelays() {
        open();

        session.beginClose(SECOND);
        assertThat(owner.sent.getLast().hex()).isEqualTo("03e8");
        relaySays("06" + PEER_HEX + "00" + "01");
        assertThat(owner.events).isEmpty();
        relaySends("8802" + "03e8");

        assertThat(ended().cause()).isEqualTo(ConnectionEnd.Cause.CLOSED_HERE);
    }

    @Test
    void butNotForLongerThanTwoSeconds() {
        open();
        session.beginClose(SECOND);
        assertThat(session.nextDeadlineNanos()).isEqualTo(3 * SECOND);

        session.onDeadline(3 * SECOND);

        assertThat(ended().cause()).isEqualTo(ConnectionEnd.Cause.CLOSED_HERE);
    }

    @Test
    void anUnansweredPingIsTheEnd() {
        open();

        assertThat(session.nextDeadlineNanos()).isEqualTo(5 * SECOND);
        session.onDeadline(5 * SECOND);

        assertThat(ended().cause()).isEqualTo(ConnectionEnd.Cause.PING_UNANSWERED);
        assertThat(session.nextDeadlineNanos()).isEqualTo(RelaySession.NEVER);
    }

    @Test
    void anHourWithARelayThatAnswersIsQuiet() {
        open();
        for (long now = 0; now < 3600 * SECOND; now = session.nextDeadlineNanos()) {
            session.onDeadline(now);
            session.onBytes(binary("0a0102030405060708"), now + SECOND / 20);
        }

        assertThat(owner.events).hasSize(1).first().isInstanceOf(RelayEvent.Proved.class);
        assertThat(owner.sent).hasSizeBetween(238, 242);
    }

    @Test
    void aCheckPingsAtOnce() {
        open();
        session.onBytes(binary("0a0102030405060708"), SECOND / 20);

        session.checkNow(2 * SECOND);

        assertThat(owner.sent).hasSize(2);
        assertThat(session.nextDeadlineNanos()).isEqualTo(2 * SECOND + SECOND / 2);
    }

    @Test
    void aNetworkThatTakesNothingForFifteenSecondsIsTheEnd() {
        open();
        session.onBytes(binary("0a0102030405060708"), SECOND);
        session.onWriteBegun(2 * SECOND);
        session.onWriteProgress(true, 3 * SECOND);

        session.onDeadline(16 * SECOND);
        session.onBytes(binary("0a0102030405060708"), 17 * SECOND);
        session.onDeadline(18 * SECOND);

        assertThat(ended().cause()).isEqualTo(ConnectionEnd.Cause.WRITE_STALLED);
    }

    @Test
    void whileTheNetworkTakesNothingOnlyTheLatestPingIsAnswered() {
        open();
        owner.writable = false;
        for (int i = 0; i < 100_000; i++) {
            relaySays("09" + HexFormat.of().toHexDigits((long) i));
            relaySends("8904" + HexFormat.of().toHexDigits(i));
        }
        assertThat(owner.sent).hasSize(1);

        owner.writable = true;
        session.onWritable();

        assertThat(owner.sent).hasSize(3);
        assertThat(owner.sent.get(1).hex()).isEqualTo("0a000000000001869f");
        assertThat(owner.sent.get(2).hex()).isEqualTo("0001869f");
    }

    private void open() {
        relaySays("02");
        owner.events.clear();
    }

    private ConnectionEnd ended() {
        return ((RelayEvent.Ended) owner.events.getLast()).end();
    }

    private void relaySays(String hex) {
        session.onBytes(binary(hex), 0);
    }

    private void relaySends(String hex) {
        session.onBytes(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)), 0);
    }

    /** Returns a message as a relay sends it. */
    private static ByteBuf binary(String hex) {
        var payload = HexFormat.of().parseHex(hex);
        var out = Unpooled.buffer(10 + payload.length).writeByte(0x82);
        if (payload.length < 126) {
            out.writeByte(payload.length);
        } else if (payload.length < 65_536) {
            out.writeByte(126).writeShort(payload.length);
        } else {
            out.writeByte(127).writeLong(payload.length);
        }
        return out.writeBytes(payload);
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(UTF_8));
    }

    private static String contents(RelayEvent.Received received) {
        var contents = received.datagrams().contents();
        var bytes = new byte[contents.remaining()];
        contents.get(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** What the client wrote, unmasked. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Sent(int opcode, byte[] payload) {
        String hex() {
            return HexFormat.of().formatHex(payload);
        }
    }

    private static final class Recorder implements RelaySession.Owner {
        final List<Sent> sent = new ArrayList<>();
        final List<RelayEvent> events = new ArrayList<>();
        boolean writable = true;
        boolean confirmed;

        @org.jspecify.annotations.Nullable
        String refused;

        @Override
        public void write(ByteBuf frame) {
            int opcode = frame.readByte() & 0x0F;
            int length = frame.readByte() & 0xFF;
            assertThat(length & 0x80).as("masked").isEqualTo(0x80);
            length &= 0x7F;
            if (length == 126) {
                length = frame.readUnsignedShort();
            }
            var mask = new byte[4];
            frame.readBytes(mask);
            var payload = new byte[length];
            frame.readBytes(payload);
            assertThat(frame.isReadable()).isFalse();
            frame.release();
            for (int i = 0; i < length; i++) {
                payload[i] ^= mask[i & 3];
            }
            sent.add(new Sent(opcode, payload));
        }

        @Override
        public boolean isWritable() {
            return writable;
        }

        @Override
        public void confirmed() {
            confirmed = true;
        }

        @Override
        public void refused(RelayConnectException.Stage stage, String why) {
            refused = stage.name() + " " + why;
        }

        @Override
        public void event(RelayEvent event) {
            events.add(event);
        }
    }
}
