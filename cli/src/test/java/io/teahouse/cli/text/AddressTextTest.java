package io.teahouse.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTextTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1,            10.0.0.1:80",
        "::,                  [::]:80",
        "::1,                 [::1]:80",
        "1::,                 [1::]:80",
        "2001:db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]:80",
        "1:0:2:0:3:0:4:5,     [1:0:2:0:3:0:4:5]:80",
    })
    void addressesAreShort(String ip, String text) {
        assertThat(AddressText.of(new InetSocketAddress(InetAddress.ofLiteral(ip), 80)))
                .isEqualTo(text);
    }

    @Test
    void urlsLeaveOutTheUsualPort() {
        assertThat(AddressText.url("https", "relay.example", 443)).isEqualTo("https://relay.example");
        assertThat(AddressText.url("https", "relay.example", 80)).isEqualTo("https://relay.example:80");
        assertThat(AddressText.url("http", "[::1]", 80)).isEqualTo("http://[::1]");
        assertThat(AddressText.url("http", "[::1]", 443)).isEqualTo("http://[::1]:443");
    }
}
