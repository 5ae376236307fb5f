package io.teahouse.relay.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.teahouse.relay.server.RelayServerConfig.Timeouts;
import io.teahouse.relay.server.forwarding.ServerLoop;
import io.teahouse.relay.server.proxy.AddressRange;
import io.teahouse.relay.server.proxy.ClientAddressSource;
import io.teahouse.relay.server.proxy.Proxies;
import io.teahouse.relay.server.time.MonotonicClock;
import io.teahouse.relay.server.tls.TlsSession;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a connection's pipeline is left behind a header of the PROXY protocol. */
class ProxyHeaderTest {
    private static final Proxies PROXIES =
            Proxies.trusting(ClientAddressSource.PROXY_PROTOCOL, AddressRange.of("10.0.0.0/8"));

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 'PROXY TCP4 192.0.2.7 203.0.113.1 4711 443\r\n'",
        "10.0.0.1, 'PROXY UNKNOWN\r\n'",
        "192.0.2.7, ''"
    })
    void nothingIsLeftAndNothingBehindTheHeaderIsLost(String peer, String header) {
        var channel = new EmbeddedChannel();
        var before = channel.pipeline().names();
        var clients = new Clients(PROXIES, 1);
        var loop = new ServerLoop(channel.eventLoop(), new MonotonicClock());
        var setting = new HttpConnection.Setting(
                new CaptivePortal(_ -> Optional.empty()),
                null,
                clients,
                Timeouts.DEFAULT,
                new HttpDate(Clock.systemUTC()),
                false);
        var connection = new HttpConnection(setting, loop, TlsSession.NONE);
        ProxyHeader.await(
                channel.pipeline(), new InetSocketAddress(InetAddress.ofLiteral(peer), 1), clients, connection, loop);
        assertThat(channel.pipeline().names()).hasSizeGreaterThan(before.size());

        for (var part : List.of(header, "GET / HT", "TP/1.1\r\n")) {
            channel.writeInbound(Unpooled.copiedBuffer(part, US_ASCII));
        }

        assertThat(channel.pipeline().names()).isEqualTo(before);
        var passed = new StringBuilder();
        for (ByteBuf bytes; (bytes = channel.readInbound()) != null; ) {
            passed.append(bytes.toString(US_ASCII));
            bytes.release();
        }
        assertThat(passed).hasToString("GET / HTTP/1.1\r\n");
        channel.finishAndReleaseAll();
    }
}
