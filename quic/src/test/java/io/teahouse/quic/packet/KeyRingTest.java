package io.teahouse.quic.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.TrafficSecret;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two sides with their keys. */
class KeyRingTest {
    private static final ConnectionId DESTINATION = ConnectionId.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    private static final ByteBuffer NO_TOKEN = ByteBuffer.allocate(0);

    private final KeyRing client = new KeyRing(Role.CLIENT);
    private final KeyRing server = new KeyRing(Role.SERVER);

    private static Optional<TrafficSecret> secret(int filling) {
        var bytes = new byte[48];
        bytes[0] = (byte) filling;
        return Optional.of(new TrafficSecret(CipherSuite.AES_256_GCM_SHA384, bytes));
    }

    private void installBoth(EncryptionLevel level) {
        client.install(level, secret(1), secret(2));
        server.install(level, secret(2), secret(1));
    }

    private static ByteBuffer initial(KeyRing keys, long number) {
        var datagram = ByteBuffer.allocate(100);
        var writer = PacketWriter.longHeader(
                datagram, PacketType.INITIAL, DESTINATION, ConnectionId.EMPTY, NO_TOKEN, number, 2);
        writer.payload().put((byte) 1);
        keys.finish(writer, EncryptionLevel.INITIAL);
        return datagram.flip();
    }

    private static ByteBuffer oneRtt(KeyRing keys, long pathId, long number) {
        var datagram = ByteBuffer.allocate(100);
        var writer = keys.beginOneRtt(datagram, DESTINATION, false, pathId, number, 2);
        writer.payload().put((byte) 1);
        keys.finish(writer, EncryptionLevel.ONE_RTT);
        return datagram.flip();
    }

    private static KeyRing.Result open(KeyRing keys, ByteBuffer datagram, long pathId, long largest)
            throws TransportException {
        var packet = (ReceivedPacket.Sealed)
                new DatagramReader(datagram, 8, false).next().orElseThrow();
        assertThat(datagram.arrayOffset()).isZero();
        return keys.open(datagram.array(), packet, pathId, largest, 0, 1000);
    }

    private static void assertOpens(KeyRing keys, ByteBuffer datagram, long pathId, long number)
            throws TransportException {
        var opened = (KeyRing.Result.Opened) open(keys, datagram, pathId, number - 1);

        assertThat(opened.number()).isEqualTo(number);
        assertThat(opened.payload().get(0)).isOne();
    }

    @Test
    void initialPacketsNeedOnlyTheConnectionId() throws TransportException {
        client.installInitial(DESTINATION);
        server.installInitial(DESTINATION);

        assertOpens(server, initial(client, 0), 0, 0);
        assertOpens(client, initial(server, 700), 0, 700);
        assertThat(open(client, initial(client, 1), 0, 0)).isInstanceOf(KeyRing.Result.Forged.class);
    }

    @Test
    void withoutKeysNothingIsOpenedAndNothingIsDestroyed() throws TransportException {
        client.installInitial(DESTINATION);
        var datagram = initial(client, 0);

        assertThat(server.canOpen(EncryptionLevel.INITIAL)).isFalse();
        assertThat(open(server, datagram, 0, -1)).isInstanceOf(KeyRing.Result.NoKeys.class);

        server.installInitial(DESTINATION);
        assertOpens(server, datagram, 0, 0);
    }

    @Test
    void keysAreTakenOff() throws TransportException {
        client.installInitial(DESTINATION);
        server.installInitial(DESTINATION);
        var datagram = initial(client, 0);

        server.discard(EncryptionLevel.INITIAL);

        assertThat(open(server, datagram, 0, -1)).isInstanceOf(KeyRing.Result.NoKeys.class);
        assertThat(server.canSeal(EncryptionLevel.INITIAL)).isFalse();
    }

    @Test
    void inZeroRttEachSideHasOneDirection() {
        client.install(EncryptionLevel.ZERO_RTT, secret(1), Optional.empty());
        server.install(EncryptionLevel.ZERO_RTT, Optional.empty(), secret(1));

        assertThat(client.canSeal(EncryptionLevel.ZERO_RTT)).isTrue();
        assertThat(client.canOpen(EncryptionLevel.ZERO_RTT)).isFalse();
        assertThat(server.canSeal(EncryptionLevel.ZERO_RTT)).isFalse();
        assertThat(server.canOpen(EncryptionLevel.ZERO_RTT)).isTrue();
    }

    @Test
    void oneRttPacketsBelongToTheirPath() throws TransportException {
        assertThat(client.oneRtt()).isEmpty();
        installBoth(EncryptionLevel.ONE_RTT);

        assertOpens(server, oneRtt(client, 3, 40), 3, 40);
        assertThat(open(server, oneRtt(client, 3, 41), 2, 40)).isInstanceOf(KeyRing.Result.Forged.class);
    }

    @Test
    void keysMayBeReplacedOnTheWay() throws TransportException {
        installBoth(EncryptionLevel.ONE_RTT);
        assertOpens(server, oneRtt(client, 0, 0), 0, 0);
        assertOpens(client, oneRtt(server, 0, 0), 0, 0);
        client.oneRtt().orElseThrow().onAcknowledged(0, 0);

        client.oneRtt().orElseThrow().update(0);

        assertOpens(server, oneRtt(client, 0, 1), 0, 1);
        assertOpens(client, oneRtt(server, 0, 1), 0, 1);
    }

    @Test
    void reservedBitsOfAGenuinePacketAreAViolation() {
        installBoth(EncryptionLevel.ONE_RTT);
        var datagram = ByteBuffer.allocate(100);
        var keys = client.oneRtt().orElseThrow();
        var writer = PacketWriter.shortHeader(datagram, DESTINATION, false, 0, 0, 0, 2);
        writer.payload().put((byte) 1);
        datagram.put(0, (byte) (datagram.get(0) | 0x08));
        writer.finish(keys.sealerFor(0, 0), keys.sealingProtection());

        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> open(server, datagram.flip(), 0, -1))
                .matches(e -> e.code() == TransportError.PROTOCOL_VIOLATION.code())
                .withMessage("reserved bits of packet 0: set (expected: 0)");
    }

    @Test
    void reservedBitsOfAForgedPacketAreNobodysFault() throws TransportException {
        installBoth(EncryptionLevel.ONE_RTT);
        for (int bit = 0; bit < 8; bit++) {
            var datagram = oneRtt(client, 0, bit);
            datagram.put(datagram.limit() - 1, (byte) (datagram.get(datagram.limit() - 1) ^ (1 << bit)));

            assertThat(open(server, datagram, 0, -1)).isInstanceOf(KeyRing.Result.Forged.class);
        }
    }

    @ParameterizedTest
    @EnumSource(CipherSuite.class)
    void whatDoesNotOpenKeepsItsLastBytes(CipherSuite suite) throws TransportException {
        var secret = Optional.of(new TrafficSecret(suite, new byte[suite.hash().length()]));
        server.install(EncryptionLevel.ONE_RTT, secret, secret);
        for (int length = 29; length < 60; length++) {
            // A stateless reset is known by them, and looks as if it had to be opened.
            var datagram = ByteBuffer.allocate(length);
            datagram.put(0, (byte) 0x40)
                    .put(length - 16, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});

            assertThat(open(server, datagram, 0, -1)).isInstanceOf(KeyRing.Result.Forged.class);

            assertThat(datagram.slice(length - 16, 16))
                    .isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
        }
    }
}
