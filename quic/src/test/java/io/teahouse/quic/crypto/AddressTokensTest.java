package io.teahouse.quic.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.teahouse.quic.wire.ConnectionId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTokensTest {
    private static final InetSocketAddress CLIENT = address("192.0.2.1", 7001);
    private static final ConnectionId ORIGINAL = ConnectionId.of(new byte[20]);
    private static final ConnectionId RETRY = ConnectionId.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    private static final byte[] NONCE = new byte[AddressTokens.NONCE_LENGTH];
    private static final long NOW = 1_800_000_000_000L;

    private final AddressTokens tokens = new AddressTokens(new byte[AddressTokens.KEY_LENGTH]);

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }

    private byte[] retry() {
        return tokens.forRetry(CLIENT, ORIGINAL, RETRY, NOW, NONCE);
    }

    private byte[] later() {
        return tokens.forLater(CLIENT.getAddress(), NOW, NONCE);
    }

    private void assertWorthless(byte[] token, InetSocketAddress client, long nowMillis) {
        assertThat(tokens.read(ByteBuffer.wrap(token), client, nowMillis)).isEmpty();
    }

    @Test
    void aRetryTokenProvesWhereTheClientBegan() {
        assertThat(tokens.read(ByteBuffer.wrap(retry()), CLIENT, NOW + 15_000))
                .contains(new AddressTokens.Proof.Retried(ORIGINAL, RETRY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "2001:db8::1"})
    void aTokenForLaterProvesTheAddressWhateverThePort(String ip) {
        var token = tokens.forLater(InetAddress.ofLiteral(ip), NOW, NONCE);

        assertThat(tokens.read(ByteBuffer.wrap(token), address(ip, 9), NOW + 14L * 86_400_000))
                .contains(new AddressTokens.Proof.KnownAddress());
    }

    @Test
    void aTokenIsWorthNothingFromElsewhereOrTooLateOrTooEarly() {
        assertWorthless(retry(), address("192.0.2.2", 7001), NOW);
        assertWorthless(retry(), address("192.0.2.1", 7002), NOW);
        assertWorthless(retry(), address("2001:db8::1", 7001), NOW);
        assertWorthless(retry(), CLIENT, NOW + 15_001);
        assertWorthless(retry(), CLIENT, NOW - 1);
        assertWorthless(later(), address("192.0.2.2", 7001), NOW);
        assertWorthless(later(), CLIENT, NOW + 14L * 86_400_000 + 1);
    }

    @Test
    void aTokenOfAnotherKeyIsWorthNothing() {
        var otherKey = new byte[AddressTokens.KEY_LENGTH];
        otherKey[0] = 1;

        assertWorthless(new AddressTokens(otherKey).forLater(CLIENT.getAddress(), NOW, NONCE), CLIENT, NOW);
    }

    @Property(tries = 300)
    void whateverIsChangedItIsWorthNothing(@ForAll @IntRange(max = 10_000) int place) {
        byte[] token = retry();
        token[place % token.length] ^= (byte) (1 << place % 8);

        assertWorthless(token, CLIENT, NOW);
    }

    @Property(tries = 300)
    void anyBytesAreWorthNothing(@ForAll @Size(max = 300) byte[] token) {
        assertWorthless(token, CLIENT, NOW);
    }

    @Test
    void readingATokenLeavesItAsItIs() {
        var token = ByteBuffer.wrap(retry());

        tokens.read(token, CLIENT, NOW);

        assertThat(token.remaining()).isEqualTo(retry().length);
    }

    @Test
    void aKeyHasThirtyTwoBytes() {
        assertThatIllegalArgumentException().isThrownBy(() -> new AddressTokens(new byte[16]));
    }
}
