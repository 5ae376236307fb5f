package io.teahouse.relay.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certification authority, and others, at a TLS port while names are being validated (RFC 8737, section 3). */
@Tag("every-transport")
class ClientHelloGateTest {
    private static final TestCertificateAuthority AUTHORITY = TestCertificateAuthority.create();
    private static final String NAME = "relay.example";
    private static final int PATIENCE_MILLIS = 30_000;

    @TempDir
    private Path directory;

    private final ServerTls tls = new ServerTls();
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private ServerCertificate usual;
    private ServerCertificate proof;
    private Channel listener;

    @BeforeEach
    void listen() throws IOException {
        usual = issue("usual");
        proof = issue("proof");
        listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel accepted) {
                        tls.secure(accepted);
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    private ServerCertificate issue(String kind) throws IOException {
        var files = AUTHORITY.issue(Files.createDirectory(directory.resolve(kind)), NAME, kind + ".test");
        return ServerCertificate.of(FileContents.read(files.chain()), FileContents.read(files.privateKey()));
    }

    @AfterEach
    void end() throws InterruptedException {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        tls.close();
    }

    @Test
    void whoAsksForAProofIsShownItAndTheConnectionIsClosed() throws Exception {
        tls.show(usual);
        tls.challenges().put(NAME, proof);

        try (var client = connect("Relay.Example", "acme-tls/1")) {
            client.startHandshake();
            assertThat(client.getApplicationProtocol()).isEqualTo("acme-tls/1");
            assertThat(shown(client)).isEqualTo(proof.chain().getFirst());
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void allOthersNoticeNothing() throws Exception {
        tls.show(usual);
        tls.challenges().put(NAME, proof);

        expectUsual(connect(NAME));
        expectUsual(connect(NAME, "h2"));
        expectUsual(connect(NAME, "acme-tls/1", "h2"));
        expectUsual(connect("usual.test", "acme-tls/1"));
    }

    @Test
    void nothingIsProvedAfterwards() throws Exception {
        tls.show(usual);
        tls.challenges().put(NAME, proof);
        tls.challenges().put(NAME, proof);
        tls.challenges().put("other.example", proof);
        tls.challenges().remove(NAME);
        expectUsual(connect(NAME, "acme-tls/1"));

        tls.challenges().remove("other.example");
        tls.challenges().remove("other.example");

        expectUsual(connect(NAME, "acme-tls/1"));
    }

    @Test
    void withoutACertificateThereIsAnAlertAndYetAProof() throws Exception {
        assertThatThrownBy(connect(NAME)::startHandshake)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("access_denied");
        tls.challenges().put(NAME, proof);

        assertThatThrownBy(connect(NAME)::startHandshake)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("access_denied");
        try (var client = connect(NAME, "acme-tls/1")) {
            client.startHandshake();
            assertThat(shown(client)).isEqualTo(proof.chain().getFirst());
        }

        tls.show(usual);
        expectUsual(connect(NAME));
    }

    @Test
    void whatIsNotTlsIsClosed() throws Exception {
        try (var client = new Socket(InetAddress.getLoopbackAddress(), port())) {
            client.setSoTimeout(PATIENCE_MILLIS);
            client.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            while (client.getInputStream().read() >= 0) {
                // An alert, or nothing.
            }
        }
    }

    private int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    private SSLSocket connect(String name, String... protocols) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port());
        socket.setSoTimeout(PATIENCE_MILLIS);
        var client = (SSLSocket) AUTHORITY.clientContext().getSocketFactory().createSocket(socket, name, port(), true);
        var parameters = client.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        client.setSSLParameters(parameters);
        return client;
    }

    private void expectUsual(SSLSocket client) throws IOException {
        try (client) {
            client.startHandshake();
            assertThat(client.getApplicationProtocol()).isEmpty();
            assertThat(shown(client)).isEqualTo(usual.chain().getFirst());
        }
    }

    private static X509Certificate shown(SSLSocket client) throws IOException {
        return (X509Certificate) client.getSession().getPeerCertificates()[0];
    }
}
