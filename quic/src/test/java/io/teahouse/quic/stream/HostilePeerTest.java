package io.teahouse.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Whatever a peer sends, in whatever order: it is taken or an error, and takes no more memory than it may. */
class HostilePeerTest {
    private static final StreamLimits LIMITS = new StreamLimits(20_000, 50_000, 4, 4, 10_000, 8);

    @Property(tries = 500)
    void anyFramesAreTakenOrAnError(@ForAll("frames") List<StreamFrame> frames) {
        var streams = new Streams(Role.SERVER, LIMITS);
        streams.onPeerParameters(StreamsTest.parameters(LIMITS));
        var own = streams.application().open(true).orElseThrow();
        streams.application().write(own, ByteBuffer.allocate(5000));
        try {
            for (StreamFrame frame : frames) {
                streams.onFrame(frame);
                streams.onMaxData(new ConnectionFrame.MaxData(frame.hashCode() & 0xffff));
                streams.send(ByteBuffer.allocate(1200), new ArrayList<>());
            }
        } catch (TransportException e) {
            assertThat(e.code())
                    .isIn(
                            TransportError.FLOW_CONTROL_ERROR.code(),
                            TransportError.STREAM_LIMIT_ERROR.code(),
                            TransportError.STREAM_STATE_ERROR.code(),
                            TransportError.FINAL_SIZE_ERROR.code(),
                            TransportError.INTERNAL_ERROR.code());
            return;
        }
        int opened = 0;
        for (var id = streams.application().accept();
                id.isPresent();
                id = streams.application().accept()) {
            opened++;
            streams.application().read(id.getAsLong(), ByteBuffer.allocate(100_000));
            streams.application().readReset(id.getAsLong());
        }
        assertThat(opened).isLessThanOrEqualTo(8);
        int said = 0;
        while (streams.pollFrame().isPresent()) {
            said++;
        }
        assertThat(said).isLessThan(40);
    }

    @Property(tries = 200)
    void whatIsKeptIsBoundedByWhatWasAllowed(@ForAll("pieces") List<StreamFrame.StreamData> pieces) {
        var buffer = new ReceiveBuffer(8);

        for (var piece : pieces) {
            if (!buffer.insert(piece.offset() % 20_000, piece.data())) {
                break;
            }
        }

        assertThat(buffer.footprint()).isLessThanOrEqualTo(20_000 + 1200 + 2 * StreamBytes.PAGE_LENGTH);
    }

    @Provide
    Arbitrary<List<StreamFrame.StreamData>> pieces() {
        return data(Arbitraries.longs().between(0, 20_000)).list().ofMaxSize(50);
    }

    @Provide
    Arbitrary<List<StreamFrame>> frames() {
        var ids = Arbitraries.frequencyOf(
                Tuple.of(20, Arbitraries.longs().between(0, 15)),
                Tuple.of(1, Arbitraries.longs().between(0, VarInt.MAX)));
        var sizes = Arbitraries.frequencyOf(
                Tuple.of(20, Arbitraries.longs().between(0, 2000)),
                Tuple.of(1, Arbitraries.longs().between(0, VarInt.MAX - 1200)));
        return Arbitraries.<StreamFrame>oneOf(
                        data(sizes),
                        Combinators.combine(ids, ids, sizes).as(StreamFrame.ResetStream::new),
                        Combinators.combine(ids, ids).as(StreamFrame.StopSending::new),
                        Combinators.combine(ids, sizes).as(StreamFrame.MaxStreamData::new),
                        Combinators.combine(ids, sizes).as(StreamFrame.StreamDataBlocked::new),
                        Combinators.combine(Arbitraries.of(true, false), ids).as(StreamFrame.MaxStreams::new),
                        Combinators.combine(Arbitraries.of(true, false), ids).as(StreamFrame.StreamsBlocked::new))
                .list()
                .ofMaxSize(20);
    }

    private static Arbitrary<StreamFrame.StreamData> data(Arbitrary<Long> offsets) {
        // Mostly streams that a client may send on.
        var ids = Arbitraries.of(0L, 4L, 8L, 2L, 6L, 1L);
        var lengths = Arbitraries.integers().between(0, 1200).map(ByteBuffer::allocate);
        return Combinators.combine(ids, offsets, lengths, Arbitraries.of(true, false, false, false))
                .as(StreamFrame.StreamData::new);
    }
}
