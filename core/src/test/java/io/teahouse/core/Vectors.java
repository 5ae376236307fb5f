package io.teahouse.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.stream.Stream;

/** What was recorded from iroh endpoints and relays, case by case. */
public final class Vectors {
    /** Ids, URLs and tickets. */
    public static final Vectors ADDRESSING = new Vectors("addressing.json");

    /** The relay protocol; of it, the sections about keys, URLs and signatures. */
    public static final Vectors RELAY = new Vectors("relay-frames.json");

    /** Access tokens of endpoints and of keys of a known seed, and the secret texts of such a key. */
    public static final Vectors TOKENS = new Vectors("access-tokens.json");

    private final JsonObject root;

    private Vectors(String file) {
        var stream = Objects.requireNonNull(Vectors.class.getResourceAsStream("/vectors/" + file), file);
        try (var reader = new InputStreamReader(stream, UTF_8)) {
            root = JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
    }

    /** The cases of a section, which may lie in another one: {@code outer.inner}. */
    public Stream<JsonObject> cases(String section) {
        JsonElement element = root;
        for (String name : section.split("\\.", -1)) {
            element = element.getAsJsonObject().get(name);
        }
        return element.getAsJsonArray().asList().stream().map(JsonElement::getAsJsonObject);
    }

    /** The value at the top of the file that is text. */
    public String text(String member) {
        return text(root, member);
    }

    /** The value of a member that is text. */
    public static String text(JsonObject object, String member) {
        return object.get(member).getAsString();
    }

    /** The value of a member that is hex. */
    public static byte[] bytes(JsonObject object, String member) {
        return HexFormat.of().parseHex(text(object, member));
    }
}
