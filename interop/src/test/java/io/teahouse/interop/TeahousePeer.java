package io.teahouse.interop;

import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.io.Dial;
import io.teahouse.quic.io.QuicConnection;
import io.teahouse.quic.io.QuicDriver;
import io.teahouse.quic.io.QuicStream;
import io.teahouse.quic.io.UdpTransport;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.ServerConfig;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ReplayGuard;
import io.teahouse.tls.resumption.TicketKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.cert.TrustAnchor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** One side of the test protocol of {@code interop/peers/quic}, by ours. A program. */
final class TeahousePeer {
    private TeahousePeer() {}

    public static void main(String[] arguments) {
        var options = new PeerOptions(List.of(arguments).subList(1, arguments.length));
        try {
            switch (arguments[0]) {
                case "server" -> serve(options);
                case "client" -> visit(options);
                default ->
                    throw new IllegalArgumentException("role: " + arguments[0] + " (expected: server or client)");
            }
        } catch (Exception e) {
            System.out.println("failed: " + e);
            System.exit(1);
        }
    }

    private static QuicDriver.Builder driver(UdpTransport transport, PeerOptions options) {
        return QuicDriver.on(transport).connections(timeZero -> config(timeZero, options));
    }

    private static ConnectionConfig config(Instant timeZero, PeerOptions options) {
        var config = ConnectionConfig.defaults(timeZero);
        return options.has("qlog") ? config.withTraces(QlogFiles.in(Path.of(options.text("qlog", "")))) : config;
    }

    private static UdpTransport open(InetSocketAddress address) throws IOException {
        return UdpTransport.open(UdpTransport.Options.at(address));
    }

    // The server.

    private static void serve(PeerOptions options) throws Exception {
        var pem = new PemPair(Path.of(options.text("cert", "")), Path.of(options.text("key", "")));
        var tls = ServerConfig.builder(Credential.of(pem.chain(), pem.key()), List.of(Opaque.ofUtf8(options.alpn())))
                .tickets(new TicketKeys(TicketKeys.DEFAULT_LIFETIME), 2)
                .earlyData(new ReplayGuard(), Opaque.EMPTY)
                .build();
        var transport = open(options.address("bind", "127.0.0.1:0"));
        try (var driver = driver(transport, options)
                .server(tls)
                .limits(100, options.has("retry") ? 0 : 100)
                .start()) {
            System.out.println("listening 127.0.0.1:" + transport.localAddress().getPort());
            while (true) {
                var connection = driver.accept();
                System.out.println("connected");
                Thread.ofVirtual().start(() -> acceptStreams(connection, options));
                Thread.ofVirtual().start(() -> echoDatagrams(connection));
            }
        }
    }

    private static void acceptStreams(QuicConnection connection, PeerOptions options) {
        try {
            while (true) {
                var stream = connection.acceptBidirectional();
                if (options.has("update")) {
                    connection.inspect(machine -> machine.updateKeys(0));
                }
                Thread.ofVirtual().start(() -> {
                    try {
                        PeerStreams.serve(twoWay(stream));
                    } catch (IOException e) {
                        System.out.println("stream failed: " + e);
                    }
                });
            }
        } catch (IOException | InterruptedException e) {
            System.out.println("closed: " + e);
        }
    }

    private static void echoDatagrams(QuicConnection connection) {
        try {
            while (true) {
                connection.sendDatagram(connection.receiveDatagram());
            }
        } catch (IOException | InterruptedException e) {
            // The connection is over, which is said elsewhere.
        }
    }

    private static PeerStreams.TwoWay twoWay(QuicStream stream) {
        return new PeerStreams.TwoWay(stream.input(), stream.output());
    }

    // The client.

    private static void visit(PeerOptions options) throws Exception {
        var authority = PemPair.certificates(Path.of(options.text("ca", ""))).getFirst();
        var verifier =
                PeerVerifier.certified(Set.of(new TrustAnchor(authority, null)), options.text("name", "localhost"));
        var tls = ClientConfig.builder(verifier, List.of(Opaque.ofUtf8(options.alpn())))
                .build();
        var dial = Dial.to(options.address("connect", ""), tls).withTickets("server");
        try (var driver = driver(open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)), options)
                .start()) {
            for (long visit = 0; visit < options.number("connections", 1); visit++) {
                var connection = options.has("early") ? driver.dialEarly(dial) : driver.dial(dial);
                exchange(connection, options);
                var summary = connection.awaitConnected(Duration.ofSeconds(10));
                System.out.println(
                        "connected resumed=%s early=%s".formatted(summary.resumed(), summary.earlyDataAccepted()));
                connection.close(0, "done");
                connection.awaitClosed();
            }
        }
        System.out.println("done");
    }

    private static void exchange(QuicConnection connection, PeerOptions options)
            throws IOException, InterruptedException {
        PeerStreams.exchange(() -> twoWay(connection.openBidirectional()), options);
        long count = options.number("datagrams", 0);
        long back = 0;
        for (long number = 0; number < count; number++) {
            connection.sendDatagram(ByteBuffer.allocate(8).putLong(number).flip());
            if (connection.receiveDatagram(Duration.ofMillis(500)).isPresent()) {
                back++;
            }
        }
        if (count > 0) {
            System.out.println("datagrams %d of %d".formatted(back, count));
        }
    }
}
