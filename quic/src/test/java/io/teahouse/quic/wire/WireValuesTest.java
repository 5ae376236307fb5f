package io.teahouse.quic.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WireValuesTest {
    @Test
    void connectionIdsAreEqualByTheirBytes() {
        byte[] bytes = {1, 2, 3};
        var id = ConnectionId.of(bytes);
        bytes[0] = 9;
        id.toBytes()[1] = 9;

        assertThat(id).isEqualTo(ConnectionId.read(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), 3));
        assertThat(id).hasSameHashCodeAs(ConnectionId.of(new byte[] {1, 2, 3})).hasToString("010203");
        assertThat(id).isNotEqualTo(ConnectionId.of(new byte[] {1, 2}));
        assertThat(ConnectionId.EMPTY.length()).isZero();
    }

    @Test
    void connectionIdsHaveAnOrder() {
        var sorted = new TreeSet<ConnectionId>();
        sorted.add(ConnectionId.of(new byte[] {(byte) 0xff}));
        sorted.add(ConnectionId.of(new byte[] {1, 2}));
        sorted.add(ConnectionId.of(new byte[] {1}));

        assertThat(sorted).map(ConnectionId::toString).containsExactly("01", "0102", "ff");
    }

    @Test
    void aConnectionIdHasTwentyBytesAtMost() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionId.of(new byte[21]))
                .withMessage("bytes: 21 of them (expected: 0 to 20)");
        assertThatIllegalArgumentException().isThrownBy(() -> ConnectionId.read(ByteBuffer.allocate(30), 21));
    }

    @Test
    void resetTokensAreEqualByTheirBytesAndDoNotShow() {
        var token = StatelessResetToken.of(new byte[16]);

        assertThat(token).isEqualTo(StatelessResetToken.read(ByteBuffer.allocate(16)));
        assertThat(token)
                .hasSameHashCodeAs(StatelessResetToken.of(new byte[16]))
                .hasToString("StatelessResetToken");
        assertThatIllegalArgumentException().isThrownBy(() -> StatelessResetToken.of(new byte[15]));
    }

    @Test
    void codesSayWhatTheyMean() {
        assertThat(TransportError.describe(0x0a)).isEqualTo("PROTOCOL_VIOLATION");
        assertThat(TransportError.describe(0x178)).isEqualTo("TLS alert 120");
        assertThat(TransportError.describe(0x3e76)).isEqualTo("PATH_UNSTABLE_OR_POOR");
        assertThat(TransportError.describe(0x4242)).isEqualTo("error 0x4242");
        assertThat(TransportError.ofAlert(40)).isEqualTo(0x128);
        assertThat(TransportError.ofAlert(0)).isEqualTo(0x100);
        assertThat(TransportError.ofAlert(255)).isEqualTo(0x1ff);
        assertThatIllegalArgumentException().isThrownBy(() -> TransportError.ofAlert(256));
    }

    @Test
    void codesAreAsOnTheWire() {
        for (TransportError error : TransportError.values()) {
            assertThat(TransportError.ofCode(error.code())).contains(error);
        }
        assertThat(TransportError.NO_VIABLE_PATH.code()).isEqualTo(0x10);
        assertThat(TransportError.KEY_UPDATE_ERROR.code()).isEqualTo(0x0e);
    }
}
