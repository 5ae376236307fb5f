package io.teahouse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * No relay starts with a configuration that is wrong: the exit code is 2, and the message names the file, the line and the
 * key, and says what to do.
 */
@Timeout(60)
class WrongFilesTest {
    private static final String ID = "ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** In the text, {@code ~} is a line break. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a typo at the top       | http_bind_adr = "[::]:80"                            | 1 | http_bind_adr: unknown key | did you mean http_bind_addr?
            a typo in access        | [access]~alowlist = []                               | 2 | access.alowlist: unknown key | did you mean allowlist?
            a typo in access.http   | [access.http]~url = "http://a"~timeout = 3           | 3 | access.http.timeout: unknown key | did you mean timeout_ms?
            a typo in access.tokens | [access.tokens]~issuers = []~requierd = true         | 3 | access.tokens.requierd: unknown key | did you mean required?
            a typo in tls           | [tls]~cert_mod = "Manual"                            | 2 | tls.cert_mod: unknown key | did you mean cert_mode?
            a typo in limits        | [limits]~max_conections = 5                          | 2 | limits.max_conections: unknown key | did you mean max_connections?
            a typo in the rate      | [limits.client.rx]~bytes_per_secnd = 5               | 2 | limits.client.rx.bytes_per_secnd: unknown key | did you mean bytes_per_second?
            a typo in proxy         | [proxy]~trustd = []                                  | 2 | proxy.trustd: unknown key | did you mean trusted?
            a typo in a table       | [limit]~max_connections = 5                          | 1 | limit: unknown key | did you mean limits?
            a key below a table     | [tls]~cert_mode = "Manual"~drain_seconds = 3         | 3 | tls.drain_seconds: unknown key | it belongs at the top of the file
            a key of another table  | cert_mode = "Manual"                                 | 1 | cert_mode: unknown key | did you mean tls.cert_mode?
            a truth in quotes       | enable_metrics = "false"                             | 1 | enable_metrics: "false" | write it without quotes
            a number with a unit    | limits.client.rx.bytes_per_second = "4MB"            | 1 | limits.client.rx.bytes_per_second: "4MB" | for 4MB write 4000000
            a number below zero     | drain_seconds = -1                                   | 1 | drain_seconds: -1 | expected: a whole number of seconds, 0 to 3600
            an address without port | http_bind_addr = "0.0.0.0"                           | 1 | http_bind_addr: "0.0.0.0" | write "0.0.0.0:80"
            a name for an address   | ~http_bind_addr = "relay.example:80"                 | 2 | http_bind_addr: "relay.example:80" | write the address
            a port too high         | metrics_bind_addr = "127.0.0.1:90900"                | 1 | metrics_bind_addr: "127.0.0.1:90900" | ports go up to 65535
            a text for a table      | tls = true                                           | 1 | tls: true | expected: a table, [tls]
            a text for a list       | access.denylist = "abc"                              | 1 | access.denylist: "abc" | write ["abc"]
            a bad id                | access.allowlist = [~"abc",~]                        | 2 | access.allowlist[0]: "abc" | expected: an endpoint id, 64 characters of hex
            two rules of access     | [access]~allowlist = []~denylist = []                | 3 | access: allowlist and denylist | keep the one that is meant
            no such rule            | access = "allowlist"                                 | 1 | access: "allowlist" | write it as a key: access.allowlist = ...
            no tokens               | access.shared_token = []                             | 1 | access.shared_token: an empty list | TEAHOUSE_ACCESS_SHARED_TOKEN
            no service              | [access.http]~timeout_ms = 100                       | 1 | access.http.url: missing | say which service to ask
            no file of issuers      | access.tokens.issuers_file = "/nowhere/issuers"      | 1 | access.tokens.issuers_file: "/nowhere/issuers" | it does not exist
            no mode of certificate  | [tls]                                                | 1 | tls.cert_mode: missing | write cert_mode = "Reloading"
            no such mode            | [tls]~cert_mode = "manual"                           | 2 | tls.cert_mode: "manual" | did you mean "Manual"?
            no such certificate     | [tls]~cert_mode = "Manual"~manual_cert_path = "/nowhere/a.pem" | 3 | tls.manual_cert_path: "/nowhere/a.pem" | it does not exist
            no key by its default   | [tls]~cert_mode = "Manual"~cert_dir = "/nowhere"     | 1 | tls.manual_key_path: missing | name the PEM file with the private key
            no name for Let's Encrypt | [tls]~cert_mode = "LetsEncrypt"                    | 2 | tls.hostname: missing | write hostname =
            no contact              | [tls]~cert_mode = "LetsEncrypt"                      | 2 | tls.contact: missing | write contact =
            a burst without a rate  | limits.client.rx.max_burst_bytes = 5                 | 1 | limits.client.rx.bytes_per_second: missing | a burst needs a rate
            the other one as well   | limits.accept_conn_burst = 5                         | 1 | limits.accept_conn_limit: missing | a burst needs a rate
            a rate of nothing       | limits.client.rx.bytes_per_second = 0                | 1 | limits.client.rx.bytes_per_second: 0 | 10 to 4294967295
            no limit, written       | limits.accept_conn_limit = 0                         | 1 | limits.accept_conn_limit: 0 | without the line there is no limit
            one port for two        | http_bind_addr = "[::]:9090"                         | 1 | http_bind_addr: "[::]:9090" | metrics_bind_addr is 127.0.0.1:9090, its default
            proxies that say nothing | proxy.trusted = ["::1"]                             | 1 | proxy.client_address: missing | write how they tell whom they serve
            no range of addresses   | proxy.trusted = ["10.1.2.3/8"]                       | 1 | proxy.trusted[0]: "10.1.2.3/8" | write "10.0.0.0/8"
            no relay                | enable_relay = false                                 | 1 | enable_relay: false | nothing would be left to run
            no TOML                 | http_bind_addr = "[::]:80                            | 1 | not TOML: column 26 | expected " or a character
            a key twice             | reuse_port = true~reuse_port = true                  | 2 | not TOML: column 1: reuse_port | previously defined at line 1
            """)
    void itIsSaidWhereItIsWrongAndWhatToDo(String what, String text, int line, String found, String remedy)
            throws Exception {
        Path file = Files.writeString(folder.resolve("relay.toml"), text.replace('~', '\n'));
        assertThat(run("relay", "-c", file.toString())).as(what).isEqualTo(2);
        assertThat(said())
                .startsWith("relay.toml: ")
                .contains(", nothing was started\n")
                .contains("relay.toml:%d: %s".formatted(line, found))
                .contains(remedy);

        String atTheStart = said();
        err.reset();
        assertThat(run("check-config", file.toString())).isEqualTo(2);
        assertThat(said()).isEqualTo(atTheStart);
    }

    @Test
    void aFileThatIsNotThereIsNoEmptyFile() {
        assertThat(run("relay", "-c", folder.resolve("relay.toml").toString())).isEqualTo(2);
        assertThat(said())
                .startsWith(
                        "relay.toml: does not exist, nothing was started\n    check the path (relay.toml), or leave -c out");
    }

    @Test
    void aDirectoryIsNoFile() throws Exception {
        assertThat(run(
                        "relay",
                        "-c",
                        Files.createDirectory(folder.resolve("etc")).toString()))
                .isEqualTo(2);
        assertThat(said()).isEqualTo("etc: is a directory, nothing was started\n    name the file in it\n");
    }

    @Test
    void anotherEncodingThanUtf8IsRefused() throws Exception {
        Path file = Files.write(folder.resolve("relay.toml"), new byte[] {'#', (byte) 0xE4, '\n'});
        assertThat(run("relay", "-c", file.toString())).isEqualTo(2);
        assertThat(said())
                .isEqualTo(
                        "relay.toml: is not UTF-8, nothing was started\n    TOML is; save the file in that encoding\n");
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void filesOfAnotherUserAreNamed() throws Exception {
        Path chain = Files.writeString(folder.resolve("chain.pem"), "");
        Path key = Files.createFile(
                folder.resolve("key.pem"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("-w-------")));
        assumeFalse(Files.isReadable(key), "the superuser reads everything");
        Path file = Files.writeString(folder.resolve("relay.toml"), """
                [tls]
                cert_mode = "Manual"
                manual_cert_path = "%s"
                manual_key_path = "%s"
                """.formatted(chain, key));
        assertThat(run("relay", "-c", file.toString())).isEqualTo(2);
        assertThat(said())
                .contains("relay.toml:4: tls.manual_key_path: \"key.pem\"")
                .contains("it cannot be read by this user");

        err.reset();
        assertThat(run("relay", "-c", key.toString())).isEqualTo(2);
        assertThat(said())
                .startsWith("key.pem: cannot be read by this user, nothing was started\n    let the relay's user");
    }

    @Test
    void aCertificateThatIsNoneIsNamedWithItsKeys() throws Exception {
        Path none = Files.writeString(folder.resolve("none.pem"), "no PEM");
        Path file = Files.writeString(folder.resolve("relay.toml"), """
                http_bind_addr = "127.0.0.1:0"
                enable_metrics = false
                [tls]
                cert_mode = "Manual"
                https_bind_addr = "127.0.0.1:0"
                manual_cert_path = "%1$s"
                manual_key_path = "%1$s"
                """.formatted(none));
        assertThat(run("relay", "--log-level", "warn", "-c", file.toString())).isEqualTo(2);
        assertThat(said())
                .startsWith(
                        "teahouse: relay not started: failed to read secret key from none.pem: no private key in it")
                .contains("    tls.manual_cert_path is none.pem, tls.manual_key_path is none.pem\n");
    }

    @Test
    void anAddressInUseIsNamedWithItsKey() throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            Path file = Files.writeString(
                    folder.resolve("relay.toml"),
                    "http_bind_addr = \"127.0.0.1:0\"\nmetrics_bind_addr = \"127.0.0.1:%d\""
                            .formatted(other.getLocalPort()));
            assertThat(run("relay", "--log-level", "warn", "-c", file.toString()))
                    .isEqualTo(2);
            assertThat(said())
                    .contains("127.0.0.1:" + other.getLocalPort())
                    .contains("another program has that port ('ss -ltnp' shows which): stop it, or change"
                            + " metrics_bind_addr");
        }
    }

    @Test
    void aVariableIsNamedInPlaceOfALine() throws Exception {
        Path file = Files.writeString(folder.resolve("relay.toml"), "access.denylist = [\"%s\"]".formatted(ID));
        assertThat(Main.run(
                        Map.of("TEAHOUSE_DRAIN_SECONDS", "5s"),
                        System.out,
                        new PrintStream(err, true, UTF_8),
                        "relay",
                        "-c",
                        file.toString()))
                .isEqualTo(2);
        assertThat(said()).contains("\nTEAHOUSE_DRAIN_SECONDS: drain_seconds: \"5s\" (expected: a whole number");
    }

    private int run(String... args) {
        return Main.run(Map.of(), System.out, new PrintStream(err, true, UTF_8), args);
    }

    private String said() {
        return err.toString(UTF_8).replace(folder + "/", "");
    }
}
