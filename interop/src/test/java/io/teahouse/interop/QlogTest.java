package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.testing.TestCertificateAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What we write down of a connection is what the other side, aioquic, has seen of it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class QlogTest {
    @TempDir
    private Path folder;

    @Test
    void bothSidesTellTheSameOfAConnection() throws Exception {
        var authority = TestCertificateAuthority.create();
        var files = authority.issue(folder, "localhost", "127.0.0.1");
        var options = new String[] {"--qlog", folder.toString()};
        try (var server = ForeignQuic.AIOQUIC.server(files.chain(), files.privateKey(), options);
                var client = new QuicClientSide(
                        authority.certificate(), server.address(), Optional.empty(), QlogFiles.in(folder))) {
            client.awaitConnected();
            client.transfer(QuicTransferOut.Kind.ECHO, 100_000);
            client.datagrams(3);
            client.leave();
            server.program().await("end", line -> line.startsWith("closed") ? Optional.of(line) : Optional.empty());
        }

        var comparison = Program.start(
                "comparison",
                new ProcessBuilder(
                        "python3",
                        PeerPackages.projectRoot()
                                .resolve("interop/peers/quic/qlog_compare.py")
                                .toString(),
                        file(".sqlog").toString(),
                        file(".qlog").toString()));
        try (comparison) {
            int status = comparison.awaitExit();

            assertThat(status).as("%s", comparison.lines()).isZero();
        }
    }

    private Path file(String suffix) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
