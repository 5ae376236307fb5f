package io.teahouse.relay.protocol;

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
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Named;

/** Reads {@code relay-frames.json}: byte strings and what the reference makes of them. */
final class Vectors {
    private static final JsonObject ROOT = load();

    private Vectors() {}

    static JsonObject section(String name) {
        return ROOT.getAsJsonObject(name);
    }

    /** The elements of an array, each shown in test reports by its {@code name}, or else by its place. */
    static List<Named<JsonObject>> cases(JsonElement array) {
        return array.getAsJsonArray().asList().stream()
                .map(JsonElement::getAsJsonObject)
                .map(one -> Named.of(one.has("name") ? string(one, "name") : one.toString(), one))
                .toList();
    }

    static List<Named<JsonObject>> frames() {
        return cases(ROOT.get("frames"));
    }

    static String string(JsonObject object, String key) {
        return Objects.requireNonNull(object.get(key), key).getAsString();
    }

    static byte[] bytes(JsonObject object, String key) {
        return hex(string(object, key));
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** A message that is written out, or as a beginning and a number of zero bytes behind it. */
    static ByteBuffer message(JsonObject one) {
        if (one.has("message_hex")) {
            return ByteBuffer.wrap(bytes(one, "message_hex"));
        }
        byte[] prefix = bytes(one, "message_prefix_hex");
        int zeros = one.get("then_zero_bytes").getAsInt();
        return ByteBuffer.allocate(prefix.length + zeros).put(0, prefix);
    }

    static ProtocolVersion version(String shortName) {
        return ProtocolVersion.named("iroh-relay-" + shortName).orElseThrow();
    }

    static EndpointId endpointId(String hex) {
        try {
            return EndpointId.parse(hex);
        } catch (FormatException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static SecretKey secretKey(String hex) {
        return SecretKey.fromBytes(hex(hex));
    }

    private static JsonObject load() {
        var stream = Objects.requireNonNull(Vectors.class.getResourceAsStream("/vectors/relay-frames.json"));
        try (var reader = new InputStreamReader(stream, UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
