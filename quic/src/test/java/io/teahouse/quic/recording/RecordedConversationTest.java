package io.teahouse.quic.recording;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.CloseCause;
import io.teahouse.quic.ConnectionEvent;
import io.teahouse.quic.Vectors;
import io.teahouse.quic.frame.AckFrame;
import io.teahouse.quic.frame.AddressFrame;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.PathFrame;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Our connection takes the place of each side of recordings of iroh, one after the other: what the other side said then is
 * understood, and what has to be answered is answered as it was.
 */
class RecordedConversationTest {
    /** Those on one path. */
    private static final List<String> NAMES = List.of(
            "plain_client",
            "plain_server",
            "qad_reference_endpoint",
            "qad_reference_relay",
            "qad_reference_relay_dualstack");

    static Stream<Arguments> parts() {
        return NAMES.stream().flatMap(name -> Stream.of(Role.values()).map(role -> Arguments.of(name, role)));
    }

    @ParameterizedTest
    @MethodSource("parts")
    void whatWasDeterminedIsDoneAgain(String name, Role self) throws TransportException {
        var recording = new Recording(name);
        var standIn = new StandIn(recording, self);
        var recorded = frames(recording, self);

        standIn.play();

        var done = standIn.sent.stream()
                .flatMap(packet -> packet.frames().stream())
                .toList();
        assertThat(standIn.events).hasAtLeastOneElementOfType(ConnectionEvent.Confirmed.class);
        assertEndedAlike(standIn, recorded);
        assertAllIsAcknowledged(standIn);
        assertThat(streams(done)).isEqualTo(streams(recorded));
        var heard = streams(frames(recording, self.peer()));
        assertThat(standIn.read)
                .allSatisfy((id, bytes) -> assertThat(Vectors.hex(bytes)).isEqualTo(heard.get(id)));
        assertThat(count(done, ConnectionFrame.HandshakeDone.class))
                .isEqualTo(count(recorded, ConnectionFrame.HandshakeDone.class));
        assertThat(issued(done)).isEqualTo(issued(recorded));
        assertThat(addresses(done)).isEqualTo(addresses(recorded));
        assertThat(addressesHeard(standIn.events)).isEqualTo(addresses(frames(recording, self.peer())));
    }

    private static List<Frame> frames(Recording recording, Role sender) throws TransportException {
        var frames = new ArrayList<Frame>();
        var replay = new Replay(recording);
        for (var datagram : recording.datagrams()) {
            for (var packet : replay.open(Replay.bytes(datagram))) {
                if (packet.route().sender() == sender) {
                    frames.addAll(packet.frames());
                }
            }
        }
        return frames;
    }

    private static void assertEndedAlike(StandIn standIn, List<Frame> recorded) {
        var closes = recorded.stream()
                .filter(ConnectionFrame.ApplicationClose.class::isInstance)
                .toList();
        if (closes.isEmpty()) {
            assertThat(standIn.cause()).get().isInstanceOf(CloseCause.PeerApplication.class);
        } else {
            assertThat(standIn.cause()).get().isInstanceOf(CloseCause.Local.class);
        }
        var said = standIn.sent.getLast().frames().stream()
                .filter(frame -> frame instanceof ConnectionFrame.ApplicationClose
                        || frame instanceof ConnectionFrame.TransportClose)
                .toList();
        assertThat(said).hasSize(1);
        assertThat(recorded).contains(said.getFirst());
    }

    /** Whatever asked for it; of the handshake, keys may be gone before that. */
    private static void assertAllIsAcknowledged(StandIn standIn) {
        var acknowledged = new TreeSet<Long>();
        for (var packet : standIn.sent) {
            for (Frame frame : packet.frames()) {
                if (packet.level() == EncryptionLevel.ONE_RTT && frame instanceof AckFrame.Ack ack) {
                    for (int index = 0; index < ack.ranges().count(); index++) {
                        LongStream.rangeClosed(
                                        ack.ranges().smallest(index),
                                        ack.ranges().largest(index))
                                .forEach(acknowledged::add);
                    }
                }
            }
        }
        var asking = standIn.delivered;
        assertThat(acknowledged).containsAll(asking);
        assertThat(acknowledged.last()).isLessThanOrEqualTo(standIn.largestDelivered);
    }

    private static Map<Long, String> streams(List<Frame> frames) {
        var streams = new HashMap<Long, byte[]>();
        for (Frame frame : frames) {
            if (frame instanceof StreamFrame.StreamData data) {
                int end = (int) data.offset() + data.data().remaining();
                var bytes = streams.getOrDefault(data.streamId(), new byte[0]);
                bytes = java.util.Arrays.copyOf(bytes, Math.max(bytes.length, end));
                data.data()
                        .duplicate()
                        .get(bytes, (int) data.offset(), data.data().remaining());
                streams.put(data.streamId(), bytes);
            }
        }
        var texts = new HashMap<Long, String>();
        streams.forEach((id, bytes) -> texts.put(id, Vectors.hex(bytes)));
        return texts;
    }

    private static long count(List<Frame> frames, Class<? extends Frame> type) {
        return frames.stream().filter(type::isInstance).distinct().count();
    }

    private static NavigableSet<Long> issued(List<Frame> frames) {
        var sequences = new TreeSet<Long>();
        for (Frame frame : frames) {
            if (frame instanceof PathFrame.NewConnectionId(var issued)) {
                sequences.add(issued.sequence());
            }
        }
        return sequences;
    }

    private static List<Object> addresses(List<Frame> frames) {
        return frames.stream()
                .filter(AddressFrame.ObservedAddress.class::isInstance)
                .map(frame -> (Object) ((AddressFrame.ObservedAddress) frame).address())
                .distinct()
                .toList();
    }

    private static List<Object> addressesHeard(List<ConnectionEvent> events) {
        return events.stream()
                .filter(ConnectionEvent.AddressObserved.class::isInstance)
                .map(event -> (Object) ((ConnectionEvent.AddressObserved) event).address())
                .toList();
    }
}
