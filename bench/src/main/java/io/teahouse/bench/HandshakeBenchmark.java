package io.teahouse.bench;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ClientHandshake;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import io.teahouse.relay.protocol.ServerHandshake;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What it costs a relay to find out who a client is, and whether an unknown id is one at all. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class HandshakeBenchmark {
    private static final byte[] CHALLENGE = new byte[ServerHandshake.CHALLENGE_LENGTH];

    private byte[] auth;
    private EndpointId id;

    /** Makes a client's answer to the challenge. */
    @Setup
    public void setUp() {
        var client = new ClientHandshake(SecretKey.generate(new SecureRandom()));
        client.start(KeyMaterialExporter.NONE);
        var challenge = (ServerHandshake.Step.SendChallenge) server().start(Optional.empty(), KeyMaterialExporter.NONE);
        auth = ((ClientHandshake.Step.SendAuth) client.handleMessage(ByteBuffer.wrap(challenge.message()))).message();
        id = SecretKey.generate(new SecureRandom()).endpointId();
    }

    private static ServerHandshake server() {
        return new ServerHandshake(CHALLENGE);
    }

    /** Sends a challenge and checks the answer. */
    @Benchmark
    public ServerHandshake.Step authenticate() {
        var server = server();
        server.start(Optional.empty(), KeyMaterialExporter.NONE);
        return server.handleMessage(ByteBuffer.wrap(auth));
    }

    /** Checks whether 32 bytes are a point of the curve. */
    @Benchmark
    public boolean isValidId() {
        return EndpointId.isValid(id.word(0), id.word(1), id.word(2), id.word(3));
    }
}
