package io.teahouse.quic.io;

import io.teahouse.core.SecretKey;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.ServerConfig;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Opaque;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** Drivers on loopback sockets that speak with each other, with the endpoint ids of the tests. */
final class Drivers implements AutoCloseable {
    static final List<Opaque> PROTOCOLS = List.of(Opaque.ofUtf8("teahouse/1"));
    static final SecretKey CLIENT_KEY = key(1);
    static final SecretKey SERVER_KEY = key(2);
    static final Duration LONG = Duration.ofSeconds(20);

    private final List<QuicDriver> drivers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    static SecretKey key(int seed) {
        var bytes = new byte[SecretKey.LENGTH];
        bytes[0] = (byte) seed;
        return SecretKey.fromBytes(bytes);
    }

    static ServerConfig.Builder serverTls() {
        return ServerConfig.builder(Credential.of(SERVER_KEY), PROTOCOLS).verifier(PeerVerifier.anyEndpoint());
    }

    static ClientConfig clientTls() {
        return ClientConfig.builder(PeerVerifier.endpoint(SERVER_KEY.endpointId()), PROTOCOLS)
                .credential(Credential.of(CLIENT_KEY))
                .build();
    }

    static UdpTransport socket() throws IOException {
        return UdpTransport.open(UdpTransport.Options.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    }

    QuicDriver start(QuicDriver.Builder builder) {
        var driver = builder.start();
        drivers.add(driver);
        return driver;
    }

    QuicDriver client() throws IOException {
        return start(QuicDriver.on(socket()).named("quic-client"));
    }

    /** Does something in a thread of its own, which is virtual. */
    <T> FutureTask<T> run(Callable<T> action) {
        var task = new FutureTask<>(action);
        threads.add(Thread.ofVirtual().start(task));
        return task;
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        drivers.forEach(QuicDriver::close);
    }
}
