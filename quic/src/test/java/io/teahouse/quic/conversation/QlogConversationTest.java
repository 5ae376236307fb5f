package io.teahouse.quic.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.qlog.QlogTrace;
import io.teahouse.quic.wire.Role;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A client and a server meet, and write down what they see. */
class QlogConversationTest {
    private static final Pattern PACKET =
            Pattern.compile("\"packet_type\":\"([^\"]+)\",\"packet_number\":(\\d+)\\},(\"raw\".*)");

    private final Map<Role, StringWriter> texts = new EnumMap<>(Role.class);

    private Pair pair(Wire.Faults faults) {
        var config = ConnectionConfig.defaults(Pair.TIME_ZERO).withTraces((role, original, network, nowNanos) -> {
            var out = new StringWriter();
            texts.put(role, out);
            return new QlogTrace(out, role, original, network, Pair.TIME_ZERO, nowNanos);
        });
        return new Pair(1, 20, faults, config, Pair.serverConfig().build(), Optional.empty());
    }

    private List<String> lines(Role role) {
        return Objects.requireNonNull(texts.get(role)).toString().lines().toList();
    }

    private List<String> lines(Role role, String event) {
        return lines(role).stream()
                .filter(line -> line.contains("\"name\":\"" + event + "\""))
                .toList();
    }

    private void talk(Pair pair) {
        pair.runUntil(pair::isConfirmed);
        long stream = pair.client.streams().open(true).orElseThrow();
        pair.client.streams().write(stream, ByteBuffer.allocate(20_000));
        pair.client.streams().finish(stream);
        pair.client.sendDatagram(ByteBuffer.allocate(10));
        pair.run(1000);
        pair.client.close(7, "enough", pair.nowNanos);
        pair.runUntil(() -> pair.client.isOver() && pair.server().isOver());
    }

    @Test
    void eachLineIsARecordByItself() {
        talk(pair(Wire.Faults.NONE));

        assertThat(lines(Role.CLIENT)).allMatch(line -> line.startsWith("\u001e{\"") && line.endsWith("}"));
        assertThat(lines(Role.CLIENT).getFirst())
                .contains("\"qlog_format\":\"JSON-SEQ\"", "\"vantage_point\":{\"type\":\"client\"}");
        assertThat(lines(Role.SERVER).getFirst()).contains("\"vantage_point\":{\"type\":\"server\"}");
    }

    @Test
    void whatOneHasSentTheOtherHasReceived() {
        talk(pair(Wire.Faults.NONE));

        for (Role role : Role.values()) {
            var received = packets(role.peer(), "transport:packet_received");
            var sent = packets(role, "transport:packet_sent");

            assertThat(received).hasSizeGreaterThan(10);
            assertThat(sent).containsAllEntriesOf(received);
        }
    }

    /** Everything behind the header, by type and number. */
    private Map<String, String> packets(Role role, String event) {
        return lines(role, event).stream()
                .map(PACKET::matcher)
                .filter(matcher -> matcher.find())
                .collect(Collectors.toMap(
                        matcher -> matcher.group(1) + " " + matcher.group(2), matcher -> matcher.group(3)));
    }

    @Test
    void parametersRoundTripsAndTheEndAreTold() {
        talk(pair(Wire.Faults.NONE));

        assertThat(lines(Role.CLIENT, "transport:parameters_set")).hasSize(2);
        assertThat(lines(Role.CLIENT, "recovery:metrics_updated"))
                .anyMatch(line -> line.contains("\"min_rtt\":40.000"));
        assertThat(lines(Role.CLIENT, "transport:connection_closed"))
                .singleElement()
                .asString()
                .contains("\"owner\":\"local\",\"application_code\":7");
        assertThat(lines(Role.SERVER, "transport:connection_closed"))
                .singleElement()
                .asString()
                .contains("\"owner\":\"remote\",\"application_code\":7,\"reason\":\"enough\"");
    }

    @Test
    void lostPacketsAreTold() {
        talk(pair(new Wire.Faults(0.2, 0, 0, 0)));

        assertThat(lines(Role.CLIENT, "recovery:packet_lost")).isNotEmpty();
    }
}
