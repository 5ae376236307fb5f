package io.teahouse.cli.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.teahouse.cli.report.Finding.Failed;
import io.teahouse.cli.report.Finding.NotAsked;
import io.teahouse.cli.report.Finding.Seen;
import io.teahouse.cli.text.AddressText;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;

/** A report for programs: one object. */
final class JsonReport {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonReport() {}

    static String of(Report report) {
        var text = new StringWriter();
        try (var json = FACTORY.createGenerator(text)) {
            json.writeStartObject();
            json.writeArrayFieldStart("relays");
            for (var finding : report.findings()) {
                write(json, finding);
            }
            json.writeEndArray();
            json.writeObjectFieldStart("nat");
            for (var family : Report.families()) {
                json.writeStringField(
                        name(family), report.mapping(family).name().toLowerCase(Locale.ROOT));
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a writer into memory", e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, Finding finding) throws IOException {
        json.writeStartObject();
        json.writeStringField("relay", finding.name());
        json.writeStringField("family", name(finding.family()));
        if (finding.asked().isPresent()) {
            json.writeStringField("asked", AddressText.of(finding.asked().get()));
        }
        json.writeStringField("state", finding.result().state());
        switch (finding.result()) {
            case Seen seen -> {
                json.writeStringField("address", AddressText.of(seen.address()));
                json.writeNumberField(
                        "round_trip_ms", Math.round(seen.roundTrip().toNanos() / 1e3) / 1e3);
                json.writeBooleanField("nat", seen.isBehindNat());
            }
            case NotAsked(var _, var why) -> json.writeStringField("reason", why);
            case Failed(var _, var why, var advice) -> {
                json.writeStringField("reason", why);
                json.writeArrayFieldStart("advice");
                for (var question : advice) {
                    json.writeString(question);
                }
                json.writeEndArray();
            }
        }
        json.writeEndObject();
    }

    private static String name(Family family) {
        return family.toString().toLowerCase(Locale.ROOT);
    }
}
