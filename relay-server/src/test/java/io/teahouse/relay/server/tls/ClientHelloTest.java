package io.teahouse.relay.server.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The first message of real TLS clients, and what is left of it when somebody has spoilt it. */
class ClientHelloTest {
    private static final int RECORD_HEADER = 5;
    private static final int MESSAGE_HEADER = 4;

    @Test
    void nameAndProtocolsAreRead() throws Exception {
        assertThat(ClientHello.parse(hello("Relay.Example", "acme-tls/1")))
                .contains(new ClientHello("relay.example", List.of("acme-tls/1")));
        assertThat(ClientHello.parse(hello("relay.example", "h2", "http/1.1")))
                .contains(new ClientHello("relay.example", List.of("h2", "http/1.1")));
        assertThat(ClientHello.parse(hello("relay.example"))).contains(new ClientHello("relay.example", List.of()));
    }

    @Test
    void aMessageThatIsCutAnywhereIsUnderstoodAsFarOrNotAtAll() throws Exception {
        var whole = hello("relay.example", "acme-tls/1");
        for (int length = 0; length < whole.readableBytes(); length++) {
            assertThat(ClientHello.parse(whole.slice(0, length)))
                    .satisfiesAnyOf(
                            found -> assertThat(found).isEmpty(),
                            found -> assertThat(found).contains(new ClientHello("", List.of())));
        }
    }

    @Property(tries = 2000)
    void noByteThatIsWrongDoesMoreThanChangeTheAnswer(@ForAll @IntRange(min = 34, max = 300) int at, @ForAll byte wrong)
            throws Exception {
        var spoilt = hello("relay.example", "acme-tls/1").copy();
        spoilt.setByte(Math.min(at, spoilt.readableBytes() - 1), wrong);

        assertThat(ClientHello.parse(spoilt)).isInstanceOf(Optional.class);
        assertThat(spoilt.readerIndex()).isZero();
    }

    @Property
    void anyBytesMayCome(@ForAll @Size(max = 300) byte[] bytes) {
        assertThat(ClientHello.parse(Unpooled.wrappedBuffer(bytes))).isInstanceOf(Optional.class);
    }

    /** Returns the body of what the JDK's engine says first. */
    private static ByteBuf hello(String name, String... protocols) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine(name, 443);
        engine.setUseClientMode(true);
        var parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        var record = ByteBuffer.allocate(32 * 1024);
        engine.wrap(ByteBuffer.allocate(0), record);
        record.flip().position(RECORD_HEADER + MESSAGE_HEADER);
        return Unpooled.wrappedBuffer(record.slice());
    }
}
