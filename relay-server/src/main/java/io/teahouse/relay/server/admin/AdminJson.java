package io.teahouse.relay.server.admin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.teahouse.relay.server.forwarding.ClientInfo;
import io.teahouse.relay.server.forwarding.ClientList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** Writes what the admin listener answers. {@code docs/admin.md} describes it. */
final class AdminJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private AdminJson() {}

    /** Writes the fields of an object. */
    @FunctionalInterface
    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private static byte[] object(Fields fields) {
        var bytes = new ByteArrayOutputStream();
        try (var json = FACTORY.createGenerator(bytes)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is no stream that could fail
        }
        return bytes.toByteArray();
    }

    static byte[] error(String message) {
        return object(json -> json.writeStringField("error", message));
    }

    static byte[] clients(ClientList.Page page) {
        return object(json -> {
            array(json, page.clients());
            if (page.next().isPresent()) {
                json.writeStringField("next", Long.toString(page.next().getAsLong()));
            }
        });
    }

    static byte[] connections(List<ClientInfo> clients) {
        return object(json -> array(json, clients));
    }

    private static void array(JsonGenerator json, List<ClientInfo> clients) throws IOException {
        json.writeArrayFieldStart("clients");
        for (var client : clients) {
            json.writeStartObject();
            json.writeStringField("id", client.id().toString());
            json.writeNumberField("connection", client.connectionId());
            json.writeStringField("state", client.active() ? "active" : "inactive");
            json.writeStringField("address", text(client.address()));
            json.writeStringField("protocol", client.version().subprotocol());
            writeIfPresent(json, "project", client.project());
            json.writeStringField("since", client.since().toString());
            json.writeNumberField("received_bytes", client.receivedBytes());
            json.writeNumberField("sent_bytes", client.sentBytes());
            json.writeNumberField("queued_frames", client.queuedFrames());
            json.writeNumberField("queued_bytes", client.queuedBytes());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    static byte[] disconnected() {
        return object(json -> json.writeBooleanField("disconnected", true));
    }

    static byte[] draining(int clients) {
        return object(json -> {
            json.writeBooleanField("draining", true);
            json.writeNumberField("clients", clients);
        });
    }

    static byte[] reloaded(AdminOperations.Reloaded reloaded) {
        return object(json -> {
            json.writeBooleanField("applied", reloaded.applied());
            json.writeStringField("message", reloaded.message());
            writeIfPresent(json, "certificate", reloaded.certificate());
            json.writeArrayFieldStart("need_restart");
            for (var key : reloaded.needRestart()) {
                json.writeString(key);
            }
            json.writeEndArray();
        });
    }

    static byte[] config(List<AdminOperations.Setting> settings) {
        return object(json -> {
            json.writeArrayFieldStart("settings");
            for (var setting : settings) {
                json.writeStartObject();
                json.writeStringField("key", setting.key());
                writeIfPresent(json, "value", setting.value());
                writeIfPresent(json, "place", setting.place());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    static byte[] status(RelayStatus status) {
        return object(json -> {
            json.writeStringField("version", status.version());
            json.writeNumberField("uptime_seconds", status.uptime().toSeconds());
            json.writeBooleanField("ready", status.whyNotReady().isEmpty());
            writeIfPresent(json, "why_not_ready", status.whyNotReady());
            json.writeArrayFieldStart("listeners");
            for (var listener : status.listeners()) {
                json.writeStartObject();
                json.writeStringField("name", listener.name());
                json.writeStringField("address", text(listener.address()));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeNumberField("clients", status.clients());
            json.writeNumberField("connections", status.connections());
            json.writeObjectFieldStart("event_loops");
            json.writeNumberField("forwarding", status.forwardingLoops());
            json.writeNumberField("handshake", status.handshakeLoops());
            json.writeEndObject();
        });
    }

    private static void writeIfPresent(JsonGenerator json, String name, Optional<String> value) throws IOException {
        if (value.isPresent()) {
            json.writeStringField(name, value.get());
        }
    }

    private static String text(InetSocketAddress address) {
        var ip = address.getAddress();
        return (ip instanceof Inet6Address ? "[%s]:%d" : "%s:%d").formatted(ip.getHostAddress(), address.getPort());
    }
}
