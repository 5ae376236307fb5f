package io.teahouse.quic.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.TrafficSecret;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Two sides that replace their keys, over two paths, with packets that come late. */
class OneRttKeysTest {
    private static final long KEEP_NANOS = 300;
    private static final int HEADER = 9;
    private static final int PAYLOAD = 20;

    private final TrafficSecret clientSecret = secret(1);
    private final TrafficSecret serverSecret = secret(2);
    private final OneRttKeys client = new OneRttKeys(clientSecret, serverSecret);
    private final OneRttKeys server = new OneRttKeys(serverSecret, clientSecret);
    private long nowNanos;

    private static TrafficSecret secret(int filling) {
        var bytes = new byte[32];
        bytes[0] = (byte) filling;
        return new TrafficSecret(CipherSuite.CHACHA20_POLY1305_SHA256, bytes);
    }

    private record Packet(ByteBuffer bytes, int keyPhase, long pathId, long number) {}

    private static Packet seal(OneRttKeys keys, long pathId, long number) {
        var bytes = new byte[HEADER + PAYLOAD + PacketSealer.TAG_LENGTH];
        int phase = keys.sealingPhase();
        keys.sealerFor(pathId, number).seal(bytes, 0, HEADER, HEADER + PAYLOAD, pathId, number);
        return new Packet(ByteBuffer.wrap(bytes), phase, pathId, number);
    }

    private boolean opens(OneRttKeys keys, Packet packet) throws TransportException {
        byte[] copy = packet.bytes().array().clone();
        int length = keys.open(
                copy,
                0,
                HEADER,
                copy.length,
                packet.keyPhase(),
                packet.pathId(),
                packet.number(),
                nowNanos,
                KEEP_NANOS);
        assertThat(length).isIn(PAYLOAD, PacketOpener.FORGED);
        return length == PAYLOAD;
    }

    /** Lets the client see an acknowledgement of a packet of its present keys. */
    private void acknowledge(OneRttKeys sender, OneRttKeys receiver, long number) throws TransportException {
        assertThat(opens(receiver, seal(sender, 0, number))).isTrue();
        assertThat(opens(sender, seal(receiver, 0, number))).isTrue();
        sender.onAcknowledged(0, number);
    }

    @Test
    void bothSidesHaveNewKeysOnceOneOfThemWantsThem() throws TransportException {
        acknowledge(client, server, 0);

        client.update(nowNanos);

        var first = seal(client, 0, 1);
        assertThat(first.keyPhase()).isOne();
        assertThat(server.sealingPhase()).isZero();
        assertThat(opens(server, first)).isTrue();
        assertThat(server.sealingPhase()).isOne();
        assertThat(opens(client, seal(server, 0, 1))).isTrue();
    }

    @Test
    void updatesFollowEachOther() throws TransportException {
        for (int round = 0; round < 5; round++) {
            acknowledge(client, server, 2L * round);
            client.update(nowNanos);
            acknowledge(client, server, 2L * round + 1);
            nowNanos += KEEP_NANOS;
        }

        assertThat(client.sealingPhase()).isOne();
        assertThat(server.sealingPhase()).isOne();
    }

    @Test
    void noUpdateIsFollowedByAnotherBeforeThePeerHasSeenIt() throws TransportException {
        assertThat(client.mayUpdate(nowNanos)).isFalse();
        acknowledge(client, server, 0);
        client.update(nowNanos);

        assertThat(client.mayUpdate(nowNanos)).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> client.update(nowNanos));
        acknowledge(client, server, 1);
        assertThat(client.mayUpdate(nowNanos + KEEP_NANOS - 1)).isFalse();
        assertThat(client.mayUpdate(nowNanos + KEEP_NANOS)).isTrue();
    }

    @Test
    void packetsThatComeLateAreOpenedWithTheKeysOfBeforeForAWhile() throws TransportException {
        acknowledge(client, server, 0);
        var late = seal(client, 0, 1);
        var later = seal(client, 0, 2);
        client.update(nowNanos);
        assertThat(opens(server, seal(client, 0, 3))).isTrue();

        nowNanos += KEEP_NANOS - 1;
        assertThat(opens(server, late)).isTrue();
        nowNanos += 1;
        assertThat(opens(server, later)).isFalse();
    }

    @Test
    void anUpdateShowsOnAnyPathAndPacketsOfBeforeComeOnAnyOther() throws TransportException {
        acknowledge(client, server, 0);
        var lateOnPath1 = seal(client, 1, 50);
        client.update(nowNanos);

        assertThat(opens(server, seal(client, 2, 0))).isTrue();
        assertThat(opens(server, lateOnPath1)).isTrue();
        assertThat(opens(server, seal(client, 1, 51))).isTrue();
        assertThat(opens(server, seal(client, 0, 1))).isTrue();
    }

    @Test
    void aPeerThatUpdatesAgainSoonIsUnderstoodByItsNumbers() throws TransportException {
        acknowledge(client, server, 0);
        client.update(nowNanos);
        assertThat(opens(server, seal(client, 0, 5))).isTrue();

        // Nothing but the number tells that this is not a late packet with the keys of before.
        var impatient = PacketKeys.sealer(clientSecret.next().next());
        var bytes = new byte[HEADER + PAYLOAD + PacketSealer.TAG_LENGTH];
        impatient.seal(bytes, 0, HEADER, HEADER + PAYLOAD, 0, 6);

        assertThat(opens(server, new Packet(ByteBuffer.wrap(bytes), 0, 0, 6))).isTrue();
    }

    @Test
    void aForgedPacketChangesNothing() throws TransportException {
        acknowledge(client, server, 0);
        var forged = seal(client, 0, 1);
        forged.bytes().array()[HEADER] ^= 1;

        assertThat(opens(server, forged)).isFalse();
        assertThat(opens(server, new Packet(forged.bytes(), 1, 0, 1))).isFalse();

        assertThat(server.sealingPhase()).isZero();
        assertThat(opens(server, seal(client, 0, 2))).isTrue();
    }

    @Test
    void whoSeesNewKeysAndAnswersWithOldOnesBreaksTheRules() throws TransportException {
        acknowledge(client, server, 0);
        var answerWithOldKeys = seal(server, 0, 1);
        client.update(nowNanos);
        seal(client, 0, 1);
        assertThat(opens(client, answerWithOldKeys)).isTrue();

        client.onAcknowledged(0, 0);
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> client.onAcknowledged(0, 1))
                .matches(e -> e.code() == TransportError.KEY_UPDATE_ERROR.code());
    }

    @Test
    void aPathThatIsForgottenStartsAnew() throws TransportException {
        acknowledge(client, server, 0);

        client.forgetPath(0);
        client.onAcknowledged(0, 0);

        assertThat(opens(server, seal(client, 0, 1))).isTrue();
    }

    @Test
    void keysAreCountedDown() {
        var aes = new TrafficSecret(CipherSuite.AES_128_GCM_SHA256, new byte[32]);
        var keys = new OneRttKeys(aes, aes);
        long before = keys.remainingToSeal();

        seal(keys, 0, 0);

        assertThat(before).isEqualTo(1 << 23);
        assertThat(keys.remainingToSeal()).isEqualTo(before - 1);
    }

    @Test
    void secretsDoNotShow() {
        assertThat(clientSecret).hasToString("traffic secret for CHACHA20_POLY1305_SHA256");
    }
}
