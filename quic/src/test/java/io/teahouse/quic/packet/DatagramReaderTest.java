package io.teahouse.quic.packet;

import static io.teahouse.quic.Vectors.hex;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatagramReaderTest {
    private static final String PAYLOAD = "00".repeat(20);

    private static List<ReceivedPacket> read(String datagram, int idLength) {
        return read(hex(datagram), idLength, false);
    }

    private static List<ReceivedPacket> read(byte[] datagram, int idLength, boolean fixedBitMayBeZero) {
        var packets = new ArrayList<ReceivedPacket>();
        var reader = new DatagramReader(ByteBuffer.wrap(datagram), idLength, fixedBitMayBeZero);
        for (var next = reader.next(); next.isPresent(); next = reader.next()) {
            packets.add(next.get());
        }
        return packets;
    }

    @Test
    void packetsOfOneConnectionFollowEachOther() {
        String initial = "c0 00000001 02aabb 01cc 03010203 14".replace(" ", "") + PAYLOAD;
        String handshake = "e0 00000001 02aabb 01cc 4014".replace(" ", "") + PAYLOAD;
        String oneRtt = "40aabb" + PAYLOAD;

        var packets = read(initial + handshake + oneRtt, 2);

        assertThat(packets)
                .extracting(packet -> ((ReceivedPacket.Sealed) packet).type())
                .containsExactly(PacketType.INITIAL, PacketType.HANDSHAKE, PacketType.ONE_RTT);
        var first = (ReceivedPacket.Sealed) packets.getFirst();
        assertThat(first.token()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(first.source()).hasToString("Optional[cc]");
        var last = (ReceivedPacket.Sealed) packets.getLast();
        assertThat(last.source()).isEmpty();
        assertThat(last.end()).isEqualTo(hex(initial + handshake + oneRtt).length);
        assertThat(last.numberOffset()).isEqualTo(last.start() + 3);
    }

    @Test
    void aPacketForSomebodyElseEndsTheDatagram() {
        var packets = read("e000000001 02aabb 01cc 14".replace(" ", "") + PAYLOAD + "40aabc" + PAYLOAD + "00", 2);

        assertThat(packets).hasSize(2);
        assertThat(packets.getLast())
                .isEqualTo(new ReceivedPacket.Malformed("destination connection id: aabc (expected: aabb, as before)"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "c0|long header: 0 bytes (expected: a version)",
                "c000000001|long header: the end inside a connection id (expected: two of them)",
                "c00000000102aa|long header: the end inside a connection id (expected: two of them)",
                "c00000000101aa|long header: the end inside a connection id (expected: two of them)",
                "c00000000115000000000000000000000000000000000000000000"
                        + "00|connection id: 21 bytes (expected: 0 to 20)",
                "c000000001000005aa|token: longer than the datagram (expected: shorter)",
                "c0000000010000ffffffffffffffff|token: longer than the datagram (expected: shorter)",
                "c000000001000000|INITIAL packet: -1 bytes of 0 (expected: 20 at least)",
                "e0000000010000ffffffffffffffff|HANDSHAKE packet: 4611686018427387903 bytes of 0 (expected: 20 at least)",
                "e000000001000013" + "00000000000000000000000000000000000000"
                        + "|HANDSHAKE packet: 19 bytes of 19 (expected: 20 at least)",
                "8000000001|long header: the end inside a connection id (expected: two of them)",
                "80000000010000|long header: fixed bit 0 (expected: 1)",
                "f000000001000000000000000000000000000000000000|Retry packet: 16 bytes (expected: a token and a tag)",
                "80000000000000|versions: 0 bytes (expected: four for each)",
                "80000000000000000001|versions: 3 bytes (expected: four for each)",
                "00|short header: fixed bit 0 (expected: 1)",
                "40aabb|short header: 2 bytes (expected: 22 at least)",
            })
    void whatIsNoPacketIsSaidToBeNone(String datagram, String reason) {
        assertThat(read(datagram, 2)).containsExactly(new ReceivedPacket.Malformed(reason));
    }

    @Test
    void whoHasAnnouncedItBearsAFixedBitOfZero() {
        var oneRtt = hex("00aabb" + PAYLOAD);
        var handshake = hex("a000000001 02aabb 01cc 14".replace(" ", "") + PAYLOAD);

        assertThat(read(oneRtt, 2, true)).first().isInstanceOf(ReceivedPacket.Sealed.class);
        assertThat(read(handshake, 2, true)).first().isInstanceOf(ReceivedPacket.Sealed.class);
    }

    @Test
    void aTokenMayBeAByte() {
        var retry = (ReceivedPacket.Retry)
                read("f0000000010000aa" + "00".repeat(16), 2).getFirst();

        assertThat(retry.token()).isEqualTo(ByteBuffer.wrap(hex("aa")));
    }

    @Test
    void versionsAreListedWithIdsOfAnyLength() {
        String longId = "ff" + "ab".repeat(255);

        var packets = read("ff00000000" + longId + "0000000001ff00001d", 8);

        var negotiation = (ReceivedPacket.VersionNegotiation) packets.getFirst();
        assertThat(negotiation.destination().remaining()).isEqualTo(255);
        assertThat(negotiation.versions()).containsExactly(1, 0xff00001d);
    }

    @Test
    void ofOtherVersionsOnlyWhatAllShareIsRead() {
        var other = (ReceivedPacket.OtherVersion)
                read("c00a1a2a3a02aabb01ccdeadbeef", 8).getFirst();

        assertThat(other.version()).isEqualTo(0x0a1a2a3a);
        var answer = UnsealedPackets.versionNegotiation(other, List.of(0x1a2a3a4a, QuicVersion.V1), 0);
        assertThat(hex(answer)).isEqualTo("c00000000001cc02aabb1a2a3a4a00000001");
    }

    @Property
    void anyBytesAreRead(@ForAll @Size(max = 100) byte[] datagram, @ForAll @IntRange(max = 20) int idLength) {
        assertOffsetsAreInside(read(datagram, idLength, false), datagram);
    }

    @Property
    void anyBytesBehindAVersionAreRead(
            @ForAll @Size(max = 100) byte[] rest, @ForAll @IntRange(min = 0x80, max = 0xff) int firstByte) {
        var datagram = ByteBuffer.allocate(5 + rest.length)
                .put((byte) firstByte)
                .putInt(firstByte % 3)
                .put(rest)
                .array();

        assertOffsetsAreInside(read(datagram, 8, true), datagram);
    }

    private static void assertOffsetsAreInside(List<ReceivedPacket> packets, byte[] datagram) {
        int end = 0;
        for (ReceivedPacket packet : packets) {
            if (packet instanceof ReceivedPacket.Sealed sealed) {
                assertThat(sealed.start()).isEqualTo(end);
                assertThat(sealed.numberOffset()).isGreaterThan(sealed.start());
                assertThat(sealed.end() - sealed.numberOffset()).isGreaterThanOrEqualTo(20);
                end = sealed.end();
            }
        }
        assertThat(end).isLessThanOrEqualTo(datagram.length);
    }
}
