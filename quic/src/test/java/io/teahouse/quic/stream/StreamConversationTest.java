package io.teahouse.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.FrameDecoder;
import io.teahouse.quic.frame.FrameEncoder;
import io.teahouse.quic.frame.FrameRules;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two sides that open, write, read, give up and end many streams, over a path that loses and reorders packets by a
 * seed.
 */
class StreamConversationTest {
    private static final StreamLimits LIMITS = new StreamLimits(5000, 20_000, 4, 4, 8000, 100);
    private static final int STREAMS = 60;
    private static final int PACKET = 1000;

    private record Packet(ByteBuffer payload, List<SendingPart.Piece> pieces, List<Frame> frames) {}

    private static final class Side {
        final Role role;
        final Streams streams;
        final Random random;
        final List<Packet> sent = new ArrayList<>();
        final Map<Long, Integer> written = new HashMap<>();
        final Map<Long, Integer> read = new HashMap<>();
        int opened;
        int ended;

        Side(Role role, Random random) {
            this.role = role;
            this.random = random;
            this.streams = new Streams(role, LIMITS);
            streams.onPeerParameters(StreamsTest.parameters(LIMITS));
        }

        /** The bytes of every stream are those of its id and their place. */
        static byte expected(long id, int offset) {
            return (byte) (id * 31 + offset * 7L);
        }

        void act() {
            var application = streams.application();
            if (opened < STREAMS) {
                var id = application.open(opened % 3 != 0);
                if (id.isPresent()) {
                    opened++;
                    written.put(id.getAsLong(), 0);
                    read.put(id.getAsLong(), 0);
                    application.setPriority(id.getAsLong(), random.nextInt(3));
                }
            }
            for (var id = application.accept(); id.isPresent(); id = application.accept()) {
                written.put(id.getAsLong(), 0);
                read.put(id.getAsLong(), 0);
            }
            for (long id : List.copyOf(written.keySet())) {
                write(id);
            }
            for (long id : List.copyOf(read.keySet())) {
                read(id);
            }
        }

        private void write(long id) {
            var part = streams.application().sending(id);
            if (part.isEmpty() || part.get().writable() == 0) {
                return;
            }
            int from = written.getOrDefault(id, 0);
            var data = ByteBuffer.allocate(random.nextInt(3000));
            for (int index = 0; index < data.capacity(); index++) {
                data.put(index, expected(id, from + index));
            }
            written.put(id, from + streams.application().write(id, data));
            if (random.nextInt(10) == 0) {
                streams.application().finish(id);
            } else if (random.nextInt(60) == 0) {
                streams.application().reset(id, 1);
            }
        }

        private void read(long id) {
            var application = streams.application();
            var out = ByteBuffer.allocate(random.nextInt(4000));
            int length = application.read(id, out);
            int from = read.getOrDefault(id, 0);
            for (int index = 0; index < length; index++) {
                assertThat(out.get(index)).isEqualTo(expected(id, from + index));
            }
            read.put(id, from + length);
            application.readReset(id);
            if (random.nextInt(200) == 0) {
                application.stop(id, 2);
            }
            if (application.isEnded(id) && application.sending(id).isEmpty()) {
                read.remove(id);
                written.remove(id);
                ended++;
            }
        }

        void send() {
            var payload = ByteBuffer.allocate(PACKET);
            var frames = new ArrayList<Frame>();
            while (payload.remaining() > 40) {
                var frame = streams.pollFrame();
                if (frame.isEmpty()) {
                    break;
                }
                frames.add(frame.get());
                FrameEncoder.write(frame.get(), payload);
            }
            var pieces = new ArrayList<SendingPart.Piece>();
            streams.send(payload, pieces);
            if (payload.flip().hasRemaining()) {
                sent.add(new Packet(payload, pieces, frames));
            }
        }

        void receive(ByteBuffer payload) throws TransportException {
            var rules = new FrameRules(EncryptionLevel.ONE_RTT, role.peer(), Set.of());
            while (payload.hasRemaining()) {
                switch (FrameDecoder.decode(payload, rules)) {
                    case StreamFrame frame -> streams.onFrame(frame);
                    case ConnectionFrame.MaxData frame -> streams.onMaxData(frame);
                    case Frame other -> throw new AssertionError(other);
                }
            }
        }

        /** Delivers or loses one packet that is on its way, any of the oldest. */
        void deliver(Side other) throws TransportException {
            if (sent.isEmpty()) {
                return;
            }
            var packet = sent.remove(random.nextInt(Math.min(sent.size(), 5)));
            if (random.nextInt(5) == 0) {
                packet.pieces().forEach(streams::onLost);
                packet.frames().forEach(streams::onLost);
                // Some are only taken for lost.
                if (random.nextInt(3) == 0) {
                    other.receive(packet.payload());
                }
            } else {
                other.receive(packet.payload());
                packet.pieces().forEach(streams::onAcknowledged);
                packet.frames().forEach(streams::onAcknowledged);
            }
        }

        boolean isDone() {
            return opened == STREAMS && written.isEmpty() && read.isEmpty() && sent.isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void allStreamsEndAndEveryByteIsTheRightOne(long seed) throws TransportException {
        var random = new Random(seed);
        var client = new Side(Role.CLIENT, random);
        var server = new Side(Role.SERVER, random);

        for (int turn = 0; !(client.isDone() && server.isDone()); turn++) {
            assertThat(turn).as("turns").isLessThan(20_000);
            for (Side side : List.of(client, server)) {
                side.act();
                side.send();
                side.deliver(side == client ? server : client);
            }
        }

        assertThat(client.ended).isEqualTo(2 * STREAMS);
        assertThat(server.ended).isEqualTo(2 * STREAMS);
    }
}
