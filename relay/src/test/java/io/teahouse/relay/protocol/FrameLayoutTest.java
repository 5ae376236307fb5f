package io.teahouse.relay.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.RelayFrame.Ping;
import io.teahouse.relay.protocol.RelayFrame.Pong;
import io.teahouse.relay.protocol.RelayFrame.ReceivedDatagrams;
import io.teahouse.relay.protocol.RelayFrame.SendDatagrams;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The offsets that are used to forward in place are where the codec puts things. */
class FrameLayoutTest {
    private static final EndpointId ENDPOINT_ID =
            Vectors.secretKey("2a".repeat(32)).endpointId();

    @Test
    void aDatagramLiesWhereTheOffsetsSay() {
        var datagram = new Datagrams(2, 0, ByteBuffer.wrap(Vectors.hex("5e55101d")));

        var sent = ByteBuffer.wrap(FrameCodec.encode(new SendDatagrams(ENDPOINT_ID, datagram)));
        var received = ByteBuffer.wrap(FrameCodec.encode(new ReceivedDatagrams(ENDPOINT_ID, datagram)));

        assertThat(sent.get(FrameLayout.TYPE_OFFSET)).isEqualTo(FrameLayout.TYPE_CLIENT_TO_RELAY_DATAGRAM);
        assertThat(received.get(FrameLayout.TYPE_OFFSET)).isEqualTo(FrameLayout.TYPE_RELAY_TO_CLIENT_DATAGRAM);
        assertThat(sent.getLong(FrameLayout.ID_OFFSET)).isEqualTo(ENDPOINT_ID.word(0));
        assertThat(sent.get(FrameLayout.ECN_OFFSET)).isEqualTo((byte) 2);
        assertThat(sent.getInt(FrameLayout.DATAGRAM_CONTENTS_OFFSET)).isEqualTo(0x5e55101d);
        assertThat(sent.slice(1, sent.limit() - 1)).isEqualTo(received.slice(1, received.limit() - 1));
    }

    @Test
    void aBatchLiesWhereTheOffsetsSay() {
        var batch = new Datagrams(3, 0xfedc, ByteBuffer.wrap(Vectors.hex("5e55101d")));

        var sent = ByteBuffer.wrap(FrameCodec.encode(new SendDatagrams(ENDPOINT_ID, batch)));
        var received = ByteBuffer.wrap(FrameCodec.encode(new ReceivedDatagrams(ENDPOINT_ID, batch)));

        assertThat(sent.get(FrameLayout.TYPE_OFFSET)).isEqualTo(FrameLayout.TYPE_CLIENT_TO_RELAY_DATAGRAM_BATCH);
        assertThat(received.get(FrameLayout.TYPE_OFFSET)).isEqualTo(FrameLayout.TYPE_RELAY_TO_CLIENT_DATAGRAM_BATCH);
        assertThat(sent.getLong(FrameLayout.ID_OFFSET)).isEqualTo(ENDPOINT_ID.word(0));
        assertThat(sent.get(FrameLayout.ECN_OFFSET)).isEqualTo((byte) 3);
        assertThat(sent.getShort(FrameLayout.SEGMENT_SIZE_OFFSET)).isEqualTo((short) 0xfedc);
        assertThat(sent.getInt(FrameLayout.BATCH_CONTENTS_OFFSET)).isEqualTo(0x5e55101d);
        assertThat(sent.slice(1, sent.limit() - 1)).isEqualTo(received.slice(1, received.limit() - 1));
    }

    @Test
    void pingAndPongLieWhereTheOffsetsSay() {
        var ping = ByteBuffer.wrap(FrameCodec.encode(new Ping(0x0123456789abcdefL)));
        var pong = ByteBuffer.wrap(FrameCodec.encode(new Pong(0x0123456789abcdefL)));

        assertThat(ping.get(FrameLayout.TYPE_OFFSET)).isEqualTo(FrameLayout.TYPE_PING);
        assertThat(pong.get(FrameLayout.TYPE_OFFSET)).isEqualTo(FrameLayout.TYPE_PONG);
        assertThat(ping.limit()).isEqualTo(FrameLayout.PING_LENGTH);
        assertThat(ping.getLong(FrameLayout.PING_PAYLOAD_OFFSET)).isEqualTo(0x0123456789abcdefL);
    }

    @Test
    void theNumbersAreThoseOfTheSpec() {
        assertThat(FrameLayout.ECN_OFFSET).isEqualTo(33);
        assertThat(FrameLayout.DATAGRAM_CONTENTS_OFFSET).isEqualTo(34);
        assertThat(FrameLayout.BATCH_CONTENTS_OFFSET).isEqualTo(36);
        assertThat(FrameLayout.MAX_DATAGRAM_CONTENTS).isEqualTo(65_502);
        assertThat(FrameLayout.MAX_BATCH_CONTENTS).isEqualTo(65_500);
        assertThat(FrameLayout.MAX_MESSAGE_TO_RECEIVE).isEqualTo(65_544);
    }

    @Test
    void aTypesCodeIsItsPlaceInTheSpecsTables() {
        assertThat(FrameType.values())
                .extracting(FrameType::code)
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
        assertThat(FrameType.values())
                .allSatisfy(type -> assertThat(FrameType.ofCode(type.code())).contains(type));
        assertThat(FrameType.ofCode(14)).isEmpty();
        assertThat(FrameType.ofCode(-1)).isEmpty();
        assertThat(FrameType.ofCode(1L << 32)).isEmpty();
    }
}
