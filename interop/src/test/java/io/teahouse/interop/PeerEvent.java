package io.teahouse.interop;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.Optional;

/**
 * One line that a driver of {@code interop/peers} printed; its README lists kinds and fields.
 *
 * @param kind   what happened
 * @param fields everything that the line says
 */
record PeerEvent(String kind, JsonObject fields) {

    /**
     * {@return the event of a line, if it is one; libraries print lines of their own}
     *
     * @param line as it was printed
     */
    static Optional<PeerEvent> parse(String line) {
        if (!line.startsWith("{")) {
            return Optional.empty();
        }
        try {
            var fields = JsonParser.parseString(line).getAsJsonObject();
            return Optional.of(new PeerEvent(fields.get("ev").getAsString(), fields));
        } catch (JsonParseException e) {
            return Optional.empty();
        }
    }

    /**
     * {@return a field that is a text}
     *
     * @param field its name
     */
    String text(String field) {
        return fields.get(field).getAsString();
    }

    /**
     * {@return a field that is a whole number}
     *
     * @param field its name
     */
    int number(String field) {
        return fields.get(field).getAsInt();
    }
}
