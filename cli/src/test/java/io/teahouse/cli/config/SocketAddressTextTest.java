package io.teahouse.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SocketAddressTextTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0:80,           0.0.0.0,      80",
        "255.10.0.1:0,         255.10.0.1,   0",
        "127.0.0.1:65535,      127.0.0.1,    65535",
        "[::]:3340,            ::,           3340",
        "[2001:DB8::1]:443,    2001:db8::1,  443",
        "[::ffff:10.0.0.1]:80, 10.0.0.1,     80",
        "127.0.0.1:00080,      127.0.0.1,    80",
    })
    void addressesWithPortsAreRead(String text, String ip, int port) {
        assertThat(SocketAddressText.parse(text)).contains(new InetSocketAddress(InetAddress.ofLiteral(ip), port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":80",
                "80",
                "127.0.0.1",
                "127.0.0.1:",
                "127.0.0.1:65536",
                "127.0.0.1:-1",
                "127.0.0.1:080808",
                " 127.0.0.1:80",
                "127.1:80",
                "2130706433:80",
                "127.0.0.01:80",
                "127.0.0.256:80",
                "::1:80",
                "[::1]",
                "[127.0.0.1]:80",
                "[::1]80",
                "[::g]:80",
                "[1:2]:80",
                "localhost:80",
                "http://127.0.0.1:80",
                "127.0.0.1:٨٠"
            })
    void everythingElseIsRefused(String text) {
        assertThat(SocketAddressText.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "127.0.0.1         | with its usual port write \"127.0.0.1:80\"",
                "[::]              | with its usual port write \"[::]:80\"",
                "::1               | with its usual port write \"[::1]:80\"",
                ":8080             | for all addresses write \"[::]:8080\"",
                "*:8080            | for all addresses write \"[::]:8080\"",
                "localhost         | names are not looked up; write \"127.0.0.1:80\"",
                "localhost:8080    | names are not looked up; write \"127.0.0.1:8080\"",
                "relay.example:443 | names are not looked up; write the address",
                "10.0.0.1:70000    | ports go up to 65535",
            })
    void adviceGuessesWhatWasMeant(String text, String advice) {
        assertThat(SocketAddressText.advice(text, 80)).isEqualTo(advice);
    }
}
