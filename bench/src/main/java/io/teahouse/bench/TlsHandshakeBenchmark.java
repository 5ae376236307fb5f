package io.teahouse.bench;

import io.teahouse.core.SecretKey;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.ClientHandshake;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.HandshakeOutput;
import io.teahouse.tls.ServerConfig;
import io.teahouse.tls.ServerHandshake;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.resumption.ClientTicket;
import io.teahouse.tls.resumption.ReplayGuard;
import io.teahouse.tls.resumption.TicketKeys;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What two endpoints spend together until they have shaken hands, in one thread and without a network. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TlsHandshakeBenchmark {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
    private static final List<Opaque> PROTOCOLS = List.of(Opaque.ofUtf8("bench"));
    private static final Opaque PARAMETERS = Opaque.copyOf(new byte[100]);

    /** How keys are exchanged. */
    @Param({"X25519", "SECP256R1", "X25519_MLKEM768"})
    private NamedGroup group;

    private final SecureRandom random = new SecureRandom();
    private ClientConfig client;
    private ServerConfig server;
    private ClientTicket ticket;

    /** Makes two endpoints, and a ticket of one for the other. */
    @Setup
    public void setUp() throws TlsException {
        var clientKey = SecretKey.generate(random);
        var serverKey = SecretKey.generate(random);
        client = ClientConfig.builder(PeerVerifier.endpoint(serverKey.endpointId()), PROTOCOLS)
                .credential(Credential.of(clientKey))
                .groups(List.of(group), List.of(group))
                .withoutEarlyData() // which the guard takes once only
                .build();
        server = ServerConfig.builder(Credential.of(serverKey), PROTOCOLS)
                .verifier(PeerVerifier.anyEndpoint())
                .groups(group)
                .tickets(new TicketKeys(TicketKeys.DEFAULT_LIFETIME), 2)
                .earlyData(new ReplayGuard(), Opaque.EMPTY)
                .build();
        ticket = meet(Optional.empty());
    }

    /** With raw public keys on both sides, and two tickets. */
    @Benchmark
    public ClientTicket full() throws TlsException {
        return meet(Optional.empty());
    }

    /** With a ticket, and two new ones. */
    @Benchmark
    public ClientTicket resumed() throws TlsException {
        return meet(Optional.of(ticket));
    }

    private ClientTicket meet(Optional<ClientTicket> with) throws TlsException {
        var ours = new ClientHandshake(client, PARAMETERS, random);
        var theirs = new ServerHandshake(server, PARAMETERS, random);
        ours.start(with, NOW);
        carry(ours, theirs);
        carry(theirs, ours);
        carry(ours, theirs);
        carry(theirs, ours);
        Optional<ClientTicket> received = Optional.empty();
        for (var output = ours.pollOutput(); output.isPresent(); output = ours.pollOutput()) {
            if (output.get() instanceof HandshakeOutput.TicketReceived(var fresh)) {
                received = Optional.of(fresh);
            }
        }
        ours.close();
        theirs.close();
        return received.orElseThrow();
    }

    private static void carry(Handshake from, Handshake to) throws TlsException {
        for (var output = from.pollOutput(); output.isPresent(); output = from.pollOutput()) {
            if (output.get() instanceof HandshakeOutput.Send(var level, var bytes)) {
                to.handleBytes(level, bytes, NOW);
            }
        }
    }
}
