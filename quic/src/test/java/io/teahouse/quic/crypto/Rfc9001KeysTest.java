package io.teahouse.quic.crypto;

import static io.teahouse.quic.Vectors.RFC_9001;
import static io.teahouse.quic.Vectors.bytes;
import static io.teahouse.quic.Vectors.hex;
import static io.teahouse.quic.Vectors.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.Hkdf;
import io.teahouse.tls.schedule.TrafficSecret;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every intermediate value of RFC 9001, appendix A, and of the same with path ids. */
class Rfc9001KeysTest {
    private static final JsonObject INITIAL_KEYS = RFC_9001.getAsJsonObject("initial_keys");
    private static final ConnectionId CLIENT_DCID = ConnectionId.of(bytes(INITIAL_KEYS, "client_dcid"));

    @Test
    void initialSecretFollowsFromTheClientsFirstConnectionId() {
        assertThat(hex(InitialSecrets.initialSecret(CLIENT_DCID))).isEqualTo(text(INITIAL_KEYS, "initial_secret"));
    }

    @Test
    void labelsAreThoseOfTls() {
        INITIAL_KEYS.getAsJsonObject("hkdf_label_bytes").asMap().forEach((label, expected) -> {
            int length = ByteBuffer.wrap(hex(expected.getAsString())).getShort();

            assertThat(hex(Hkdf.label(label, new byte[0], length))).as(label).isEqualTo(expected.getAsString());
        });
    }

    @ParameterizedTest
    @EnumSource
    void initialKeysOfBothSides(Role role) {
        var expected = INITIAL_KEYS.getAsJsonObject(role.name().toLowerCase(Locale.ROOT));

        var secret = InitialSecrets.of(role, CLIENT_DCID);

        assertThat(secret).isEqualTo(new TrafficSecret(CipherSuite.AES_128_GCM_SHA256, bytes(expected, "secret")));
        assertKeys(secret, expected);
        assertThat(secret.next()).isEqualTo(new TrafficSecret(secret.suite(), bytes(expected, "ku")));
    }

    static List<JsonObject> oneRttPackets() {
        return RFC_9001.getAsJsonArray("multipath_1rtt").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("oneRttPackets")
    void oneRttKeysOfEverySuiteBeforeAndAfterAnUpdate(JsonObject packet) {
        var suite = CipherSuite.of(packet.get("cipher_id").getAsInt()).orElseThrow();
        var secret = new TrafficSecret(suite, bytes(packet, "secret"));

        assertKeys(secret, packet);
        if (packet.has("after_one_key_update")) {
            var after = packet.getAsJsonObject("after_one_key_update");
            assertThat(secret.next()).isEqualTo(new TrafficSecret(suite, bytes(after, "secret")));
            assertThat(hex(PacketKeys.key(secret.next()))).isEqualTo(text(after, "key"));
            assertThat(hex(PacketKeys.iv(secret.next()))).isEqualTo(text(after, "iv"));
        }
    }

    @ParameterizedTest
    @MethodSource("oneRttPackets")
    void headerMaskOfEverySuite(JsonObject packet) {
        var suite = CipherSuite.of(packet.get("cipher_id").getAsInt()).orElseThrow();
        var protection = PacketKeys.headerProtection(new TrafficSecret(suite, bytes(packet, "secret")));
        byte[] sample = bytes(packet, "sample");

        // Twice: a datagram may well arrive twice in a row.
        for (int time = 0; time < 2; time++) {
            assertThat(protection.mask(sample, 0)).isEqualTo(Long.parseLong(text(packet, "mask"), 16));
        }
    }

    @Test
    void nonceHasPathAndPacketNumberInIt() {
        for (JsonElement element : RFC_9001.getAsJsonArray("multipath_nonce")) {
            var one = element.getAsJsonObject();
            var cipher = new PacketCipher(CipherSuite.AES_128_GCM_SHA256, 1, new byte[16], bytes(one, "iv"));

            byte[] nonce = cipher.nonce(
                    one.get("path_id").getAsLong(), one.get("packet_number").getAsLong());

            assertThat(hex(nonce)).isEqualTo(text(one, "nonce"));
        }
    }

    @Test
    void retryTagIsTheOneOfTheAppendix() {
        var retry = RFC_9001.getAsJsonObject("retry");
        var originalDestination = ConnectionId.of(bytes(retry, "original_dcid"));
        var untagged = ByteBuffer.wrap(bytes(retry, "retry_without_tag"));
        byte[] tag = bytes(retry, "tag");

        assertThat(RetryIntegrity.tag(originalDestination, untagged)).isEqualTo(tag);
        assertThat(RetryIntegrity.isGenuine(originalDestination, untagged, tag)).isTrue();
        assertThat(RetryIntegrity.isGenuine(ConnectionId.EMPTY, untagged, tag)).isFalse();
        assertThat(untagged.position()).isZero();
    }

    private static void assertKeys(TrafficSecret secret, JsonObject expected) {
        assertThat(hex(PacketKeys.key(secret))).isEqualTo(text(expected, "key"));
        assertThat(hex(PacketKeys.iv(secret))).isEqualTo(text(expected, "iv"));
        int hpLength = text(expected, "hp").length() / 2;
        assertThat(hex(secret.expand("quic hp", hpLength))).isEqualTo(text(expected, "hp"));
    }
}
