package io.teahouse.tls;

import io.teahouse.core.SecretKey;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.HandshakeCodec;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.resumption.ClientTicket;
import io.teahouse.tls.schedule.TrafficSecret;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A client and a server with nothing between them, unless a test puts somebody there: what one sends the other hears, in
 * order, until neither has anything to say.
 */
final class Meeting {
    static final Instant NOW = TestCertificates.NOW;
    static final List<Opaque> PROTOCOLS = List.of(Opaque.ofUtf8("teahouse/1"));
    static final SecretKey CLIENT_KEY = key(1);
    static final SecretKey SERVER_KEY = key(2);
    static final Opaque CLIENT_PARAMETERS = Opaque.ofUtf8("parameters of the client");
    static final Opaque SERVER_PARAMETERS = Opaque.ofUtf8("parameters of the server");

    final Side client;
    final Side server;

    private final ClientHandshake clientMachine;
    private Instant now = NOW;
    private UnaryOperator<HandshakeMessage> betweenThem = UnaryOperator.identity();

    /** One of the two, and what has come out of it. */
    static final class Side {
        final Handshake machine;
        final List<HandshakeOutput> outputs = new ArrayList<>();
        private final Deque<HandshakeOutput.Send> toSend = new ArrayDeque<>();
        Optional<TlsException> failure = Optional.empty();

        Side(Handshake machine) {
            this.machine = machine;
        }

        private void poll() {
            for (var output = machine.pollOutput(); output.isPresent(); output = machine.pollOutput()) {
                outputs.add(output.get());
                if (output.get() instanceof HandshakeOutput.Send send) {
                    toSend.add(send);
                }
            }
        }

        <T extends HandshakeOutput> List<T> all(Class<T> kind) {
            return outputs.stream().filter(kind::isInstance).map(kind::cast).toList();
        }

        HandshakeSummary summary() {
            return all(HandshakeOutput.Completed.class).getFirst().summary();
        }

        Optional<TrafficSecret> readSecret(EncryptionLevel level) {
            return all(HandshakeOutput.ReadSecret.class).stream()
                    .filter(output -> output.level() == level)
                    .map(HandshakeOutput.ReadSecret::secret)
                    .findFirst();
        }

        Optional<TrafficSecret> writeSecret(EncryptionLevel level) {
            return all(HandshakeOutput.WriteSecret.class).stream()
                    .filter(output -> output.level() == level)
                    .map(HandshakeOutput.WriteSecret::secret)
                    .findFirst();
        }

        List<ClientTicket> tickets() {
            return all(HandshakeOutput.TicketReceived.class).stream()
                    .map(HandshakeOutput.TicketReceived::ticket)
                    .toList();
        }

        List<HandshakeMessage> sent() {
            return all(HandshakeOutput.Send.class).stream()
                    .map(send -> decode(send.bytes()))
                    .toList();
        }
    }

    Meeting(ClientConfig clientConfig, ServerConfig serverConfig) {
        clientMachine = new ClientHandshake(clientConfig, CLIENT_PARAMETERS, new SecureRandom());
        client = new Side(clientMachine);
        server = new Side(new ServerHandshake(serverConfig, SERVER_PARAMETERS, new SecureRandom()));
    }

    static SecretKey key(int seed) {
        var bytes = new byte[SecretKey.LENGTH];
        Arrays.fill(bytes, (byte) seed);
        return SecretKey.fromBytes(bytes);
    }

    /** As iroh's endpoints are to each other. */
    static ClientConfig.Builder endpointClient() {
        return ClientConfig.builder(PeerVerifier.endpoint(SERVER_KEY.endpointId()), PROTOCOLS)
                .credential(Credential.of(CLIENT_KEY));
    }

    /** As iroh's endpoints are to each other. */
    static ServerConfig.Builder endpointServer() {
        return ServerConfig.builder(Credential.of(SERVER_KEY), PROTOCOLS).verifier(PeerVerifier.anyEndpoint());
    }

    /** As an endpoint is to a relay. */
    static ClientConfig.Builder certifiedClient() {
        return ClientConfig.builder(PeerVerifier.certified(TestCertificates.ANCHORS, "localhost"), PROTOCOLS);
    }

    /** As a relay is to an endpoint. */
    static ServerConfig.Builder certifiedServer(String kindOfKey) {
        var chain = TestCertificates.localhost(kindOfKey);
        return ServerConfig.builder(Credential.of(chain.certificates(), chain.key()), PROTOCOLS);
    }

    Meeting at(Instant time) {
        now = time;
        return this;
    }

    /** Somebody who changes messages on their way. */
    Meeting with(UnaryOperator<HandshakeMessage> somebody) {
        betweenThem = somebody;
        return this;
    }

    Meeting run() {
        return run(Optional.empty());
    }

    Meeting run(Optional<ClientTicket> ticket) {
        clientMachine.start(ticket, now);
        client.poll();
        while (!client.toSend.isEmpty() || !server.toSend.isEmpty()) {
            deliver(client, server);
            deliver(server, client);
        }
        return this;
    }

    private void deliver(Side from, Side to) {
        while (!from.toSend.isEmpty()) {
            var send = from.toSend.removeFirst();
            if (to.failure.isPresent()) {
                continue;
            }
            HandshakeMessage message = decode(send.bytes());
            HandshakeMessage changed = betweenThem.apply(message);
            byte[] bytes = changed.equals(message) ? send.bytes() : HandshakeCodec.encode(changed);
            try {
                to.machine.handleBytes(send.level(), bytes, now);
            } catch (TlsException e) {
                to.failure = Optional.of(e);
            }
            to.poll();
        }
    }

    private static HandshakeMessage decode(byte[] bytes) {
        try {
            return HandshakeCodec.decode(bytes);
        } catch (TlsException e) {
            throw new AssertionError("our own machine sent it", e);
        }
    }

    /** The failure of the side that has one. */
    TlsException failure() {
        return Objects.requireNonNull(client.failure.or(() -> server.failure).orElse(null), "nobody failed");
    }
}
