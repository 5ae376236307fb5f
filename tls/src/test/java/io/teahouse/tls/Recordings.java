package io.teahouse.tls;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Handshakes that were recorded between iroh 1.x endpoints and relays, all messages and the logged secrets, and those that
 * RFC 8448 prints.
 */
public final class Recordings {
    private static final JsonObject RECORDINGS = read("recordings.json");

    /** What RFC 8448 prints. */
    public static final JsonObject RFC_8448 = read("rfc8448.json");

    private Recordings() {}

    /** One handshake message. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Message(String from, String name, byte[] bytes) {}

    /** One recorded connection. */
    public record Connection(String name, int cipherSuite, List<Message> messages, Map<String, byte[]> secrets) {
        @Override
        public String toString() {
            return name;
        }

        public byte[] message(String from, String name) {
            return messages.stream()
                    .filter(message ->
                            message.from().equals(from) && message.name().equals(name))
                    .findFirst()
                    .orElseThrow()
                    .bytes();
        }

        public boolean has(String from, String name) {
            return messages.stream()
                    .anyMatch(message ->
                            message.from().equals(from) && message.name().equals(name));
        }

        public byte[] secret(String label) {
            return Objects.requireNonNull(secrets.get(label), label);
        }
    }

    /** All of them. */
    public static Stream<Connection> all() {
        return RECORDINGS.entrySet().stream().flatMap(entry -> {
            var recording = entry.getValue().getAsJsonObject();
            return recording.getAsJsonArray("connections").asList().stream()
                    .map(JsonElement::getAsJsonObject)
                    .map(connection -> connection(entry.getKey(), connection, recording));
        });
    }

    private static Connection connection(String file, JsonObject connection, JsonObject recording) {
        String random = connection.get("client_random").getAsString();
        var secrets = recording.getAsJsonArray("keylog").asList().stream()
                .map(line -> line.getAsString().split(" ", -1))
                .filter(parts -> parts[1].equals(random))
                .collect(Collectors.toMap(
                        parts -> parts[0], parts -> HexFormat.of().parseHex(parts[2])));
        var messages = connection.getAsJsonArray("handshake_messages").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .map(message -> new Message(
                        message.get("from").getAsString(), message.get("name").getAsString(), bytes(message, "hex")))
                .toList();
        return new Connection(
                file + " " + random.substring(0, 8),
                Integer.decode(connection.get("cipher_suite").getAsString()),
                messages,
                secrets);
    }

    /** The value of a member that is hex. */
    public static byte[] bytes(JsonObject object, String member) {
        return HexFormat.of().parseHex(object.get(member).getAsString());
    }

    /** The values of a member that is an array of hex. */
    public static List<byte[]> list(JsonObject object, String member) {
        return object.getAsJsonArray(member).asList().stream()
                .map(element -> HexFormat.of().parseHex(element.getAsString()))
                .toList();
    }

    private static JsonObject read(String file) {
        var stream = Objects.requireNonNull(Recordings.class.getResourceAsStream("/vectors/" + file), file);
        try (var reader = new InputStreamReader(stream, UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
    }
}
