package io.teahouse.quic.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.EndpointConfig;
import io.teahouse.quic.QuicEndpoint;
import io.teahouse.quic.crypto.AddressTokens;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.ServerHandshake;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Clients meet the endpoint of a server, with nothing between them. */
class QuicEndpointTest {
    private final Random random = new Random(1);
    private final List<ConnectionEvent> events = new ArrayList<>();
    private long nowNanos;

    private QuicEndpoint endpoint(int maxConnections, int retryFrom) {
        var config = new EndpointConfig(
                ConnectionConfig.defaults(Pair.TIME_ZERO),
                parameters -> new ServerHandshake(Pair.serverConfig().build(), parameters, new SecureRandom()),
                new AddressTokens(new byte[AddressTokens.KEY_LENGTH]),
                maxConnections,
                retryFrom);
        return new QuicEndpoint(config, idSource(), random);
    }

    private ConnectionIdSource idSource() {
        return new ConnectionIdSource(random, new byte[ConnectionIdSource.KEY_LENGTH]);
    }

    private Connection client() {
        return Connection.client(
                ConnectionConfig.defaults(Pair.TIME_ZERO),
                idSource(),
                parameters -> Pair.clientHandshake(parameters, Optional.empty()),
                Optional.empty(),
                NetworkPath.to(Pair.SERVER),
                random,
                nowNanos);
    }

    /** Lets the two talk until neither has anything to say; answers of the endpoint itself are counted. */
    private int talk(Connection client, QuicEndpoint endpoint) {
        int answers = 0;
        boolean talking = true;
        while (talking) {
            talking = false;
            nowNanos += 1_000_000;
            client.handleTimeout(nowNanos);
            for (var next = client.pollOutgoing(nowNanos); next.isPresent(); next = client.pollOutgoing(nowNanos)) {
                talking = true;
                var received = endpoint.receive(next.get().data(), NetworkPath.to(Pair.CLIENT), Ecn.NOT_ECT, nowNanos);
                if (received instanceof QuicEndpoint.Received.Answer(ByteBuffer answer, var _)) {
                    answers++;
                    client.receive(answer, NetworkPath.to(Pair.SERVER), Ecn.NOT_ECT, nowNanos);
                }
            }
            for (Connection server : List.copyOf(endpoint.connections())) {
                server.handleTimeout(nowNanos);
                for (var next = server.pollOutgoing(nowNanos); next.isPresent(); next = server.pollOutgoing(nowNanos)) {
                    talking = true;
                    client.receive(next.get().data(), NetworkPath.to(Pair.SERVER), Ecn.NOT_ECT, nowNanos);
                }
                endpoint.refresh(server);
            }
            for (var event = client.pollEvent(); event.isPresent(); event = client.pollEvent()) {
                events.add(event.get());
            }
        }
        return answers;
    }

    @Test
    void clientsFindTheirConnections() {
        var endpoint = endpoint(10, 10);
        var one = client();
        var other = client();

        talk(one, endpoint);
        talk(other, endpoint);

        assertThat(one.isConnected()).isTrue();
        assertThat(other.isConnected()).isTrue();
        assertThat(endpoint.connections()).hasSize(2);
    }

    @Test
    void aClientProvesItsAddressFirstIfAsked() {
        var endpoint = endpoint(10, 0);
        var client = client();

        assertThat(talk(client, endpoint)).isEqualTo(1);

        assertThat(client.isConnected()).isTrue();
        assertThat(endpoint.connections()).hasSize(1);
    }

    @Test
    void aClientWithATokenOfLastTimeNeedNotProveItsAddress() {
        var endpoint = endpoint(10, 0);
        var first = client();
        assertThat(talk(first, endpoint)).isEqualTo(1);
        assertThat(endpoint.offerToken(endpoint.connections().iterator().next(), nowNanos))
                .isTrue();
        talk(first, endpoint);
        var token = events.stream()
                .filter(ConnectionEvent.TokenReceived.class::isInstance)
                .map(event -> ((ConnectionEvent.TokenReceived) event).token())
                .findFirst()
                .orElseThrow();

        var second = client();
        second.useToken(token);

        assertThat(talk(second, endpoint)).isZero();
        assertThat(second.isConnected()).isTrue();
    }

    @Test
    void thereAreNoMoreConnectionsThanAllowed() {
        var endpoint = endpoint(1, 10);
        talk(client(), endpoint);
        var tooMany = client();

        talk(tooMany, endpoint);

        assertThat(tooMany.isConnected()).isFalse();
        assertThat(endpoint.connections()).hasSize(1);
    }

    @Test
    void whoIsNotAdmittedIsNotAnswered() {
        var config = new EndpointConfig(
                ConnectionConfig.defaults(Pair.TIME_ZERO),
                _ -> {
                    throw new AssertionError("a handshake was begun");
                },
                new AddressTokens(new byte[AddressTokens.KEY_LENGTH]),
                10,
                0,
                from -> !from.remote().equals(Pair.CLIENT));
        var endpoint = new QuicEndpoint(config, idSource(), random);
        var datagram = client().pollOutgoing(0).orElseThrow().data();

        assertThat(endpoint.receive(datagram, NetworkPath.to(Pair.CLIENT), Ecn.NOT_ECT, 0))
                .isEqualTo(new QuicEndpoint.Received.Refused(false));
    }

    @Test
    void aHeaderAloneBeginsNothing() {
        var endpoint = endpoint(10, 10);
        var datagram = client().pollOutgoing(0).orElseThrow().data();
        datagram.put(600, (byte) (datagram.get(600) + 1));

        assertThat(endpoint.receive(datagram, NetworkPath.to(Pair.CLIENT), Ecn.NOT_ECT, 0))
                .isInstanceOf(QuicEndpoint.Received.Dropped.class);
        assertThat(endpoint.connections()).isEmpty();
    }

    @Test
    void whoHasBeenForgottenIsTold() {
        var client = client();
        talk(client, endpoint(10, 10));
        client.streams().open(true);
        client.streams().write(0, ByteBuffer.allocate(100));

        talk(client, endpoint(10, 10));

        assertThat(events).contains(new ConnectionEvent.Closed(new CloseCause.Reset()));
    }

    @Test
    void otherVersionsAreToldWhatIsSpoken() {
        var datagram = client().pollOutgoing(0).orElseThrow().data();
        datagram.putInt(1, 0x6b3343cf);

        var received = endpoint(10, 10).receive(datagram, NetworkPath.to(Pair.CLIENT), Ecn.NOT_ECT, 0);

        assertThat(received)
                .isInstanceOfSatisfying(
                        QuicEndpoint.Received.Answer.class,
                        answer -> assertThat(new DatagramReader(answer.answer(), 8, false)
                                        .next()
                                        .orElseThrow())
                                .isInstanceOfSatisfying(
                                        ReceivedPacket.VersionNegotiation.class,
                                        negotiation -> assertThat(negotiation.versions())
                                                .contains(1)));
    }

    @Test
    void aConnectionThatIsOverIsForgotten() {
        var endpoint = endpoint(10, 10);
        var client = client();
        talk(client, endpoint);

        client.close(1, "done", nowNanos);
        talk(client, endpoint);
        nowNanos += 5_000_000_000L;
        talk(client, endpoint);

        assertThat(endpoint.connections()).isEmpty();
    }
}
