package io.teahouse.quic;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.teahouse.core.SecretKey;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.ClientHandshake;
import io.teahouse.tls.EncryptionLevel;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Opaque;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the rest of a packet means whose beginning has changed everything. */
class FrameHandlerTest {
    private final ClientHandshake tls = new ClientHandshake(
            ClientConfig.builder(
                            PeerVerifier.endpoint(SecretKey.fromBytes(new byte[SecretKey.LENGTH])
                                    .endpointId()),
                            List.of(Opaque.ofUtf8("test")))
                    .build(),
            Opaque.EMPTY,
            new SecureRandom());

    private final Connection connection = Connection.client(
            ConnectionConfig.defaults(Instant.EPOCH),
            new ConnectionIdSource(new Random(1), new byte[ConnectionIdSource.KEY_LENGTH]),
            _ -> tls,
            Optional.empty(),
            NetworkPath.to(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 1)),
            new Random(1),
            0);

    @Test
    void framesAfterTheEndOfTheirLevelAreLeftOut() {
        var state = connection.state;
        var handler = new FrameHandler(state, new HandshakeDriver(state, tls, Optional.empty()));
        var path = state.paths.initial();
        state.discard(EncryptionLevel.HANDSHAKE);

        assertThatCode(() -> handler.handle(
                        new ConnectionFrame.Crypto(0, ByteBuffer.allocate(5)),
                        EncryptionLevel.HANDSHAKE,
                        path,
                        path.network(),
                        0))
                .doesNotThrowAnyException();
    }
}
