package io.teahouse.core.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.teahouse.core.FormatException;
import io.teahouse.core.RelayUrl;
import io.teahouse.core.Vectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiSecretTest {
    static Stream<JsonObject> recordedSecretsAreRead() {
        return Vectors.TOKENS.cases("api_secrets");
    }

    @ParameterizedTest
    @MethodSource
    void recordedSecretsAreRead(JsonObject recorded) throws FormatException {
        var secret = ApiSecret.parse(Vectors.text(recorded, "secret"));

        assertThat(secret.key().endpointId()).hasToString(Vectors.TOKENS.text("issuer"));
        assertThat(secret.service().id()).hasToString(Vectors.TOKENS.text("service"));
        assertThat(secret.service().relays().stream().map(RelayUrl::toString))
                .containsExactlyElementsOf(recorded.getAsJsonArray("relays").asList().stream()
                        .map(JsonElement::getAsString)
                        .toList());
    }

    @Test
    void aSecretShowsWhoseItIsAndNotTheKey() throws FormatException {
        var text = recordedSecretsAreRead()
                .map(secret -> Vectors.text(secret, "secret"))
                .findFirst()
                .orElseThrow();

        assertThat(ApiSecret.parse(text).toString())
                .contains("secret key of 03a107bff3")
                .doesNotContain("00010203");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "service",
                "services",
                "servicesaq",
                "servicesaqaaaicamcakbqhbaequcymbuha6earcijrifiwc4mbsgq3dqor4h6", // another variant
                "servicesaaqaaaicamcakbqhbaequcymbuha6earcijrifiwc4mbsgq3dqor4h6", // no service
                "services!"
            })
    void whatIsNoSecretIsRefusedWithoutBeingRepeated(String text) {
        assertThatThrownBy(() -> ApiSecret.parse(text))
                .isInstanceOf(FormatException.class)
                .message()
                .doesNotContain("aaicam");
    }

    @Test
    void aTextThatIsTooLongIsNotLookedAt() {
        assertThatThrownBy(() -> ApiSecret.parse("services" + "a".repeat(8192)))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("API secret: no prefix, or too long");
    }

    @Property(tries = 300)
    void anyTextIsASecretOrIsRefused(@ForAll String text) {
        try {
            assertThat(ApiSecret.parse("services" + text).key()).isNotNull();
        } catch (FormatException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
