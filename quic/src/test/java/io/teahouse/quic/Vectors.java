package io.teahouse.quic;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Objects;

/** Reads the files of vectors: JSON with bytes in hex. */
public final class Vectors {
    /** The examples of RFC 9001, appendix A, with what lies between, and the same for several paths. */
    public static final JsonObject RFC_9001 = load("rfc9001.json");

    private Vectors() {}

    public static JsonObject load(String file) {
        var stream = Objects.requireNonNull(Vectors.class.getResourceAsStream("/vectors/" + file), file);
        try (var reader = new InputStreamReader(stream, UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
    }

    public static byte[] bytes(JsonObject object, String member) {
        return hex(text(object, member));
    }

    public static String text(JsonObject object, String member) {
        return Objects.requireNonNull(object.get(member), member).getAsString();
    }

    public static int integer(JsonObject object, String member) {
        return Objects.requireNonNull(object.get(member), member).getAsInt();
    }

    public static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    public static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    public static String hex(ByteBuffer bytes) {
        var copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return hex(copy);
    }
}
