package io.teahouse.interop;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import tech.kwik.core.QuicClientConnection;
import tech.kwik.core.QuicConnection;
import tech.kwik.core.QuicSessionTicket;
import tech.kwik.core.QuicStream;
import tech.kwik.core.log.NullLogger;
import tech.kwik.core.server.ApplicationProtocolConnection;
import tech.kwik.core.server.ApplicationProtocolConnectionFactory;
import tech.kwik.core.server.ServerConnectionConfig;
import tech.kwik.core.server.ServerConnector;

/** One side of the test protocol of {@code interop/peers/quic}, by kwik. A program. */
final class KwikPeer {
    private static final char[] PASSWORD = "test".toCharArray();

    private KwikPeer() {}

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
        if (arguments[0].equals("client")) {
            System.exit(0); // kwik leaves threads behind
        }
    }

    private static KeyStore keyStore(PeerOptions options) throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        var pem = new PemPair(Path.of(options.text("cert", "")), Path.of(options.text("key", "")));
        store.setKeyEntry("server", pem.key(), PASSWORD, pem.chain().toArray(Certificate[]::new));
        return store;
    }

    // The server.

    private static void serve(PeerOptions options) throws Exception {
        var socket = new DatagramSocket(options.address("bind", "127.0.0.1:0"));
        var config = ServerConnectionConfig.builder()
                .maxIdleTimeoutInSeconds(30)
                .maxOpenPeerInitiatedBidirectionalStreams(100)
                .maxConnectionBufferSize(12_500_000)
                .maxBidirectionalStreamBufferSize(1_250_000)
                .retryRequired(options.has("retry"))
                .build();
        var connector = ServerConnector.builder()
                .withSocket(socket)
                .withKeyStore(keyStore(options), "server", PASSWORD)
                .withConfiguration(config)
                .withLogger(new NullLogger())
                .build();
        connector.registerApplicationProtocol(options.alpn(), new ApplicationProtocolConnectionFactory() {
            @Override
            public ApplicationProtocolConnection createConnection(String protocol, QuicConnection connection) {
                return accepted(connection);
            }

            @Override
            public int maxConcurrentPeerInitiatedBidirectionalStreams() {
                return 100;
            }

            @Override
            public boolean enableDatagramExtension() {
                return true;
            }
        });
        connector.start();
        System.out.println("listening 127.0.0.1:" + socket.getLocalPort());
    }

    private static ApplicationProtocolConnection accepted(QuicConnection connection) {
        System.out.println("connected");
        if (connection.isDatagramExtensionEnabled()) {
            connection.setDatagramHandler(connection::sendDatagram);
        }
        return new ApplicationProtocolConnection() {
            @Override
            public void acceptPeerInitiatedStream(QuicStream stream) {
                Thread.ofPlatform().daemon().start(() -> {
                    try {
                        PeerStreams.serve(twoWay(stream));
                    } catch (Exception e) {
                        System.out.println("stream failed: " + e);
                    }
                });
            }
        };
    }

    private static PeerStreams.TwoWay twoWay(QuicStream stream) {
        return new PeerStreams.TwoWay(stream.getInputStream(), new InSmallPieces(stream.getOutputStream()));
    }

    /** Kwik forgets now and then to send on when a write has waited for room, so that none is to be long. */
    private static final class InSmallPieces extends FilterOutputStream {
        private static final int PIECE = 4096;

        private InSmallPieces(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int done = 0; done < length; done += PIECE) {
                out.write(bytes, offset + done, Math.min(PIECE, length - done));
                out.flush();
            }
        }
    }

    // The client.

    private static QuicClientConnection.Builder builder(PeerOptions options) throws Exception {
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, PASSWORD);
        trusted.setCertificateEntry(
                "ca", PemPair.certificates(Path.of(options.text("ca", ""))).getFirst());
        var remote = options.address("connect", "");
        return QuicClientConnection.newBuilder()
                .host(options.text("name", "localhost"))
                .preferIPv4()
                .port(remote.getPort())
                .applicationProtocol(options.alpn())
                .customTrustManager(trusting(trusted))
                .defaultStreamReceiveBufferSize(1_250_000L)
                .maxIdleTimeout(Duration.ofSeconds(30))
                .connectTimeout(Duration.ofSeconds(10))
                .enableDatagramExtension()
                .logger(new NullLogger());
    }

    /** The trust manager of the JDK, without what kwik says of the key: that it be one for RSA, which then may not only sign. */
    private static X509TrustManager trusting(KeyStore trusted) throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        var manager = (X509TrustManager) factory.getTrustManagers()[0];
        return new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
                manager.checkClientTrusted(chain, "UNKNOWN");
            }

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
                manager.checkServerTrusted(chain, "UNKNOWN");
            }

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return manager.getAcceptedIssuers();
            }
        };
    }

    private static void visit(PeerOptions options) throws Exception {
        Optional<QuicSessionTicket> ticket = Optional.empty();
        long connections = options.number("connections", 1);
        for (long visit = 0; visit < connections; visit++) {
            var builder = builder(options);
            ticket.ifPresent(builder::sessionTicket);
            var connection = builder.build();
            if (ticket.isPresent() && options.has("early") && options.has("get")) {
                // The only thing that kwik sends early is the whole of a stream.
                var request = PeerStreams.request(options.number("get", 0));
                long began = System.nanoTime();
                var stream = connection
                        .connect(List.of(new QuicClientConnection.StreamEarlyData(request, true)))
                        .getFirst();
                System.out.println("connected");
                if (stream != null) {
                    long received = PeerStreams.read(stream.getInputStream(), options);
                    PeerStreams.report("got", options.number("get", 0), received, began);
                }
            } else {
                connection.connect();
                System.out.println("connected");
            }
            exchange(connection, options);
            ticket = newTicket(connection, visit + 1 < connections);
            connection.close(0, "done");
        }
        System.out.println("done");
    }

    private static Optional<QuicSessionTicket> newTicket(QuicClientConnection connection, boolean wanted)
            throws InterruptedException {
        long giveUpAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (wanted && connection.getNewSessionTickets().isEmpty() && System.nanoTime() < giveUpAt) {
            Thread.sleep(5); // nothing tells
        }
        return connection.getNewSessionTickets().stream().findFirst();
    }

    private static void exchange(QuicClientConnection connection, PeerOptions options) throws Exception {
        PeerStreams.exchange(() -> twoWay(connection.createStream(true)), options);
        datagrams(connection, options.number("datagrams", 0));
    }

    private static void datagrams(QuicClientConnection connection, long count) throws InterruptedException {
        if (count == 0) {
            return;
        }
        var received = new LinkedBlockingQueue<byte[]>();
        connection.setDatagramHandler(received::add);
        long back = 0;
        for (long number = 0; number < count; number++) {
            connection.sendDatagram(ByteBuffer.allocate(8).putLong(number).array());
            if (received.poll(500, TimeUnit.MILLISECONDS) != null) {
                back++;
            }
        }
        System.out.println("datagrams %d of %d".formatted(back, count));
    }
}
