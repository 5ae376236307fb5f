package io.teahouse.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.core.TransportAddress.Custom;
import io.teahouse.core.TransportAddress.Ip;
import io.teahouse.core.TransportAddress.Relay;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTest {
    private static final EndpointId ID =
            SecretKey.fromBytes(new byte[SecretKey.LENGTH]).endpointId();

    @Test
    void addressesAreOrderedByKindAndThenByContent() throws FormatException {
        List<TransportAddress> ordered = List.of(
                relay("http://b.example"),
                relay("https://a.example"),
                relay("https://b.example"),
                ip("10.0.0.1", 70),
                ip("10.0.0.1", 700),
                ip("192.0.2.9", 9),
                ip("::1", 5),
                ip("2001:db8::1", 1),
                ip("fe80::1", 1),
                new Custom(1, new byte[] {2}),
                new Custom(1, new byte[] {2, 0}),
                new Custom(1, new byte[] {(byte) 0xff}),
                new Custom(2, new byte[0]),
                new Custom(-1, new byte[0]));

        var shuffled = new ArrayList<>(ordered);
        Collections.shuffle(shuffled, new Random(1));

        assertThat(EndpointAddress.of(ID, shuffled.toArray(TransportAddress[]::new))
                        .addresses())
                .containsExactlyElementsOf(ordered);
    }

    @Test
    void orderIsEqualityAndHasTwoSides() throws FormatException {
        List<TransportAddress> some = List.of(
                relay("https://a.example"),
                relay("https://b.example"),
                ip("10.0.0.1", 1),
                ip("::1", 1),
                new Custom(1, new byte[0]),
                new Custom(1, new byte[1]),
                new Custom(1, new byte[1]));
        for (TransportAddress left : some) {
            for (TransportAddress right : some) {
                assertThat(left.compareTo(right) == 0).isEqualTo(left.equals(right));
                assertThat(Integer.signum(left.compareTo(right))).isEqualTo(-Integer.signum(right.compareTo(left)));
                if (left.equals(right)) {
                    assertThat(left).hasSameHashCodeAs(right);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.3.4,              ip:1.2.3.4:5",
        "2001:db8:0:0:0:0:0:7, ip:[2001:db8::7]:5",
        "0:0:0:0:0:0:0:0,      ip:[::]:5",
        "1:0:0:0:0:0:0:0,      ip:[1::]:5",
        "0:0:0:0:0:0:0:1,      ip:[::1]:5",
        "1:0:2:3:4:5:6:7,      ip:[1:0:2:3:4:5:6:7]:5",
        "1:0:0:2:0:0:0:3,      ip:[1:0:0:2::3]:5",
        "1:0:0:2:3:0:0:4,      ip:[1::2:3:0:0:4]:5",
    })
    void ipAddressesAreWrittenCompressed(String address, String text) {
        assertThat(ip(address, 5)).hasToString(text);
    }

    @Test
    void relaysAndCustomAddressesAreWrittenBehindTheirKind() throws FormatException {
        assertThat(relay("https://relay.example")).hasToString("relay:https://relay.example/");
        assertThat(new Custom(0x20, new byte[] {1, 2, 3})).hasToString("custom:20_010203");
        assertThat(new Custom(-1, new byte[0])).hasToString("custom:ffffffffffffffff_");
    }

    @Test
    void anIpAddressHasNeitherHostNameNorScope() throws UnknownHostException {
        byte[] linkLocal = InetAddress.ofLiteral("fe80::1").getAddress();
        var scoped = new InetSocketAddress(Inet6Address.getByAddress(null, linkLocal, 2), 1);
        var named = new InetSocketAddress(InetAddress.getByAddress("name.example", new byte[] {1, 2, 3, 4}), 5);

        assertThat(new Ip(scoped).socketAddress().toString()).doesNotContain("%");
        assertThat(new Ip(named).socketAddress().toString()).isEqualTo("/1.2.3.4:5");
        assertThat(new Ip(named)).isEqualTo(ip("1.2.3.4", 5));
    }

    @Test
    void anIpv4AddressInIpv6StaysWhatItIs() throws UnknownHostException {
        var mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        mapped[15] = 1;
        var address = new Ip(new InetSocketAddress(Inet6Address.getByAddress(null, mapped, -1), 5));

        assertThat(address.socketAddress().getAddress().getAddress()).isEqualTo(mapped);
        assertThat(address).isNotEqualTo(ip("0.0.0.1", 5)).isGreaterThan(ip("255.255.255.255", 65535));
    }

    @Test
    void anUnresolvedAddressIsTheCallersMistake() {
        assertThatThrownBy(() -> new Ip(InetSocketAddress.createUnresolved("name.example", 5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: resolved");
    }

    @Test
    void anEndpointAddressCannotBeChanged() throws FormatException {
        var address = EndpointAddress.of(ID, ip("10.0.0.1", 1), relay("https://a.example"), ip("10.0.0.1", 1));
        var data = new byte[] {1};
        var custom = new Custom(1, data);
        data[0] = 2;
        custom.data()[0] = 2;

        assertThat(address.addresses()).hasSize(2);
        assertThat(address.relays()).containsExactly(RelayUrl.parse("https://a.example"));
        assertThat(address).isEqualTo(EndpointAddress.of(ID, relay("https://a.example"), ip("10.0.0.1", 1)));
        assertThatThrownBy(() -> address.addresses().clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThat(custom.data()).containsExactly(1);
    }

    private static Relay relay(String url) throws FormatException {
        return new Relay(RelayUrl.parse(url));
    }

    private static Ip ip(String address, int port) {
        return new Ip(new InetSocketAddress(InetAddress.ofLiteral(address), port));
    }
}
