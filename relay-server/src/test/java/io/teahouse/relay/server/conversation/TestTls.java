package io.teahouse.relay.server.conversation;

import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A certificate for {@code localhost} with its key, as files, and clients that trust it. Made once for all tests. */
final class TestTls {
    private static final String HOST = "localhost";
    private static final TestTls INSTANCE = make();

    private final TestCertificateAuthority.ServerFiles files;
    private final SSLContext clients;

    private TestTls(TestCertificateAuthority.ServerFiles files, SSLContext clients) {
        this.files = files;
        this.clients = clients;
    }

    /** A TLS listener on a free port of the loopback address that shows the certificate. */
    static RelayServerConfig.Tls server() {
        return new RelayServerConfig.Tls(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), certificateFile(), keyFile());
    }

    static Path certificateFile() {
        return INSTANCE.files.chain();
    }

    static Path keyFile() {
        return INSTANCE.files.privateKey();
    }

    /** A client that trusts the certificate's authority and nobody else; without versions it speaks those that it likes. */
    static SSLSocket client(Socket connected, String... versions) throws IOException {
        var socket = (SSLSocket) INSTANCE.clients.getSocketFactory().createSocket(connected, HOST, 443, true);
        var parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (versions.length > 0) {
            parameters.setProtocols(versions);
        }
        socket.setSSLParameters(parameters);
        return socket;
    }

    private static TestTls make() {
        try {
            var authority = TestCertificateAuthority.create();
            var directory = Files.createTempDirectory("teahouse-tls");
            var files = authority.issue(directory, HOST);
            // Deleted in the reverse order, when all tests are over.
            directory.toFile().deleteOnExit();
            files.chain().toFile().deleteOnExit();
            files.privateKey().toFile().deleteOnExit();
            return new TestTls(files, authority.clientContext());
        } catch (IOException e) {
            throw new UncheckedIOException("no certificate for the tests", e);
        }
    }
}
