package io.teahouse.relay.server.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Has an admitted client say anything at all, whole frames, broken ones and noise, to a relay on which two others talk: they
 * must not notice.
 */
class HostileStreamTest {
    private static final int MAX_DATAGRAM_CONTENTS = 65_502;

    // Of the pair; set before the first try.
    private static final SecretKey ALICE = ScriptedClient.newKey();
    private static final SecretKey BOB = ScriptedClient.newKey();
    private static final SecretKey MALLORY = ScriptedClient.newKey();

    /** What all tries share: a relay with two loops, and the pair, whose connections outlive all the hostile ones. */
    private record Scene(RelayServer relay, ScriptedClient alice, ScriptedClient bob) {}

    @SuppressWarnings("NullAway.Init") // set before the first try
    private static Scene scene;

    private static int round;

    @BeforeContainer
    static void start() throws IOException {
        LogWatch.begin();
        var relay =
                RelayServer.builder().eventLoops(2).metrics(Counters.ADDRESS).start();
        scene = new Scene(relay, ScriptedClient.admitted(relay, ALICE), ScriptedClient.admitted(relay, BOB));
    }

    @AfterContainer
    static void stop() throws IOException {
        var counters = Counters.of(scene.relay());
        assertThat(counters.get("send_packets_sent") + counters.get("send_packets_dropped"))
                .isEqualTo(counters.get("send_packets_recv"));
        scene.alice().close();
        scene.bob().close();
        scene.relay().close();
        LogWatch.assertNothingUnexpected();
    }

    @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
    void whateverAClientSendsHarmsNobodyElse(@ForAll("streams") byte[] stream, @ForAll("cuts") List<Integer> cuts)
            throws IOException {
        try (var mallory = ScriptedClient.admitted(scene.relay(), MALLORY)) {
            try {
                int from = 0;
                for (int cut : cuts) {
                    int to = Math.min(stream.length, from + cut);
                    mallory.wire().write(Arrays.copyOfRange(stream, from, to));
                    from = to;
                }
                mallory.wire().write(Arrays.copyOfRange(stream, from, stream.length));
            } catch (IOException e) {
                // Closed in the middle of it, as it should be after many a stream.
            }
            expectThePairToTalk();
        }
        Await.until("it is gone", () -> scene.relay().connectedEndpoints() == 2);
        expectThePairToTalk();
    }

    /** Both send and both receive what the other sent, and nothing that does not follow from what the hostile one said. */
    private static void expectThePairToTalk() throws IOException {
        int number = ++round;
        scene.alice().sendDatagram(BOB.endpointId(), Bytes.numbered(number, 1200));
        scene.bob().sendDatagram(ALICE.endpointId(), Bytes.numbered(-number, 50));
        assertThat(nextFrom(scene.bob(), ALICE.endpointId())).isEqualTo(Bytes.numbered(number, 1200));
        assertThat(nextFrom(scene.alice(), BOB.endpointId())).isEqualTo(Bytes.numbered(-number, 50));
    }

    /** Returns the next datagram from a peer; the hostile one may send datagrams, too, and be reported gone. */
    private static byte[] nextFrom(ScriptedClient client, EndpointId peer) throws IOException {
        while (true) {
            switch (client.next()) {
                case RelayFrame.ReceivedDatagrams received -> {
                    if (received.source().equals(peer)) {
                        return ScriptedClient.bytes(received.datagrams().contents());
                    }
                    assertThat(received.source()).isEqualTo(MALLORY.endpointId());
                    assertThat(received.datagrams().isDeliverable()).isTrue();
                }
                case RelayFrame.EndpointGone(EndpointId gone) ->
                    assertThat(gone).isEqualTo(MALLORY.endpointId());
                case RelayFrame.FromRelay other -> throw new AssertionError(other.toString());
            }
        }
    }

    // ---- what is said --------------------------------------------------------------------------------------------

    @Provide
    Arbitrary<List<Integer>> cuts() {
        return Arbitraries.integers().between(1, 3000).list().ofMaxSize(6);
    }

    @Provide
    Arbitrary<byte[]> streams() {
        var parts = Arbitraries.frequencyOf(
                Tuple.of(6, frames()),
                Tuple.of(3, frames().flatMap(HostileStreamTest::mutations)),
                Tuple.of(1, noise(40)));
        return parts.list().ofMinSize(1).ofMaxSize(25).map(list -> Bytes.join(list.toArray(byte[][]::new)));
    }

    private static Arbitrary<byte[]> noise(int maxSize) {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(maxSize);
    }

    /** Frames of WebSocket that keep its rules, with messages that mostly keep those of the relay. */
    private static Arbitrary<byte[]> frames() {
        var opcodes = Arbitraries.frequency(
                Tuple.of(12, WebSocketFrame.BINARY),
                Tuple.of(1, WebSocketFrame.TEXT),
                Tuple.of(1, WebSocketFrame.PING),
                Tuple.of(1, WebSocketFrame.PONG));
        return Combinators.combine(opcodes, messages(), Arbitraries.integers().between(1, 4))
                .as((opcode, message, parts) -> opcode == WebSocketFrame.BINARY
                        ? fragmented(message, parts)
                        : WebSocketFrame.masked(opcode, Arrays.copyOf(message, Math.min(message.length, 100))));
    }

    private static byte[] fragmented(byte[] message, int count) {
        var frames = new byte[count][];
        int length = message.length / count;
        for (int i = 0; i < count; i++) {
            boolean last = i == count - 1;
            frames[i] = WebSocketFrame.masked(
                    last,
                    i == 0 ? WebSocketFrame.BINARY : WebSocketFrame.CONTINUATION,
                    Arrays.copyOfRange(message, i * length, last ? message.length : (i + 1) * length));
        }
        return Bytes.join(frames);
    }

    private static Arbitrary<byte[]> messages() {
        var ids = Arbitraries.oneOf(
                Arbitraries.of(ALICE, BOB, MALLORY).map(key -> key.endpointId().toBytes()),
                Arbitraries.bytes().array(byte[].class).ofSize(32));
        var lengths = Arbitraries.frequencyOf(
                Tuple.of(8, Arbitraries.integers().between(0, 2000)),
                Tuple.of(1, Arbitraries.integers().between(MAX_DATAGRAM_CONTENTS - 5, MAX_DATAGRAM_CONTENTS + 5)));
        var datagrams = Combinators.combine(ids, Arbitraries.bytes(), lengths)
                .as((id, ecn, length) ->
                        Bytes.join(new byte[] {4}, id, new byte[] {ecn}, Arrays.copyOf(new byte[] {1, 2, 3}, length)));
        var batches = Combinators.combine(ids, noise(3), lengths)
                .as((id, head, length) -> Bytes.join(new byte[] {5}, id, head, new byte[length]));
        var pings = Combinators.combine(Arbitraries.of((byte) 9, (byte) 10), noise(9))
                .as((type, payload) -> Bytes.join(new byte[] {type}, payload));
        return Arbitraries.frequencyOf(
                Tuple.of(5, datagrams), Tuple.of(2, batches), Tuple.of(2, pings), Tuple.of(1, noise(120)));
    }

    /** The same bytes with one thing wrong: a byte changed, left out or added, or the end missing. */
    private static Arbitrary<byte[]> mutations(byte[] frame) {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(0, Math.max(0, Math.min(frame.length - 1, 60))),
                        Arbitraries.bytes())
                .as((kind, at, value) -> {
                    var before = Arrays.copyOf(frame, at);
                    var after = Arrays.copyOfRange(frame, at, frame.length);
                    return switch (kind) {
                        case 0 -> before;
                        case 1 -> Bytes.join(before, new byte[] {value}, after);
                        case 2 ->
                            Bytes.join(before, Arrays.copyOfRange(after, Math.min(1, after.length), after.length));
                        default ->
                            Bytes.join(
                                    before,
                                    new byte[] {value},
                                    Arrays.copyOfRange(after, Math.min(1, after.length), after.length));
                    };
                });
    }
}
