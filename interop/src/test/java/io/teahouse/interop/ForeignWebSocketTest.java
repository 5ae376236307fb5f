package io.teahouse.interop;

import static io.teahouse.relay.protocol.ProtocolVersion.V1;
import static io.teahouse.relay.protocol.ProtocolVersion.V2;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.EndpointId;
import io.teahouse.relay.protocol.Datagrams;
import io.teahouse.relay.protocol.FrameLayout;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame.EndpointGone;
import io.teahouse.relay.protocol.RelayFrame.Ping;
import io.teahouse.relay.protocol.RelayFrame.Pong;
import io.teahouse.relay.protocol.RelayFrame.ReceivedDatagrams;
import io.teahouse.relay.protocol.RelayFrame.SendDatagrams;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients on other people's WebSockets: what the relay writes is RFC 6455, not only what our own reader likes. */
class ForeignWebSocketTest {
    @RegisterExtension
    static final RelayUnderTest http = RelayUnderTest.http();

    @RegisterExtension
    static final RelayUnderTest https = RelayUnderTest.https();

    /**
     * One client on a library over a listener.
     *
     * @param library whose WebSocket
     * @param scheme  which of the relays
     */
    record Way(ForeignWebSocket.Library library, String scheme) {
        static Stream<Way> all() {
            return Arrays.stream(ForeignWebSocket.Library.values())
                    .flatMap(library -> Stream.of("http", "https").map(scheme -> new Way(library, scheme)));
        }

        ForeignRelayClient connect() throws Exception {
            return connect(V2, V1);
        }

        ForeignRelayClient connect(ProtocolVersion... versions) throws Exception {
            return scheme.equals("http")
                    ? ForeignRelayClient.connect(library, http.url(), Optional.empty(), versions)
                    : ForeignRelayClient.connect(
                            library, https.url(), Optional.of(https.authority().clientContext()), versions);
        }

        /**
         * {@return the same relay by the other library}
         */
        Way other() {
            return new Way(
                    library == ForeignWebSocket.Library.JDK
                            ? ForeignWebSocket.Library.JAVA_WEBSOCKET
                            : ForeignWebSocket.Library.JDK,
                    scheme);
        }
    }

    static Stream<Way> ways() {
        return Way.all();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aDatagramArrivesWithItsSenderAndItsEcn(Way way) throws Exception {
        try (var sender = way.connect();
                var receiver = way.other().connect()) {
            var datagram = new Datagrams(2, 0, ByteBuffer.wrap("a cup of tea".getBytes(US_ASCII)));

            sender.send(new SendDatagrams(receiver.id(), datagram));

            assertThat(receiver.receive()).isEqualTo(new ReceivedDatagrams(sender.id(), datagram));
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aBatchArrivesAsTheSameBatch(Way way) throws Exception {
        try (var sender = way.connect();
                var receiver = way.other().connect()) {
            var batch = new Datagrams(1, 1200, ByteBuffer.wrap(noise(10 * 1200 + 7)));

            sender.send(new SendDatagrams(receiver.id(), batch));

            assertThat(receiver.receive()).isEqualTo(new ReceivedDatagrams(sender.id(), batch));
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void datagramsOfAllLengthsUpToTheLargestArriveInOrder(Way way) throws Exception {
        // Around the lengths at which RFC 6455, section 5.2 changes the form of a frame's header, and the largest.
        int head = FrameLayout.DATAGRAM_CONTENTS_OFFSET;
        int[] lengths = {1, 125 - head, 126 - head, 127 - head, 65_535 - head, 65_536 - head};
        try (var sender = way.connect();
                var receiver = way.other().connect()) {
            assertThat(lengths[lengths.length - 1]).isEqualTo(FrameLayout.MAX_DATAGRAM_CONTENTS);
            for (int length : lengths) {
                sender.send(new SendDatagrams(receiver.id(), new Datagrams(0, 0, ByteBuffer.wrap(noise(length)))));
            }

            for (int length : lengths) {
                assertThat(receiver.receive())
                        .isEqualTo(new ReceivedDatagrams(
                                sender.id(), new Datagrams(0, 0, ByteBuffer.wrap(noise(length)))));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aPingOfTheRelayProtocolIsAnswered(Way way) throws Exception {
        try (var client = way.connect()) {
            client.send(new Ping(0x7EA_0123_4567_89ABL));

            assertThat(client.receive()).isEqualTo(new Pong(0x7EA_0123_4567_89ABL));
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aPingOfTheWebSocketIsAnswered(Way way) throws Exception {
        byte[] payload = "still there?".getBytes(US_ASCII);
        try (var client = way.connect()) {
            client.webSocket().ping(payload);

            assertThat(client.receiveEvent())
                    .isInstanceOfSatisfying(
                            ForeignWebSocket.Event.Pong.class,
                            pong -> assertThat(pong.bytes()).isEqualTo(payload));
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aCloseFrameEndsTheClientForItsPeers(Way way) throws Exception {
        try (var stays = way.other().connect()) {
            var idOfTheOther = sendOneAndLeave(way, stays);

            assertThat(stays.receive()).isInstanceOf(ReceivedDatagrams.class);
            assertThat(stays.receive()).isEqualTo(new EndpointGone(idOfTheOther));
        }
    }

    private static EndpointId sendOneAndLeave(Way way, ForeignRelayClient receiver) throws Exception {
        try (var leaves = way.connect()) {
            leaves.send(new SendDatagrams(receiver.id(), new Datagrams(0, 0, ByteBuffer.wrap(new byte[] {1}))));
            return leaves.id();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theNewestVersionThatIsOfferedIsSpoken(Way way) throws Exception {
        try (var old = way.connect(V1);
                var both = way.connect(V1, V2)) {
            assertThat(old.version()).isEqualTo(V1);
            assertThat(both.version()).isEqualTo(V2);
        }
    }

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
