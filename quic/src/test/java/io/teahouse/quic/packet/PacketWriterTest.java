package io.teahouse.quic.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.teahouse.quic.crypto.PacketKeys;
import io.teahouse.quic.crypto.PacketOpener;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.StatelessResetToken;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.TrafficSecret;
import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PacketWriterTest {
    private static final ConnectionId DESTINATION = ConnectionId.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    private static final ConnectionId SOURCE = ConnectionId.of(new byte[] {9});
    private static final ByteBuffer NO_TOKEN = ByteBuffer.allocate(0);
    private static final StatelessResetToken TOKEN =
            StatelessResetToken.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});

    private final TrafficSecret secret = new TrafficSecret(CipherSuite.AES_256_GCM_SHA384, new byte[48]);

    @Test
    void twoPacketsFitIntoADatagramThatIsAPartOfABuffer() {
        var datagram = ByteBuffer.allocate(1300).position(50).limit(1250).slice();

        var handshake =
                PacketWriter.longHeader(datagram, PacketType.HANDSHAKE, DESTINATION, SOURCE, NO_TOKEN, 70_000, 3);
        handshake.payload().put(new byte[100]);
        int first = handshake.finish(PacketKeys.sealer(secret), PacketKeys.headerProtection(secret));
        var oneRtt = PacketWriter.shortHeader(datagram, DESTINATION, true, 1, 5, 9, 1);
        oneRtt.payload().put((byte) 1);
        int second = oneRtt.finish(PacketKeys.sealer(secret), PacketKeys.headerProtection(secret));

        assertThat(first).isEqualTo(PacketWriter.longOverhead(PacketType.HANDSHAKE, 8, 1, 0, 3) + 100);
        // Filled up so that there is something to hide the header with.
        assertThat(second).isEqualTo(PacketWriter.shortOverhead(8, 1) + 3);
        assertThat(datagram.position()).isEqualTo(first + second);
        var reader = new DatagramReader(datagram.flip(), 8, false);
        assertThat(reader.next()).get().isInstanceOf(ReceivedPacket.Sealed.class);
        var last = (ReceivedPacket.Sealed) reader.next().orElseThrow();
        PacketProtection.unmask(datagram.array(), last, PacketKeys.headerProtection(secret));
        assertThat(PacketProtection.spin(datagram.array()[last.start()])).isTrue();
        assertThat(PacketProtection.keyPhase(datagram.array()[last.start()])).isOne();
        assertThat(reader.next()).isEmpty();
    }

    @Test
    void aPacketThatIsNotFinishedLeavesNoTrace() {
        var datagram = ByteBuffer.allocate(1200);

        var given = PacketWriter.shortHeader(datagram, DESTINATION, false, 0, 0, 9, 1);
        given.payload().put((byte) 1);

        assertThat(datagram.position()).isZero();
    }

    @Test
    void thePayloadLeavesRoomForTheTag() {
        var datagram = ByteBuffer.allocate(1200);

        var writer = PacketWriter.longHeader(
                datagram, PacketType.INITIAL, DESTINATION, SOURCE, ByteBuffer.allocate(80), 0, 1);

        assertThat(writer.payload().remaining())
                .isEqualTo(1200 - PacketWriter.longOverhead(PacketType.INITIAL, 8, 1, 80, 1));
        writer.payload().position(writer.payload().limit());
        assertThat(writer.finish(PacketKeys.sealer(secret), PacketKeys.headerProtection(secret)))
                .isEqualTo(1200);
    }

    @Test
    void aLongPacketIsNoLongerThanItsLengthFieldCanSay() {
        var datagram = ByteBuffer.allocate(40_000);

        var writer = PacketWriter.longHeader(datagram, PacketType.HANDSHAKE, DESTINATION, SOURCE, NO_TOKEN, 0, 1);
        writer.payload().position(writer.payload().limit());
        writer.finish(PacketKeys.sealer(secret), PacketKeys.headerProtection(secret));

        var packet = (ReceivedPacket.Sealed)
                new DatagramReader(datagram.flip(), 8, false).next().orElseThrow();
        assertThat(packet.end() - packet.numberOffset()).isEqualTo((1 << 14) - 1);
    }

    @Property(tries = 300)
    void whatIsSealedIsOpenedAndWhatIsChangedIsNot(
            @ForAll CipherSuite suite,
            @ForAll @Size(min = 1, max = 1200) byte[] payload,
            @ForAll @LongRange(max = PacketNumber.MAX) long number,
            @ForAll @LongRange(max = (1L << 32) - 1) long pathId,
            @ForAll @IntRange(max = 10_000) int changed) {
        var ofSuite = new TrafficSecret(suite, new byte[suite.hash().length()]);
        var datagram = ByteBuffer.allocate(1300);
        var writer = PacketWriter.shortHeader(datagram, DESTINATION, false, 0, pathId, number, 4);
        writer.payload().put(payload);
        writer.finish(PacketKeys.sealer(ofSuite), PacketKeys.headerProtection(ofSuite));
        datagram.flip();
        var forged =
                ByteBuffer.allocate(datagram.limit()).put(datagram.duplicate()).flip();
        // Not in the connection id, by which nobody would find the keys.
        int at = 9 + changed % (forged.limit() - 9);
        forged.put(at, (byte) (forged.get(at) ^ (1 << changed % 8)));

        assertThat(open(datagram, ofSuite, pathId, number)).isGreaterThanOrEqualTo(payload.length);
        assertThat(open(forged, ofSuite, pathId, number)).isEqualTo(PacketOpener.FORGED);
    }

    @Property(tries = 50)
    void aPacketOfAnotherPathDoesNotOpen(
            @ForAll CipherSuite suite, @ForAll @LongRange(min = 1, max = (1L << 32) - 1) long pathId) {
        var ofSuite = new TrafficSecret(suite, new byte[suite.hash().length()]);
        var datagram = ByteBuffer.allocate(100);
        var writer = PacketWriter.shortHeader(datagram, DESTINATION, false, 0, pathId, 7, 4);
        writer.finish(PacketKeys.sealer(ofSuite), PacketKeys.headerProtection(ofSuite));

        assertThat(open(datagram.flip(), ofSuite, 0, 7)).isEqualTo(PacketOpener.FORGED);
    }

    private static int open(ByteBuffer datagram, TrafficSecret secret, long pathId, long number) {
        byte[] buffer = datagram.array();
        int offset = datagram.arrayOffset();
        var packet = (ReceivedPacket.Sealed)
                new DatagramReader(datagram, 8, true).next().orElseThrow();
        assertThat(offset).isZero();
        int numberLength = PacketProtection.unmask(buffer, packet, PacketKeys.headerProtection(secret));
        return PacketKeys.opener(secret)
                .open(buffer, packet.start(), packet.numberOffset() + numberLength, packet.end(), pathId, number);
    }

    @Test
    void aStatelessResetLooksLikeAPacketAndEndsWithTheToken() {
        byte[] reset = UnsealedPackets.statelessReset(new byte[] {(byte) 0xff, 1, 2, 3, 4}, TOKEN);

        assertThat(reset).hasSize(UnsealedPackets.MIN_RESET_LENGTH);
        assertThat(reset[0]).isEqualTo((byte) 0x7f);
        assertThat(UnsealedPackets.resetToken(ByteBuffer.wrap(reset))).contains(TOKEN);
    }

    @Test
    void whatIsTooShortOrHasALongHeaderIsNoStatelessReset() {
        var longHeader = new byte[30];
        longHeader[0] = (byte) 0xc0;

        assertThat(UnsealedPackets.resetToken(ByteBuffer.wrap(longHeader))).isEmpty();
        assertThat(UnsealedPackets.resetToken(ByteBuffer.allocate(20))).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UnsealedPackets.statelessReset(new byte[4], TOKEN))
                .withMessage("random: 4 bytes (expected: 5 at least)");
    }

    @Test
    void aRetryWithoutATokenCannotBeMade() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UnsealedPackets.retry(DESTINATION, SOURCE, NO_TOKEN, DESTINATION, 0));
    }
}
