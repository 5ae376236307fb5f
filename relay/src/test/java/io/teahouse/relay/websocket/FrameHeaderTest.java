package io.teahouse.relay.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers against the layout that {@link PeerFrame} writes by itself, and against the reader. */
class FrameHeaderTest {
    @ParameterizedTest
    @CsvSource({"0, 2", "1, 2", "125, 2", "126, 4", "127, 4", "65535, 4", "65536, 10", "1048576, 10", "2147483647, 10"})
    void aHeaderIsAsShortAsItsLengthAllows(int payloadLength, int headerLength) {
        assertThat(FrameHeader.length(payloadLength))
                .isEqualTo(headerLength)
                .isLessThanOrEqualTo(FrameHeader.MAX_LENGTH);

        for (int opcode : new int[] {Opcode.BINARY, Opcode.CLOSE, Opcode.PONG}) {
            var out = Unpooled.buffer(headerLength + 2).writeZero(headerLength + 2);
            FrameHeader.write(out, 1, opcode, payloadLength);

            var expected =
                    PeerFrame.of(opcode).unmasked().announcing(payloadLength).bytes();
            assertThat(Arrays.copyOfRange(out.array(), 1, 1 + headerLength)).isEqualTo(expected);
            assertThat(out.getByte(0)).isZero();
            assertThat(out.getByte(1 + headerLength)).isZero();
            assertThat(out.readerIndex()).isZero();
            assertThat(out.writerIndex()).isEqualTo(headerLength + 2);
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "125", "126", "65535", "65536"})
    void theReaderOfAClientReadsIt(int payloadLength) {
        var out = Unpooled.buffer(FrameHeader.MAX_LENGTH + payloadLength);
        FrameHeader.write(out, 0, Opcode.BINARY, payloadLength);
        out.writerIndex(FrameHeader.length(payloadLength) + payloadLength);

        assertThat(Reading.of(false, payloadLength, Arrays.copyOf(out.array(), out.writerIndex())))
                .containsExactly(Reading.line(WebSocketReader.Event.BINARY, new byte[payloadLength]));
    }
}
