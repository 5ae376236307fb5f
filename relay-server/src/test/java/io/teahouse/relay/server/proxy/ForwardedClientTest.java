package io.teahouse.relay.server.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who the client is, by what trusted proxies wrote, and whatever else stands before it. */
class ForwardedClientTest {
    private static final InetSocketAddress PROXY = address("10.0.0.1", 50_000);
    private static final AddressRange TRUSTED = AddressRange.of("10.0.0.0/8");
    private static final Proxies X_FORWARDED_FOR = Proxies.trusting(ClientAddressSource.X_FORWARDED_FOR, TRUSTED);
    private static final Proxies FORWARDED = Proxies.trusting(ClientAddressSource.FORWARDED, TRUSTED);

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }

    private static ForwardedClient xForwardedFor(String... lines) {
        return ForwardedClient.find(X_FORWARDED_FOR, PROXY, List.of(lines));
    }

    private static ForwardedClient forwarded(String... lines) {
        return ForwardedClient.find(FORWARDED, PROXY, List.of(lines));
    }

    private static ForwardedClient client(String ip, int port) {
        return new ForwardedClient(address(ip, port), Optional.empty());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "192.0.2.60              | 192.0.2.60   | 0",
                "192.0.2.60:4711         | 192.0.2.60   | 4711",
                "2001:db8::1             | 2001:db8::1  | 0",
                "[2001:db8::1]           | 2001:db8::1  | 0",
                "[2001:db8::1]:443       | 2001:db8::1  | 443",
                "::ffff:192.0.2.60       | 192.0.2.60   | 0",
                "1.2.3.4, 192.0.2.60     | 192.0.2.60   | 0",
                "1.2.3.4,\t192.0.2.60 ,  | 192.0.2.60   | 0",
                "garbage, 192.0.2.60     | 192.0.2.60   | 0",
                "1.2.3.4, 192.0.2.60, 10.0.0.3, 10.0.0.2:80 | 192.0.2.60 | 0"
            })
    void theLastAddressThatIsNotTrustedIsTheClient(String line, String ip, int port) {
        assertThat(xForwardedFor(line)).isEqualTo(client(ip, port));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "for=192.0.2.60                                     | 192.0.2.60  | 0",
                "For=192.0.2.60; proto=http; by=203.0.113.43        | 192.0.2.60  | 0",
                "proto=https;FOR=\"192.0.2.60:4711\"                | 192.0.2.60  | 4711",
                "for=\"[2001:db8:cafe::17]:4711\"                   | 2001:db8:cafe::17 | 4711",
                "for=\"[2001:db8:cafe::17]:_x\"                     | 2001:db8:cafe::17 | 0",
                "for=\"192\\.0.2.60\"                               | 192.0.2.60  | 0",
                "for=1.2.3.4, for=192.0.2.60;host=\"a,for=9.9.9.9\" | 192.0.2.60  | 0",
                "for=1.2.3.4, for=192.0.2.60;host=\"a;for=9.9.9.9\" | 192.0.2.60  | 0",
                "for=unknown, for=192.0.2.60, for=10.0.0.2          | 192.0.2.60  | 0"
            })
    void soItIsInForwarded(String line, String ip, int port) {
        assertThat(forwarded(line)).isEqualTo(client(ip, port));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"", "for=\"1.2.3.4", "for=\"1.2.3.4\\\"", ";;;=", "for", "for=\"a, \\"})
    void nothingThatAClientWritesHidesWhatTheProxyWritesBehindIt(String fromClient) {
        assertThat(forwarded(fromClient + ", for=192.0.2.60")).isEqualTo(client("192.0.2.60", 0));
        assertThat(forwarded(fromClient + ",for=\"[2001:db8::1]:80\"")).isEqualTo(client("2001:db8::1", 80));
        assertThat(forwarded(fromClient, "for=192.0.2.60")).isEqualTo(client("192.0.2.60", 0));
        assertThat(xForwardedFor(fromClient + ", 192.0.2.60")).isEqualTo(client("192.0.2.60", 0));
    }

    @Test
    void severalLinesAreOneList() {
        assertThat(xForwardedFor("1.2.3.4", "192.0.2.60, 10.0.0.3", "", "10.0.0.2"))
                .isEqualTo(client("192.0.2.60", 0));
        assertThat(forwarded("for=1.2.3.4", "for=192.0.2.60", "for=10.0.0.2")).isEqualTo(client("192.0.2.60", 0));
    }

    @Test
    void aChainOfTrustedAddressesBeginsAtTheClient() {
        assertThat(xForwardedFor("10.9.9.9:7, 10.0.0.3")).isEqualTo(client("10.9.9.9", 7));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unknown",
                "_hidden",
                "client.example",
                "1.2.3",
                "1.2.3.4:",
                "1.2.3.4:99999",
                "1.2.3.4:http",
                "[1.2.3.4]",
                "[::1",
                "::1]",
                "[::1]80",
                "[]",
                ":",
                "1.2.3.4 5.6.7.8",
                "2130706433",
                "0x7f.1",
                "\u0661.2.3.4"
            })
    void whatIsNoAddressEndsTheSearchAtTheLastProxyThatIsKnown(String entry) {
        var trouble = Optional.of("X-Forwarded-For without an address in its place");

        assertThat(xForwardedFor("1.2.3.4, " + entry)).isEqualTo(new ForwardedClient(PROXY, trouble));
        assertThat(xForwardedFor("1.2.3.4, " + entry + ", 10.0.0.2"))
                .isEqualTo(new ForwardedClient(address("10.0.0.2", 0), trouble));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "for=unknown",
                "for=_gazonk",
                "by=1.2.3.4",
                "for=",
                "for=\"\"",
                "for",
                "1.2.3.4",
                "for=1.2.3.4;for=1.2.3.4",
                "for=1.2.3.4;x",
                "for=\"1.2.3.4",
                "for=\"1.2.3.4\"x",
                "for=2001:db8::1:99999",
                "=",
                ";"
            })
    void soItIsInForwardedToo(String element) {
        assertThat(forwarded(element))
                .isEqualTo(new ForwardedClient(PROXY, Optional.of("Forwarded without an address in its place")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ",", " , ,,\t"})
    void aProxyThatTellsNothingCountsItself(String line) {
        assertThat(xForwardedFor(line)).isEqualTo(new ForwardedClient(PROXY, Optional.of("no X-Forwarded-For")));
        assertThat(forwarded()).isEqualTo(new ForwardedClient(PROXY, Optional.of("no Forwarded")));
    }

    @Test
    void aChainIsFollowedThrough32ProxiesAndNoFurther() {
        var proxies = Collections.nCopies(ForwardedClient.MAX_HOPS - 1, "10.0.0.2");
        var chain = String.join(", ", proxies);

        assertThat(xForwardedFor("192.0.2.60, " + chain)).isEqualTo(client("192.0.2.60", 0));
        assertThat(xForwardedFor("192.0.2.60, 10.0.0.3, " + chain))
                .isEqualTo(new ForwardedClient(
                        address("10.0.0.3", 0), Optional.of("X-Forwarded-For with more than 32 addresses")));
    }

    @Property
    void whateverStandsInFrontTheClientIsFoundBehindIt(
            @ForAll
                    @StringLength(max = 60)
                    @Chars({'"', '\\', ',', ';', '=', 'f', 'o', 'r', ' ', '.', ':', '[', ']', '1'})
                    String fromClient,
            @ForAll @IntRange(min = 0, max = 20) int proxies) {
        var hops = new ArrayList<String>();
        hops.add("192.0.2.60");
        for (int i = 0; i < proxies; i++) {
            hops.add("10.0.0." + i);
        }

        assertThat(xForwardedFor(fromClient + "," + String.join(",", hops))).isEqualTo(client("192.0.2.60", 0));
        assertThat(forwarded(fromClient + ",for=" + String.join(", for=", hops)))
                .isEqualTo(client("192.0.2.60", 0));
    }

    @Property
    void noHeaderIsTooStrange(@ForAll @StringLength(max = 80) @CharRange(from = 0, to = 255) String line) {
        assertThat(xForwardedFor(line)).isNotNull();
        assertThat(forwarded(line, line)).isNotNull();
        assertThat(forwarded("for=" + line)).isNotNull();
    }
}
