package io.teahouse.relay.server.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses are meant by a range. */
class AddressRangeTest {
    private static InetAddress ip(String text) {
        return InetAddress.ofLiteral(text);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255",
        "10.0.0.0/8, 10.0.0.0",
        "0.0.0.0/0, 192.0.2.1",
        "192.0.2.0/25, 192.0.2.127",
        "192.0.2.1, 192.0.2.1",
        "192.0.2.1/32, 192.0.2.1",
        "::1, ::1",
        "2001:db8::/33, 2001:db8:7fff::1",
        "::/0, 2001:db8::1",
        "::ffff:10.0.0.1, 10.0.0.1",
        "10.0.0.1, ::ffff:10.0.0.1"
    })
    void containsWhatBeginsAlike(String range, String address) {
        assertThat(AddressRange.of(range).contains(ip(address))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 11.0.0.0",
        "10.0.0.0/8, 9.255.255.255",
        "192.0.2.0/25, 192.0.2.128",
        "192.0.2.1, 192.0.2.2",
        "2001:db8::/33, 2001:db8:8000::",
        "0.0.0.0/0, ::1",
        "::/0, 127.0.0.1"
    })
    void containsNothingElse(String range, String address) {
        assertThat(AddressRange.of(range).contains(ip(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "10",
                "10.1",
                "10.0.0",
                "10.0.0.0.0",
                "256.0.0.1",
                "[::1]",
                ":::",
                "10.0.0.1:80",
                "/8",
                "10.0.0.0/33",
                "10.0.0.0/",
                "10.0.0.0/-1",
                "10.0.0.0/+8",
                "10.0.0.0/8/8",
                "::/129",
                "::/1000"
            })
    void whatIsNoAddressIsNoRangeAndNothingIsLookedUp(String text) {
        assertThat(AddressRange.around(text)).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AddressRange.of(text))
                .withMessage("\"%s\" (expected: an IP address, or a range such as 10.0.0.0/8)".formatted(text));
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.7/8, 10.0.0.0/8", "fd12::1/8, fd00::/8", "192.0.2.129/25, 192.0.2.128/25"})
    void anAddressWithinARangeIsNoRangeAndTheRangeIsKnown(String text, String meant) {
        assertThatIllegalArgumentException().isThrownBy(() -> AddressRange.of(text));
        assertThat(AddressRange.around(text)).hasValue(AddressRange.of(meant));
    }

    @Property
    void aRangeOfAnyLengthContainsItsFirstAddressAndIsReadAsItIsShown(
            @ForAll @Size(16) byte[] address, @ForAll @IntRange(min = 0, max = 128) int length) throws Exception {
        var bits = new java.math.BigInteger(1, address);
        var first = bits.shiftRight(128 - length).shiftLeft(128 - length);
        var bytes = new byte[16];
        var raw = first.toByteArray();
        int keep = Math.min(16, raw.length);
        System.arraycopy(raw, raw.length - keep, bytes, 16 - keep, keep);
        var start = InetAddress.getByAddress(bytes);
        if (start.getAddress().length < 16) {
            return; // IPv4 in IPv6
        }

        var range = new AddressRange(start, length);

        assertThat(range.contains(start)).isTrue();
        assertThat(range.contains(InetAddress.getByAddress(address))).isTrue();
        assertThat(AddressRange.of(range.toString())).isEqualTo(range);
    }
}
