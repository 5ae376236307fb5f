package io.teahouse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that were written for iroh's relay are right here too: every key of iroh relay spec, sections 5 and 6, with its meaning. */
class ReferenceFilesTest {
    private static final String ID = "ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6";
    private static final String PASSWORD = "only of this test";
    private static final String BASE32 = "lbtgmztgmztgmztgmztgmztgmztgmztgmztgmztgmztgmztgmzta";

    /** With a certificate in it, made once. */
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeAll
    static void makeCertificate() throws Exception {
        Path store = folder.resolve("store.p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "relay",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=relay.example",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD)
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        var opened = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        pem("default.crt", "CERTIFICATE", opened.getCertificate("relay").getEncoded());
        pem(
                "default.key",
                "PRIVATE KEY",
                opened.getKey("relay", PASSWORD.toCharArray()).getEncoded());
    }

    private static void pem(String name, String label, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder().encodeToString(der);
        Files.writeString(
                folder.resolve(name), "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n".formatted(label, base64));
    }

    /** In the text, {@code ~} is a line break, {@code ID} an id, {@code DIR} where the certificate is. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            enable_relay = true                                                              | everyone
            http_bind_addr = "0.0.0.0:8080"                                                  | everyone
            http_bind_addr = "[::1]:8080"                                                    | everyone
            enable_quic_addr_discovery = false                                               | everyone
            enable_metrics = false                                                           | everyone
            metrics_bind_addr = "[::]:9091"                                                  | everyone
            key_cache_capacity = 0                                                           | everyone
            access = "everyone"                                                              | everyone
            access.allowlist = ["ID"]                                                        | the 1 endpoint of access.allowlist
            access.allowlist = []                                                            | the 0 endpoints of access.allowlist
            [access]~denylist = ["ID", "BASE32"]                                             | all but the 2 endpoints of access.denylist
            [access]~shared_token = ["one", "two"]                                           | whoever shows one of the 2 tokens of access.shared_token
            access.http = { url = "https://auth.example/may", bearer_token = "x" }           | whoever https://auth.example lets in
            [access.http]~url = "http://127.0.0.1:8080/may?key=x"                            | whoever http://127.0.0.1:8080 lets in
            [tls]~cert_mode = "Manual"~cert_dir = "DIR"                                      | everyone
            [tls]~cert_mode = "Reloading"~cert_dir = "DIR"~https_bind_addr = "[::]:8443"     | everyone
            [tls]~cert_mode = "Manual"~manual_cert_path = "DIR/default.crt"~manual_key_path = "DIR/default.key" | everyone
            [tls]~cert_mode = "Manual"~cert_dir = "DIR"~quic_bind_addr = "[::]:7842"         | everyone
            [tls]~cert_mode = "LetsEncrypt"~cert_dir = "DIR"~hostname = "relay.example"~contact = "me@relay.example"~prod_tls = false | everyone
            [tls]~cert_mode = "LetsEncrypt"~cert_dir = "DIR"~hostname = ["relay.example", "b.example"]~contact = "me@relay.example" | everyone
            [tls]~cert_mode = "Manual"~dangerous_http_only = true                            | everyone
            [limits]~accept_conn_limit = 1000.0~accept_conn_burst = 100                      | everyone
            [limits.client.rx]~bytes_per_second = 4000000                                    | everyone
            [limits.client.rx]~bytes_per_second = 4000000~max_burst_bytes = 1000000          | everyone
            limits.client.rx.bytes_per_second = 4294967295                                   | everyone
            """)
    void theyAreFine(String text, String people) throws Exception {
        var toml = text.replace('~', '\n')
                .replace("BASE32", BASE32)
                .replace("ID", ID)
                .replace("DIR", folder.toString());
        Path file = Files.writeString(folder.resolve("relay.toml"), toml);
        assertThat(run("check-config", file.toString())).as(err.toString(UTF_8)).isZero();
        assertThat(out.toString(UTF_8)).endsWith("%s: fine, open to %s\n".formatted(file, people));
        assertThat(run("check-config", "--dev", file.toString())).isZero();
        assertThat(err.size()).isZero();
    }

    @Test
    void oneFileWithAllOfItIsFine() throws Exception {
        Path file = Files.writeString(folder.resolve("relay.toml"), """
                enable_relay = true
                http_bind_addr = "[::]:80"
                enable_quic_addr_discovery = false
                enable_metrics = true
                metrics_bind_addr = "[::]:9090"
                key_cache_capacity = 1048576

                [access]
                allowlist = ["%s"]

                [tls]
                https_bind_addr = "[::]:443"
                quic_bind_addr = "[::]:7842"
                hostname = ["relay.example"]
                cert_mode = "Manual"
                cert_dir = "%2$s"
                manual_cert_path = "%2$s/default.crt"
                manual_key_path = "%2$s/default.key"
                prod_tls = true
                contact = "me@relay.example"
                dangerous_http_only = false

                [limits]
                accept_conn_limit = 1000.0
                accept_conn_burst = 1000

                [limits.client.rx]
                bytes_per_second = 4000000
                max_burst_bytes = 400000
                """.formatted(ID, folder));
        assertThat(run("check-config", file.toString())).as(err.toString(UTF_8)).isZero();
    }

    private int run(String... args) {
        return Main.run(Map.of(), new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), args);
    }
}
