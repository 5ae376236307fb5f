package io.teahouse.relay.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.teahouse.relay.protocol.RelayFrame.Health;
import io.teahouse.relay.protocol.RelayFrame.Restarting;
import io.teahouse.relay.protocol.RelayFrame.Status;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said about a frame that is wrong: which one, what was found, what was expected. */
class FrameErrorsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|message: 0 bytes (expected: a frame type)",
                "80|frame type: 1 bytes of it (expected: 4)",
                "c000000000|frame type: 5 bytes of it (expected: 8)",
                "3f|frame type: 63 (expected: 0 to 13)",
                "03|frame type: 3 (expected from a client: 4, 5, 9, 10)",
                "0a00|PONG frame: payload of 1 bytes (expected: 8, opaque bytes)",
                "0400|CLIENT_TO_RELAY_DATAGRAM frame: payload of 1 bytes (expected: 33 at least, endpoint id and ECN)",
            })
    void aRelaySaysWhatAClientGotWrong(String message, String error) {
        assertThatExceptionOfType(RelayProtocolException.class)
                .isThrownBy(
                        () -> FrameCodec.decodeFromClient(ByteBuffer.wrap(Vectors.hex(message)), ProtocolVersion.V2))
                .withMessage(error);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "03|V2|frame type: 3 (expected from a relay: 6 to 13)",
                "0800|V2|ENDPOINT_GONE frame: payload of 1 bytes (expected: 32, one endpoint id)",
                "0b|V2|HEALTH frame: over iroh-relay-v2 (expected: only over iroh-relay-v1)",
                "0bff|V1|HEALTH frame: text that is not UTF-8 (expected: UTF-8)",
                "0d00|V1|STATUS frame: over iroh-relay-v1 (expected: only over iroh-relay-v2)",
                "0d|V2|STATUS frame: payload of 0 bytes (expected: 1 at least, a code)",
            })
    void aClientSaysWhatARelayGotWrong(String message, ProtocolVersion version, String error) {
        assertThatExceptionOfType(RelayProtocolException.class)
                .isThrownBy(() -> FrameCodec.decodeFromRelay(ByteBuffer.wrap(Vectors.hex(message)), version))
                .withMessage(error);
    }

    @Test
    void aBreachOfThePeersHasNoStackTraceOfOurs() {
        assertThatExceptionOfType(RelayProtocolException.class)
                .isThrownBy(() -> FrameCodec.decodeFromClient(ByteBuffer.allocate(0), ProtocolVersion.V2))
                .matches(e -> e.getStackTrace().length == 0);
    }

    @Test
    void aValueThatNoFrameCanCarryCannotBeMade() {
        var contents = ByteBuffer.allocate(1);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Datagrams(4, 0, contents))
                .withMessage("ecn: 4 (expected: 0 to 3)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Datagrams(0, 65_536, contents))
                .withMessage("segmentSize: 65536 (expected: 0 to 65535)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Restarting(0, 1L << 32))
                .withMessage("tryForMillis: 4294967296 (expected: 0 to 4294967295)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Status(256))
                .withMessage("code: 256 (expected: 0 to 255)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FrameCodec.encode(new Health("x".repeat(65_536))))
                .withMessage("problem: 65536 bytes (expected: 0 to 65535)");
    }

    @Test
    void datagramsShowHowMuchTheyHoldAndNotWhat() {
        assertThat(new Datagrams(1, 0, ByteBuffer.allocate(12))).hasToString("Datagrams[ecn=1, 12 bytes]");
        assertThat(new Datagrams(0, 5, ByteBuffer.allocate(12)))
                .hasToString("Datagrams[ecn=0, 12 bytes in segments of 5]");
    }

    @Test
    void readingDatagramsDoesNotUseThemUp() {
        var datagrams = new Datagrams(0, 0, ByteBuffer.wrap(Vectors.hex("5e55101d")));
        datagrams.contents().getInt();

        assertThat(datagrams.contents().getInt()).isEqualTo(0x5e55101d);
        assertThat(datagrams.contents().isReadOnly()).isTrue();
    }
}
