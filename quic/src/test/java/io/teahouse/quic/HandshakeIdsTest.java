package io.teahouse.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.QuicVersion;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.packet.UnsealedPackets;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HandshakeIdsTest {
    private static final ConnectionId CLIENT = id(1);
    private static final ConnectionId FIRST = id(2);
    private static final ConnectionId SERVER = id(3);
    private static final ConnectionId RETRY = id(4);
    private static final ByteBuffer TOKEN = ByteBuffer.wrap(new byte[] {7, 8, 9});

    private final HandshakeIds client = HandshakeIds.ofClient(CLIENT, FIRST);

    private static ConnectionId id(int name) {
        return ConnectionId.of(new byte[] {(byte) name, 0, 0, 0, 0, 0, 0, 0});
    }

    private static ReceivedPacket.Retry retry(
            ConnectionId destination, ConnectionId source, ConnectionId originalDestination) {
        var packet = UnsealedPackets.retry(destination, source, TOKEN, originalDestination, 0);
        return (ReceivedPacket.Retry)
                new DatagramReader(ByteBuffer.wrap(packet), 8, false).next().orElseThrow();
    }

    private static ReceivedPacket.VersionNegotiation versions(
            ConnectionId destination, ConnectionId source, Integer... versions) {
        return new ReceivedPacket.VersionNegotiation(
                ByteBuffer.wrap(destination.toBytes()), ByteBuffer.wrap(source.toBytes()), List.of(versions));
    }

    @Test
    void theFirstGenuinePacketSaysWhereTheServerIs() {
        assertThat(client.destination()).isEqualTo(FIRST);
        assertThat(client.initialKeys()).isEqualTo(FIRST);

        assertThat(client.onGenuine(SERVER)).isTrue();

        assertThat(client.destination()).isEqualTo(SERVER);
        assertThat(client.initialKeys()).isEqualTo(FIRST);
        assertThat(client.onGenuine(SERVER)).isTrue();
        assertThat(client.onGenuine(RETRY)).isFalse();
        assertThat(client.destination()).isEqualTo(SERVER);
    }

    @Test
    void aRetryIsFollowedOnce() {
        assertThat(client.token().remaining()).isZero();

        assertThat(client.onRetry(retry(CLIENT, RETRY, FIRST))).isTrue();

        assertThat(client.destination()).isEqualTo(RETRY);
        assertThat(client.initialKeys()).isEqualTo(RETRY);
        assertThat(client.token()).isEqualTo(TOKEN);
        assertThat(client.onRetry(retry(CLIENT, SERVER, FIRST))).isFalse();
        assertThat(client.onGenuine(SERVER)).isTrue();
        assertThat(client.destination()).isEqualTo(SERVER);
        assertThat(client.initialKeys()).isEqualTo(RETRY);
    }

    @Test
    void aRetryThatIsNotForUsOrLateOrForgedIsIgnored() {
        assertThat(client.onRetry(retry(SERVER, RETRY, FIRST))).isFalse();
        assertThat(client.onRetry(retry(CLIENT, FIRST, FIRST))).isFalse();
        assertThat(client.onRetry(retry(CLIENT, RETRY, SERVER))).isFalse();
        client.onGenuine(SERVER);
        assertThat(client.onRetry(retry(CLIENT, RETRY, FIRST))).isFalse();
        var server = HandshakeIds.ofServer(SERVER, CLIENT, FIRST, Optional.empty());
        assertThat(server.onRetry(retry(SERVER, RETRY, FIRST))).isFalse();
    }

    @Test
    void aServerThatDoesNotSpeakOurVersionEndsIt() {
        assertThat(client.onVersionNegotiation(versions(CLIENT, FIRST, 0x0a1a2a3a, 2)))
                .isTrue();
    }

    @Test
    void aListOfVersionsThatMakesNoSenseIsIgnored() {
        assertThat(client.onVersionNegotiation(versions(CLIENT, FIRST, 2, QuicVersion.V1)))
                .isFalse();
        assertThat(client.onVersionNegotiation(versions(SERVER, FIRST, 2))).isFalse();
        assertThat(client.onVersionNegotiation(versions(CLIENT, SERVER, 2))).isFalse();
        client.onGenuine(SERVER);
        assertThat(client.onVersionNegotiation(versions(CLIENT, SERVER, 2))).isFalse();
        var retried = HandshakeIds.ofClient(CLIENT, FIRST);
        retried.onRetry(retry(CLIENT, RETRY, FIRST));
        assertThat(retried.onVersionNegotiation(versions(CLIENT, RETRY, 2))).isFalse();
        var server = HandshakeIds.ofServer(SERVER, CLIENT, FIRST, Optional.empty());
        assertThat(server.onVersionNegotiation(versions(SERVER, CLIENT, 2))).isFalse();
    }

    @Test
    void bothSidesNameTheIdsThatTheOtherHasSeen() throws TransportException {
        client.onRetry(retry(CLIENT, RETRY, FIRST));
        client.onGenuine(SERVER);
        var server = HandshakeIds.ofServer(SERVER, CLIENT, FIRST, Optional.of(RETRY));
        assertThat(server.initialKeys()).isEqualTo(RETRY);
        assertThat(server.destination()).isEqualTo(CLIENT);

        server.check(client.addTo(TransportParameters.builder()).build());
        client.check(server.addTo(TransportParameters.builder()).build());
    }

    @Test
    void idsThatWereChangedOnTheWayEndIt() throws TransportException {
        client.onGenuine(SERVER);
        var other = HandshakeIds.ofServer(SERVER, CLIENT, RETRY, Optional.empty());
        var retried = HandshakeIds.ofServer(SERVER, CLIENT, FIRST, Optional.of(RETRY));
        var honest = HandshakeIds.ofServer(SERVER, CLIENT, FIRST, Optional.empty());

        client.check(honest.addTo(TransportParameters.builder()).build());
        for (var wrong : List.of(other, retried)) {
            assertThatExceptionOfType(TransportException.class)
                    .isThrownBy(() -> client.check(
                            wrong.addTo(TransportParameters.builder()).build()))
                    .matches(e -> e.code() == TransportError.TRANSPORT_PARAMETER_ERROR.code());
        }
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> honest.check(TransportParameters.builder().build()));
    }

    @Test
    void severalPathsWithoutIdsEndIt() {
        var server = HandshakeIds.ofServer(SERVER, ConnectionId.EMPTY, FIRST, Optional.empty());
        var parameters = TransportParameters.builder()
                .initialSourceId(ConnectionId.EMPTY)
                .initialMaxPathId(7)
                .build();

        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> server.check(parameters))
                .matches(e -> e.code() == TransportError.PROTOCOL_VIOLATION.code());
    }

    @Test
    void whatTheClientSendsToFirstCannotBeGuessed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HandshakeIds.ofClient(CLIENT, ConnectionId.of(new byte[7])))
                .withMessage("firstDestination: 7 bytes (expected: 8 at least)");
    }
}
