package io.teahouse.quic.recording;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.teahouse.quic.Vectors;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.TrafficSecret;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * What iroh 1.x endpoints and relays sent each other, datagram by datagram, with the secrets of their connections, and
 * what an independent decoder read in it.
 */
final class Recording {
    static final List<String> NAMES = List.of(
            "direct",
            "direct_dies",
            "key_update_aes128",
            "key_update_chacha20",
            "old_client_1_0_2",
            "plain_client",
            "plain_server",
            "punch_fails",
            "qad_reference_endpoint",
            "qad_reference_relay",
            "qad_reference_relay_dualstack",
            "relay_only",
            "relay_then_direct",
            "retry",
            "several_direct_paths");

    private final JsonObject root;
    /** By label and client random, as in the key log. */
    private final Map<String, byte[]> secrets = new HashMap<>();

    Recording(String name) {
        root = Vectors.load("recordings/" + name + ".json");
        for (JsonElement line : root.getAsJsonArray("keylog")) {
            List<String> words = List.of(line.getAsString().split(" ", -1));
            secrets.put(words.get(0) + ' ' + words.get(1), Vectors.hex(words.get(2)));
        }
    }

    List<JsonObject> datagrams() {
        return objects(root.getAsJsonArray("datagrams"));
    }

    List<JsonObject> connections() {
        return objects(root.getAsJsonArray("connections"));
    }

    static List<JsonObject> objects(JsonArray array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    JsonObject connection(int index) {
        return root.getAsJsonArray("connections").get(index).getAsJsonObject();
    }

    ConnectionId originalDestination(int connection) {
        return ConnectionId.of(Vectors.bytes(connection(connection), "original_dcid"));
    }

    /** A secret of the key log, if it was ever made. */
    Optional<TrafficSecret> secret(int connection, String label) {
        var suite = CipherSuite.of(Integer.decode(Vectors.text(connection(connection), "cipher_suite")))
                .orElseThrow();
        var random = Vectors.text(connection(connection), "client_random");
        return Optional.ofNullable(secrets.get(label + ' ' + random)).map(bytes -> new TrafficSecret(suite, bytes));
    }
}
