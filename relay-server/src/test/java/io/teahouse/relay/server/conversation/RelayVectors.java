package io.teahouse.relay.server.conversation;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.SecretKey;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Reads {@code relay-frames.json}: what the reference was told and what it did then. */
final class RelayVectors {
    private static final JsonObject ROOT = load();

    private RelayVectors() {}

    /** The cases of a section. */
    static List<JsonObject> cases(String section) {
        return ROOT.getAsJsonObject(section).getAsJsonArray("cases").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    static String string(JsonObject object, String key) {
        return optionalString(object, key).orElseThrow(() -> new AssertionError("no %s in %s".formatted(key, object)));
    }

    static Optional<String> optionalString(JsonObject object, String key) {
        return Optional.ofNullable(object.get(key)).map(JsonElement::getAsString);
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    static EndpointId endpointId(String hex) {
        try {
            return EndpointId.parse(hex);
        } catch (FormatException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** A key whose every byte is the same. */
    static SecretKey keyOf(int everyByte) {
        var seed = new byte[SecretKey.LENGTH];
        Arrays.fill(seed, (byte) everyByte);
        return SecretKey.fromBytes(seed);
    }

    /** A message that is written out, or as a beginning and a number of zero bytes behind it. */
    static byte[] message(JsonObject one, String what) {
        var whole = optionalString(one, what + "_hex");
        if (whole.isPresent()) {
            return hex(whole.get());
        }
        byte[] prefix = hex(string(one, what + "_prefix_hex"));
        return Arrays.copyOf(prefix, prefix.length + one.get("then_zero_bytes").getAsInt());
    }

    private static JsonObject load() {
        var stream = Objects.requireNonNull(RelayVectors.class.getResourceAsStream("/vectors/relay-frames.json"));
        try (var reader = new InputStreamReader(stream, UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
