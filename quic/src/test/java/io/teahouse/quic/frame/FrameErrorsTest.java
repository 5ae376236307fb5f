package io.teahouse.quic.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.teahouse.quic.Vectors;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.StatelessResetToken;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said, and with which code, about a frame that is wrong. */
class FrameErrorsTest {
    private static final FrameRules ALL =
            new FrameRules(EncryptionLevel.ONE_RTT, Role.SERVER, EnumSet.allOf(Extension.class));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "40|FRAME_ENCODING_ERROR|0|frame type: the packet's end (expected: more bytes)",
                "2f|FRAME_ENCODING_ERROR|0x2f|frame type: 0x2f (expected: a known one)",
                "4001|PROTOCOL_VIOLATION|0x01|frame type: 0x1 in 2 bytes (expected: 1, the fewest)",
                // acknowledgements
                "02000001|FRAME_ENCODING_ERROR|0x02|ACK frame: ranges: the packet's end (expected: more bytes)",
                "02050006|FRAME_ENCODING_ERROR|0x02|ACK frame: ranges: the packet's end (expected: more bytes)",
                "0205000006|FRAME_ENCODING_ERROR|0x02|ACK frame: range: below 0 (expected: 0 at least)",
                "02050001000400|FRAME_ENCODING_ERROR|0x02|ACK frame: range: below 0 (expected: 0 at least)",
                "02050001000301|FRAME_ENCODING_ERROR|0x02|ACK frame: range: below 0 (expected: 0 at least)",
                "0200ffffffffffffffff00|FRAME_ENCODING_ERROR|0x02|ACK frame: range: the packet's end (expected: more bytes)",
                "0305000000|FRAME_ENCODING_ERROR|0x03|ACK frame: ECT(0): the packet's end (expected: more bytes)",
                "3ec0000001000000000000|PROTOCOL_VIOLATION|0x3e"
                        + "|PATH_ACK frame: path id: 4294967296 (expected: 0 to 4294967295)",
                // data
                "06ffffffffffffffff0100|FRAME_ENCODING_ERROR|0x06"
                        + "|CRYPTO frame: end: above 2^62 - 1 (expected: 2^62 - 1 at most)",
                "060005aabb|FRAME_ENCODING_ERROR|0x06|CRYPTO frame: data: the packet's end (expected: more bytes)",
                "0600ffffffffffffffff|FRAME_ENCODING_ERROR|0x06"
                        + "|CRYPTO frame: data: the packet's end (expected: more bytes)",
                "0700|FRAME_ENCODING_ERROR|0x07|NEW_TOKEN frame: token: empty (expected: a byte at least)",
                "0e04ffffffffffffffff0100|FRAME_ENCODING_ERROR|0x0e"
                        + "|STREAM frame: end: above 2^62 - 1 (expected: 2^62 - 1 at most)",
                "0c04ffffffffffffffff00|FRAME_ENCODING_ERROR|0x0c"
                        + "|STREAM frame: end: above 2^62 - 1 (expected: 2^62 - 1 at most)",
                "3105aa|FRAME_ENCODING_ERROR|0x31|DATAGRAM frame: data: the packet's end (expected: more bytes)",
                // limits
                "12d000000000000001|FRAME_ENCODING_ERROR|0x12"
                        + "|MAX_STREAMS frame: limit: 1152921504606846977 (expected: 0 to 1152921504606846976)",
                "17d000000000000001|FRAME_ENCODING_ERROR|0x17"
                        + "|STREAMS_BLOCKED frame: limit: 1152921504606846977 (expected: 0 to 1152921504606846976)",
                "7e7ac000000100000000|PROTOCOL_VIOLATION|0x3e7a"
                        + "|MAX_PATH_ID frame: maximum: 4294967296 (expected: 0 to 4294967295)",
                // connection ids
                "180504|FRAME_ENCODING_ERROR|0x18"
                        + "|NEW_CONNECTION_ID frame: connection id length: the packet's end (expected: more bytes)",
                "180405|FRAME_ENCODING_ERROR|0x18" + "|NEW_CONNECTION_ID frame: retire prior to: 5 (expected: 0 to 4)",
                "18040000|FRAME_ENCODING_ERROR|0x18"
                        + "|NEW_CONNECTION_ID frame: connection id length: 0 (expected: 1 to 20)",
                "18040015|FRAME_ENCODING_ERROR|0x18"
                        + "|NEW_CONNECTION_ID frame: connection id length: 21 (expected: 1 to 20)",
                "18040001aa|FRAME_ENCODING_ERROR|0x18"
                        + "|NEW_CONNECTION_ID frame: connection id and reset token: the packet's end (expected: more bytes)",
                // the rest
                "1a00|FRAME_ENCODING_ERROR|0x1a|PATH_CHALLENGE frame: data: the packet's end (expected: more bytes)",
                "1c0000|FRAME_ENCODING_ERROR|0x1c"
                        + "|TRANSPORT_CLOSE frame: reason length: the packet's end (expected: more bytes)",
                "809f81a70000|FRAME_ENCODING_ERROR|0x9f81a7"
                        + "|OBSERVED_ADDRESS frame: address and port: the packet's end (expected: more bytes)",
            })
    void everyFaultHasItsCode(String payload, TransportError error, String frameType, String message) {
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> FrameDecoder.decode(ByteBuffer.wrap(Vectors.hex(payload)), ALL))
                .withMessage(message)
                .matches(e -> e.code() == error.code())
                .matches(e -> e.frameType() == Long.decode(frameType))
                .matches(e -> e.getStackTrace().length == 0);
    }

    @Test
    void aPacketWithoutFramesIsAViolation() {
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> FrameDecoder.requireFrames(ByteBuffer.allocate(0)))
                .matches(e -> e.code() == TransportError.PROTOCOL_VIOLATION.code());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "INITIAL|CLIENT|0a0000|STREAM frame: in a packet of level INITIAL (expected: elsewhere)",
                "HANDSHAKE|SERVER|1d0000|APPLICATION_CLOSE frame: in a packet of level HANDSHAKE (expected: elsewhere)",
                "ZERO_RTT|CLIENT|0200000000|ACK frame: in a packet of level ZERO_RTT (expected: elsewhere)",
                "ONE_RTT|CLIENT|1e|HANDSHAKE_DONE frame: from the CLIENT (expected: from the SERVER)",
                "ONE_RTT|CLIENT|0701aa|NEW_TOKEN frame: from the CLIENT (expected: from the SERVER)",
                "ONE_RTT|SERVER|803d7f92010a0700021b5a|REACH_OUT frame: from the SERVER (expected: from the CLIENT)",
                "ONE_RTT|CLIENT|803d7f90010a0700021b5a|ADD_ADDRESS frame: from the CLIENT (expected: from the SERVER)",
            })
    void whatIsInTheWrongPlaceIsAViolation(EncryptionLevel level, Role sender, String payload, String message) {
        var rules = new FrameRules(level, sender, EnumSet.allOf(Extension.class));

        assertViolation(payload, rules, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1f|IMMEDIATE_ACK frame: without ACK_FREQUENCY (expected: only once agreed on)",
                "3000|DATAGRAM frame: without DATAGRAM (expected: only once agreed on)",
                "7e750000|PATH_ABANDON frame: without MULTIPATH (expected: only once agreed on)",
                "3e0000000000|PATH_ACK frame: without MULTIPATH (expected: only once agreed on)",
                "803d7f9400|REMOVE_ADDRESS frame: without NAT_TRAVERSAL (expected: only once agreed on)",
                "809f81a6000a0700021b5a|OBSERVED_ADDRESS frame: without ADDRESS_DISCOVERY"
                        + " (expected: only once agreed on)",
            })
    void whatWasNotAgreedOnIsAViolation(String payload, String message) {
        assertViolation(payload, new FrameRules(EncryptionLevel.ONE_RTT, Role.SERVER, Set.of()), message);
    }

    private static void assertViolation(String payload, FrameRules rules, String message) {
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> FrameDecoder.decode(ByteBuffer.wrap(Vectors.hex(payload)), rules))
                .withMessage(message)
                .matches(e -> e.code() == TransportError.PROTOCOL_VIOLATION.code());
    }

    @Test
    void dataWithoutALengthGoesToThePacketsEnd() throws TransportException {
        assertThat(FrameDecoder.decode(ByteBuffer.wrap(Vectors.hex("0804aabb")), ALL))
                .isEqualTo(new StreamFrame.StreamData(4, 0, ByteBuffer.wrap(Vectors.hex("aabb")), false));
        assertThat(FrameDecoder.decode(ByteBuffer.wrap(Vectors.hex("30aabb")), ALL))
                .isEqualTo(new ConnectionFrame.Datagram(ByteBuffer.wrap(Vectors.hex("aabb"))));
    }

    @Test
    void anIpv4AddressInIpv6ClothesIsTakenForWhatItIs() throws TransportException {
        var wrapped = ByteBuffer.wrap(Vectors.hex("809f81a70000000000000000000000ffff0a0700021b5a"));

        var frame = FrameDecoder.decode(wrapped, ALL);

        var plain = Frames.address(new byte[] {10, 7, 0, 2}, 7002);
        assertThat(frame).isEqualTo(new AddressFrame.ObservedAddress(0, plain));
        assertThat(FrameEncoder.length(frame)).isEqualTo(4 + 1 + 4 + 2);
    }

    @Test
    void aFrameThatNobodyCouldReadCannotBeMade() {
        var id = ConnectionId.of(new byte[8]);
        var token = StatelessResetToken.of(new byte[16]);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IssuedId(1, 2, id, token))
                .withMessage("retirePriorTo: 2 (expected: 0 to 1, the sequence)");
        assertThatIllegalArgumentException().isThrownBy(() -> new IssuedId(1, 0, ConnectionId.EMPTY, token));
        assertThatIllegalArgumentException().isThrownBy(() -> AckRanges.of(5, 4));
        assertThatIllegalArgumentException().isThrownBy(() -> AckRanges.ofBounds(9, 5, 4, 3));
        assertThatIllegalArgumentException().isThrownBy(AckRanges::ofBounds);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AddressFrame.AddAddress(0, InetSocketAddress.createUnresolved("host", 1)));
    }
}
