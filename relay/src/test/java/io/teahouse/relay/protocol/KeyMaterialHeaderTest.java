package io.teahouse.relay.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonObject;
import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Proof by TLS keying material, against the section {@code key_material_header} of the vectors. */
class KeyMaterialHeaderTest {
    private static final JsonObject VECTORS = Vectors.section("key_material_header");
    private static final SecretKey KEY = Vectors.secretKey("2a".repeat(32));
    private static final EndpointId ENDPOINT_ID = KEY.endpointId();
    private static final byte[] MATERIAL = Vectors.bytes(one(0), "exporter_output");
    private static final String HEADER = Vectors.string(one(0), "header_value");

    @Test
    void labelLengthAndNameAreThoseOfTheVectors() {
        assertThat(KeyMaterialExporter.LABEL).isEqualTo(Vectors.string(VECTORS, "exporter_label"));
        assertThat(KeyMaterialExporter.HEADER_NAME).isEqualTo(Vectors.string(VECTORS, "header_name"));
        assertThat(KeyMaterialExporter.LENGTH)
                .isEqualTo(VECTORS.get("exporter_length").getAsInt());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theClientMakesTheHeaderOfTheVector(JsonObject vector) {
        assertThat(new ClientHandshake(KEY).start(exporterOf(Vectors.bytes(vector, "exporter_output"))))
                .contains(Vectors.string(vector, "header_value"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theRelayTakesTheHeaderOfTheVector(JsonObject vector) {
        assertThat(start(Vectors.string(vector, "header_value"), exporterOf(Vectors.bytes(vector, "exporter_output"))))
                .isEqualTo(new ServerHandshake.Step.Authenticated(ENDPOINT_ID, ServerHandshake.Method.KEY_MATERIAL));
    }

    @Test
    void bytesBehindTheStructAreIgnored() {
        byte[] struct = Base64.getUrlDecoder().decode(HEADER);

        for (int extra = 1; extra <= 3; extra++) {
            assertThat(start(encode(Arrays.copyOf(struct, struct.length + extra)), exporterOf(MATERIAL)))
                    .isInstanceOf(ServerHandshake.Step.Authenticated.class);
        }
    }

    @Test
    void aClientWithoutKeyMaterialSendsNoHeader() {
        assertThat(new ClientHandshake(KEY).start(KeyMaterialExporter.NONE)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("headersThatProveNothing")
    void theRelayChallengesInsteadOfTaking(String header) {
        assertThat(start(header, exporterOf(MATERIAL))).isInstanceOf(ServerHandshake.Step.SendChallenge.class);
    }

    @Test
    void theRelayChallengesIfItHasNoKeyMaterial() {
        assertThat(start(HEADER, KeyMaterialExporter.NONE)).isInstanceOf(ServerHandshake.Step.SendChallenge.class);
    }

    @Test
    void theRelayChallengesIfItsSessionDiffersInEitherHalfOfTheMaterial() {
        for (int index = 0; index < MATERIAL.length; index++) {
            byte[] other = MATERIAL.clone();
            other[index] ^= 1;

            assertThat(start(HEADER, exporterOf(other))).isInstanceOf(ServerHandshake.Step.SendChallenge.class);
        }
    }

    @Test
    void anExporterOfAnotherLengthIsABugOfOurs() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> start(HEADER, _ -> Optional.of(new byte[31])))
                .withMessage("exported: 31 bytes (expected: 32)");
    }

    static List<Named<JsonObject>> cases() {
        return Vectors.cases(VECTORS.get("cases"));
    }

    static List<Named<String>> headersThatProveNothing() {
        byte[] struct = Base64.getUrlDecoder().decode(HEADER);
        return List.of(
                Named.of("nothing", ""),
                Named.of("not base64", "?".repeat(151)),
                Named.of("characters above ASCII", "\u20ac".repeat(151)),
                Named.of("padding", HEADER + "="),
                Named.of("standard alphabet", HEADER.replace('-', '+').replace('_', '/')),
                Named.of("stray last bits", HEADER.substring(0, 150) + (char) (HEADER.charAt(150) + 1)),
                Named.of("one byte short", encode(Arrays.copyOf(struct, struct.length - 1))),
                Named.of("key alone", encode(Arrays.copyOf(struct, 32))),
                Named.of("key cut", encode(Arrays.copyOf(struct, 31))),
                Named.of("signature length 63", encode(with(struct, 32, 63))),
                Named.of("signature length that does not end", encode(with(struct, 32, 0xff))),
                Named.of("key not a point", encode(notAPoint(struct))),
                Named.of("another key", encode(anotherKey(struct))),
                Named.of("R changed", encode(with(struct, 33, struct[33] ^ 1))),
                Named.of("S changed", encode(with(struct, 65, struct[65] ^ 1))),
                Named.of("suffix changed", encode(with(struct, 112, struct[112] ^ 1))));
    }

    private static byte[] with(byte[] struct, int index, int value) {
        byte[] changed = struct.clone();
        changed[index] = (byte) value;
        return changed;
    }

    private static byte[] notAPoint(byte[] struct) {
        byte[] changed = struct.clone();
        System.arraycopy(Vectors.hex("02" + "00".repeat(31)), 0, changed, 0, 32);
        return changed;
    }

    private static byte[] anotherKey(byte[] struct) {
        byte[] changed = struct.clone();
        Vectors.secretKey("01".repeat(32)).endpointId().writeTo(changed, 0);
        return changed;
    }

    private static String encode(byte[] struct) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(struct);
    }

    /** Exports the material for the context of the vectors, other bytes for any other. */
    private static KeyMaterialExporter exporterOf(byte[] material) {
        byte[] expected = Vectors.bytes(VECTORS, "exporter_context_hex");
        return context -> Optional.of(Arrays.equals(context, expected) ? material : new byte[32]);
    }

    private static ServerHandshake.Step start(String header, KeyMaterialExporter exporter) {
        return new ServerHandshake(new byte[16]).start(Optional.of(header), exporter);
    }

    private static JsonObject one(int index) {
        return VECTORS.getAsJsonArray("cases").get(index).getAsJsonObject();
    }
}
