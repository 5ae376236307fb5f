package io.teahouse.quic.packet;

import static io.teahouse.quic.Vectors.RFC_9001;
import static io.teahouse.quic.Vectors.bytes;
import static io.teahouse.quic.Vectors.hex;
import static io.teahouse.quic.Vectors.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.teahouse.quic.crypto.InitialSecrets;
import io.teahouse.quic.crypto.PacketKeys;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.TrafficSecret;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packets of RFC 9001, appendix A, and of the same with path ids: written and read. */
class Rfc9001PacketsTest {
    private static final ByteBuffer NO_TOKEN = ByteBuffer.allocate(0);
    private static final ConnectionId CLIENT_DCID =
            ConnectionId.of(bytes(RFC_9001.getAsJsonObject("initial_keys"), "client_dcid"));

    @Test
    void clientInitialIsWrittenAndRead() {
        var vector = RFC_9001.getAsJsonObject("client_initial");
        var secret = InitialSecrets.of(Role.CLIENT, CLIENT_DCID);
        var datagram = ByteBuffer.allocate(1200);

        var writer =
                PacketWriter.longHeader(datagram, PacketType.INITIAL, CLIENT_DCID, ConnectionId.EMPTY, NO_TOKEN, 2, 4);
        writer.payload().put(bytes(vector, "crypto_frame"));
        writer.payload().position(vector.get("payload_len_padded").getAsInt());
        int length = writer.finish(PacketKeys.sealer(secret), PacketKeys.headerProtection(secret));

        assertThat(length).isEqualTo(1200);
        assertThat(hex(datagram.flip())).isEqualTo(text(vector, "packet"));
        assertRead(text(vector, "packet"), secret, 0, 2, hex(bytes(vector, "crypto_frame")));
    }

    @Test
    void serverInitialIsWrittenAndRead() {
        var vector = RFC_9001.getAsJsonObject("server_initial");
        var secret = InitialSecrets.of(Role.SERVER, CLIENT_DCID);
        var datagram = ByteBuffer.allocate(200);

        var writer = PacketWriter.longHeader(
                datagram,
                PacketType.INITIAL,
                ConnectionId.EMPTY,
                ConnectionId.of(hex("f067a5502a4262b5")),
                NO_TOKEN,
                1,
                2);
        writer.payload().put(bytes(vector, "payload"));
        writer.finish(PacketKeys.sealer(secret), PacketKeys.headerProtection(secret));

        assertThat(hex(datagram.flip())).isEqualTo(text(vector, "packet"));
        assertRead(text(vector, "packet"), secret, 0, 1, text(vector, "payload"));
    }

    @Test
    void shortHeaderWithChaCha20IsWrittenAndRead() {
        var vector = RFC_9001.getAsJsonObject("chacha20_short_header");
        var secret = new TrafficSecret(CipherSuite.CHACHA20_POLY1305_SHA256, bytes(vector, "secret"));
        long number = vector.get("packet_number").getAsLong();
        var datagram = ByteBuffer.allocate(100);

        var writer = PacketWriter.shortHeader(datagram, ConnectionId.EMPTY, false, 0, 0, number, 3);
        writer.payload().put(bytes(vector, "payload"));
        writer.finish(PacketKeys.sealer(secret), PacketKeys.headerProtection(secret));

        assertThat(hex(datagram.flip())).isEqualTo(text(vector, "packet"));
        assertRead(text(vector, "packet"), secret, 0, number, text(vector, "payload"));
    }

    static List<JsonObject> oneRttPackets() {
        return RFC_9001.getAsJsonArray("multipath_1rtt").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("oneRttPackets")
    void packetsOfEveryPathAndSuiteAreWrittenAndRead(JsonObject vector) {
        var suite = CipherSuite.of(vector.get("cipher_id").getAsInt()).orElseThrow();
        var secret = new TrafficSecret(suite, bytes(vector, "secret"));
        long pathId = vector.get("path_id").getAsLong();
        long number = vector.get("packet_number").getAsLong();
        var datagram = ByteBuffer.allocate(100);

        var writer =
                PacketWriter.shortHeader(datagram, ConnectionId.of(bytes(vector, "dcid")), false, 0, pathId, number, 2);
        writer.payload().put(bytes(vector, "payload"));
        writer.finish(PacketKeys.sealer(secret), PacketKeys.headerProtection(secret));

        assertThat(hex(datagram.flip())).isEqualTo(text(vector, "packet"));
        assertRead(text(vector, "packet"), secret, pathId, number, text(vector, "payload"));
    }

    @Test
    void retryIsWrittenAndRead() {
        var vector = RFC_9001.getAsJsonObject("retry");
        var token = ByteBuffer.wrap(bytes(vector, "token"));
        var source = ConnectionId.of(hex("f067a5502a4262b5"));

        byte[] written = UnsealedPackets.retry(ConnectionId.EMPTY, source, token, CLIENT_DCID, 0xf);

        assertThat(hex(written)).isEqualTo(text(vector, "packet"));
        var read = (ReceivedPacket.Retry)
                new DatagramReader(ByteBuffer.wrap(written), 8, false).next().orElseThrow();
        assertThat(read.source()).isEqualTo(source);
        assertThat(read.token()).isEqualTo(token);
        assertThat(read.isGenuine(CLIENT_DCID)).isTrue();
        assertThat(read.isGenuine(source)).isFalse();
    }

    /** Reads a packet that is preceded by what does not belong to it, so that offsets are not taken for positions. */
    private static void assertRead(String packet, TrafficSecret secret, long pathId, long number, String payloadStart) {
        var datagram = ByteBuffer.wrap(hex("ffff" + packet)).position(2).slice();
        byte[] buffer = datagram.array();
        int idLength =
                pathId == 0 && secret.suite() == CipherSuite.CHACHA20_POLY1305_SHA256 && packet.length() == 42 ? 0 : 8;

        var read = (ReceivedPacket.Sealed)
                new DatagramReader(datagram, idLength, false).next().orElseThrow();
        int numberLength = PacketProtection.unmask(buffer, read, PacketKeys.headerProtection(secret));
        long truncated = PacketProtection.truncatedNumber(buffer, read.numberOffset(), numberLength);
        int payloadOffset = read.numberOffset() + numberLength;
        int length = PacketKeys.opener(secret).open(buffer, read.start(), payloadOffset, read.end(), pathId, number);

        assertThat(PacketNumber.expand(number - 1, truncated, numberLength)).isEqualTo(number);
        assertThat(PacketProtection.reservedBits(buffer[read.start()])).isZero();
        assertThat(length).isPositive();
        assertThat(hex(ByteBuffer.wrap(buffer, payloadOffset, length))).startsWith(payloadStart);
    }
}
