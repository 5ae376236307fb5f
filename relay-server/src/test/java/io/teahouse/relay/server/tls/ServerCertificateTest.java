package io.teahouse.relay.server.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.testing.TestCertificateAuthority;
import io.teahouse.relay.server.testing.TestKeyForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Asks certificates for what an operator wants to know of them, and files whether they have changed. */
class ServerCertificateTest {
    private static final TestCertificateAuthority AUTHORITY = TestCertificateAuthority.create();

    @TempDir
    private Path directory;

    @Test
    void namesAndAddressesAreToldInTheirOrder() throws IOException {
        assertThat(issue(List.of("relay.example", "*.example", "192.0.2.1", "2001:db8::1"))
                        .names())
                .isEqualTo("relay.example, *.example, 192.0.2.1, 2001:db8:0:0:0:0:0:1");
    }

    @Test
    void ofManyNamesSomeAreTold() throws IOException {
        var names = IntStream.range(0, 100).mapToObj("r%d.example"::formatted).toList();

        assertThat(issue(names).names())
                .isEqualTo(
                        "r0.example, r1.example, r2.example, r3.example, r4.example, r5.example, r6.example, r7.example"
                                + " and 92 more");
        assertThat(issue(names.subList(0, 8)).names()).endsWith("r7.example");
    }

    @Test
    void oneWithoutNamesHasNone() throws IOException {
        var files = AUTHORITY.issue(directory, "localhost");
        var certificate = ServerCertificate.of(FileContents.read(files.chain()), FileContents.read(files.privateKey()));

        assertThat(new ServerCertificate(certificate.key(), List.of(AUTHORITY.certificate())).names())
                .isEqualTo("no name");
    }

    @Test
    void contentsAreTheSameIfTheirBytesAre() throws IOException {
        var file = directory.resolve("file");
        var gone = FileContents.read(file);
        Files.writeString(file, "");
        var empty = FileContents.read(file);
        Files.writeString(file, "one");
        var one = FileContents.read(file);
        Files.writeString(file, "one");

        assertThat(one.holdsSameAs(FileContents.read(file))).isTrue();
        assertThat(one.holdsSameAs(empty)).isFalse();
        assertThat(empty.holdsSameAs(gone)).isFalse();
        Files.delete(file);
        assertThat(gone.holdsSameAs(FileContents.read(file))).isTrue();
    }

    private ServerCertificate issue(List<String> names) throws IOException {
        var files = AUTHORITY.issue(directory, TestKeyForm.P256_PKCS8, names);
        return ServerCertificate.of(FileContents.read(files.chain()), FileContents.read(files.privateKey()));
    }
}
