package io.teahouse.relay.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who counts as one where connections of each address are limited. */
class SourceAddressTest {
    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "255.255.255.255, 127.255.255.255, false",
        "::ffff:192.0.2.1, 192.0.2.1, true",
        "2001:db8::1, 2001:db8::ffff:ffff:ffff:ffff, true",
        "2001:db8::1, 2001:db8:0:1::1, false",
        "::c000:201, 192.0.2.1, false"
    })
    void anAddressOrANetwork(String one, String other, boolean same) {
        assertThat(SourceAddress.of(InetAddress.ofLiteral(one)).equals(SourceAddress.of(InetAddress.ofLiteral(other))))
                .isEqualTo(same);
    }
}
