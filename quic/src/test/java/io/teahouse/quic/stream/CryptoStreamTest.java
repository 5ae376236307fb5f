package io.teahouse.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.FrameDecoder;
import io.teahouse.quic.frame.FrameRules;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CryptoStreamTest {
    private static final FrameRules INITIAL = new FrameRules(EncryptionLevel.INITIAL, Role.CLIENT, Set.of());

    private final CryptoStream sender = new CryptoStream();
    private final CryptoStream receiver = new CryptoStream();

    private static ConnectionFrame.Crypto crypto(long offset, int length) {
        return new ConnectionFrame.Crypto(offset, ByteBuffer.allocate(length));
    }

    @Test
    void messagesArriveInPieces() throws TransportException {
        var messages = new byte[5000];
        new Random(1).nextBytes(messages);
        sender.write(ByteBuffer.wrap(messages));
        var read = ByteBuffer.allocate(messages.length);
        var lost = new Random(2);
        while (read.hasRemaining()) {
            var out = ByteBuffer.allocate(300);
            var piece = sender.send(out).orElseThrow();
            if (lost.nextInt(3) == 0) {
                sender.onLost(piece);
            } else {
                sender.onAcknowledged(piece);
                receiver.onFrame((ConnectionFrame.Crypto) FrameDecoder.decode(out.flip(), INITIAL));
                read.put(receiver.read());
            }
        }

        assertThat(read.array()).isEqualTo(messages);
        assertThat(sender.hasSomethingToSend()).isFalse();
        assertThat(sender.send(ByteBuffer.allocate(100))).isEmpty();
    }

    @Test
    void withoutRoomNothingIsSent() {
        sender.write(ByteBuffer.allocate(10));

        for (int room = 0; room < 4; room++) {
            assertThat(sender.send(ByteBuffer.allocate(room))).isEmpty();
        }
        assertThat(sender.hasSomethingToSend()).isTrue();
    }

    @Test
    void afterARetryAllIsSentAgain() {
        sender.write(ByteBuffer.allocate(100));
        var piece = sender.send(ByteBuffer.allocate(200)).orElseThrow();

        sender.onRetry();

        assertThat(sender.send(ByteBuffer.allocate(200))).contains(piece);
    }

    @Test
    void onlySoMuchIsKeptAheadOfWhatWasRead() throws TransportException {
        receiver.onFrame(crypto(CryptoStream.MAX_AHEAD - 10, 10));

        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> receiver.onFrame(crypto(CryptoStream.MAX_AHEAD, 1)))
                .matches(e -> e.code() == TransportError.CRYPTO_BUFFER_EXCEEDED.code());
        receiver.onFrame(crypto(0, 100));
        receiver.read();
        receiver.onFrame(crypto(CryptoStream.MAX_AHEAD, 100));
    }

    @Test
    void manySmallPiecesAreRefused() {
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> {
                    for (int piece = 1; piece < 100; piece++) {
                        receiver.onFrame(crypto(2L * piece, 1));
                    }
                })
                .matches(e -> e.code() == TransportError.CRYPTO_BUFFER_EXCEEDED.code());
    }
}
