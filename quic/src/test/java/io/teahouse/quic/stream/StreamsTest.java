package io.teahouse.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** One side's streams, with frames of the peer's as it might send them. */
class StreamsTest {
    private static final StreamLimits LIMITS = new StreamLimits(1000, 2000, 3, 2, 5000, 10);
    private static final long PEERS_FIRST = 1;
    private static final long PEERS_FIRST_UNIDIRECTIONAL = 3;

    private final Streams streams = new Streams(Role.CLIENT, LIMITS);
    private final ApplicationStreams application = streams.application();

    StreamsTest() {
        streams.onPeerParameters(parameters(LIMITS));
    }

    static TransportParameters parameters(StreamLimits limits) {
        return TransportParameters.builder()
                .set(IntegerParameter.INITIAL_MAX_DATA, limits.connectionWindow())
                .set(IntegerParameter.INITIAL_MAX_STREAM_DATA_BIDI_LOCAL, limits.streamWindow())
                .set(IntegerParameter.INITIAL_MAX_STREAM_DATA_BIDI_REMOTE, limits.streamWindow())
                .set(IntegerParameter.INITIAL_MAX_STREAM_DATA_UNI, limits.streamWindow())
                .set(IntegerParameter.INITIAL_MAX_STREAMS_BIDI, limits.bidirectionalStreams())
                .set(IntegerParameter.INITIAL_MAX_STREAMS_UNI, limits.unidirectionalStreams())
                .build();
    }

    private static StreamFrame.StreamData data(long id, long offset, int length, boolean fin) {
        return new StreamFrame.StreamData(id, offset, ByteBuffer.allocate(length), fin);
    }

    private List<Frame> frames() {
        var frames = new ArrayList<Frame>();
        for (var frame = streams.pollFrame(); frame.isPresent(); frame = streams.pollFrame()) {
            frames.add(frame.get());
        }
        return frames;
    }

    private List<SendingPart.Piece> send(int room) {
        var pieces = new ArrayList<SendingPart.Piece>();
        streams.send(ByteBuffer.allocate(room), pieces);
        return pieces;
    }

    private static void assertError(TransportError error, ThrowingCallable call) {
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(call)
                .matches(e -> e.code() == error.code())
                .withMessageContaining("expected");
    }

    @Test
    void streamsAreOpenedAsFarAsThePeerAllows() throws TransportException {
        assertThat(LongStream.range(0, 3)
                        .map(_ -> application.open(true).orElseThrow())
                        .boxed())
                .containsExactly(0L, 4L, 8L);
        assertThat(application.open(true)).isEmpty();
        assertThat(application.open(false)).hasValue(2);

        streams.onFrame(new StreamFrame.MaxStreams(true, 4));
        streams.onFrame(new StreamFrame.MaxStreams(true, 2));

        assertThat(application.open(true)).hasValue(12);
        assertThat(application.open(true)).isEmpty();
    }

    @Test
    void aStreamOfThePeersOpensAllBeforeIt() throws TransportException {
        streams.onFrame(data(PEERS_FIRST + 4, 0, 1, false));

        assertThat(application.accept()).hasValue(PEERS_FIRST);
        assertThat(application.accept()).hasValue(PEERS_FIRST + 4);
        assertThat(application.accept()).isEmpty();
        assertThat(application.pollReadable()).hasValue(PEERS_FIRST + 4);
        assertThat(application.pollReadable()).isEmpty();
    }

    @Test
    void aPieceThatCannotBeReadYetIsNoNews() throws TransportException {
        streams.onFrame(data(PEERS_FIRST, 1, 1, false));
        assertThat(application.pollReadable()).isEmpty();

        streams.onFrame(data(PEERS_FIRST, 0, 1, false));

        assertThat(application.pollReadable()).hasValue(PEERS_FIRST);
    }

    @Test
    void whatThePeerMustNotSendIsAnError() {
        long own = application.open(false).orElseThrow();

        assertError(TransportError.STREAM_LIMIT_ERROR, () -> streams.onFrame(data(PEERS_FIRST + 12, 0, 1, false)));
        assertError(TransportError.STREAM_LIMIT_ERROR, () -> streams.onFrame(data(11, 0, 1, false)));
        assertError(TransportError.STREAM_STATE_ERROR, () -> streams.onFrame(data(own, 0, 1, false)));
        assertError(TransportError.STREAM_STATE_ERROR, () -> streams.onFrame(data(0, 0, 1, false)));
        assertError(TransportError.STREAM_STATE_ERROR, () -> streams.onFrame(new StreamFrame.ResetStream(own, 0, 0)));
        assertError(
                TransportError.STREAM_STATE_ERROR, () -> streams.onFrame(new StreamFrame.StreamDataBlocked(own, 0)));
        assertError(
                TransportError.STREAM_STATE_ERROR,
                () -> streams.onFrame(new StreamFrame.StopSending(PEERS_FIRST_UNIDIRECTIONAL, 0)));
        assertError(
                TransportError.STREAM_STATE_ERROR,
                () -> streams.onFrame(new StreamFrame.MaxStreamData(PEERS_FIRST_UNIDIRECTIONAL, 0)));
        assertError(TransportError.STREAM_STATE_ERROR, () -> streams.onFrame(new StreamFrame.StopSending(4, 0)));
    }

    @Test
    void allStreamsTogetherHaveALimit() throws TransportException {
        streams.onFrame(data(PEERS_FIRST, 0, 1000, false));
        streams.onFrame(data(PEERS_FIRST + 4, 0, 1000, false));

        assertError(TransportError.FLOW_CONTROL_ERROR, () -> streams.onFrame(data(PEERS_FIRST + 8, 0, 1, false)));
    }

    @Test
    void moreIsAllowedAsTheApplicationReads() throws TransportException {
        streams.onFrame(data(PEERS_FIRST, 0, 1000, false));
        assertThat(frames()).isEmpty();

        application.read(PEERS_FIRST, ByteBuffer.allocate(124));
        assertThat(frames()).isEmpty();
        application.read(PEERS_FIRST, ByteBuffer.allocate(126));

        assertThat(frames())
                .containsExactly(new ConnectionFrame.MaxData(2250), new StreamFrame.MaxStreamData(PEERS_FIRST, 1250));
    }

    @Test
    void whatNobodyWillReadMakesRoomAtOnce() throws TransportException {
        streams.onFrame(data(PEERS_FIRST, 0, 400, false));
        streams.onFrame(data(PEERS_FIRST + 4, 0, 400, false));

        application.stop(PEERS_FIRST, 5);
        streams.onFrame(new StreamFrame.ResetStream(PEERS_FIRST + 4, 6, 600));

        assertThat(frames())
                .containsExactly(new StreamFrame.StopSending(PEERS_FIRST, 5), new ConnectionFrame.MaxData(3000));
    }

    @Test
    void asStreamsEndOthersMayBeOpened() throws TransportException {
        for (long id = PEERS_FIRST_UNIDIRECTIONAL; id < 11; id += 4) {
            streams.onFrame(data(id, 0, 1, true));
            assertThat(application.accept()).hasValue(id);
            application.read(id, ByteBuffer.allocate(10));
        }

        assertThat(frames()).containsExactly(new StreamFrame.MaxStreams(false, 4));
        streams.onFrame(data(PEERS_FIRST_UNIDIRECTIONAL + 12, 0, 1, true));
        assertThat(application.isEnded(PEERS_FIRST_UNIDIRECTIONAL)).isTrue();
        streams.onFrame(data(PEERS_FIRST_UNIDIRECTIONAL, 0, 1, true));
        assertThat(application.receiving(PEERS_FIRST_UNIDIRECTIONAL)).isEmpty();
    }

    @Test
    void aStreamThatTheApplicationHasNotSeenIsNotForgotten() throws TransportException {
        streams.onFrame(data(PEERS_FIRST_UNIDIRECTIONAL, 0, 0, true));
        application.read(PEERS_FIRST_UNIDIRECTIONAL, ByteBuffer.allocate(1));

        assertThat(application.receiving(PEERS_FIRST_UNIDIRECTIONAL)).isPresent();
    }

    @Test
    void streamsTakeTurns() {
        long one = application.open(true).orElseThrow();
        long other = application.open(true).orElseThrow();
        application.write(one, ByteBuffer.allocate(600));
        application.write(other, ByteBuffer.allocate(600));

        assertThat(send(200)).extracting(SendingPart.Piece::streamId).containsExactly(one);
        assertThat(send(200)).extracting(SendingPart.Piece::streamId).containsExactly(other);
        assertThat(send(200)).extracting(SendingPart.Piece::streamId).containsExactly(one);
    }

    @Test
    void aHigherPriorityGoesFirst() {
        long one = application.open(true).orElseThrow();
        long other = application.open(true).orElseThrow();
        application.write(one, ByteBuffer.allocate(300));
        application.setPriority(other, 1);
        application.write(other, ByteBuffer.allocate(300));

        assertThat(send(200)).extracting(SendingPart.Piece::streamId).containsExactly(other);
        assertThat(send(1000)).extracting(SendingPart.Piece::streamId).containsExactly(other, one);
        assertThat(streams.hasDataToSend()).isFalse();
    }

    @Test
    void aPriorityMayChangeWhileDataWaits() {
        long one = application.open(true).orElseThrow();
        long other = application.open(true).orElseThrow();
        application.write(one, ByteBuffer.allocate(300));
        application.write(other, ByteBuffer.allocate(300));

        application.setPriority(one, -1);

        assertThat(send(100)).extracting(SendingPart.Piece::streamId).containsExactly(other);
    }

    @Test
    void whoIsOutOfCreditWaitsForMore() {
        long one = application.open(true).orElseThrow();
        long two = application.open(true).orElseThrow();
        long three = application.open(true).orElseThrow();
        for (long id : List.of(one, two, three)) {
            application.write(id, ByteBuffer.allocate(1000));
        }
        assertThat(send(4000)).hasSize(2);
        assertThat(streams.hasDataToSend()).isFalse();

        streams.onMaxData(new ConnectionFrame.MaxData(2500));

        assertThat(send(4000)).containsExactly(new SendingPart.Piece(three, 0, 500, false));
    }

    @Test
    void whatIsLostIsSaidAgainAsItIsThen() throws TransportException {
        streams.onFrame(data(PEERS_FIRST, 0, 1000, false));
        application.read(PEERS_FIRST, ByteBuffer.allocate(300));
        var told = frames();
        assertThat(told).hasSize(2);
        application.read(PEERS_FIRST, ByteBuffer.allocate(50));

        told.forEach(streams::onLost);

        assertThat(frames())
                .containsExactly(new ConnectionFrame.MaxData(2350), new StreamFrame.MaxStreamData(PEERS_FIRST, 1350));
    }

    @Test
    void aResetIsRepeatedUntilThePeerHasIt() {
        long id = application.open(false).orElseThrow();
        application.write(id, ByteBuffer.allocate(10));

        application.reset(id, 3);

        var reset = new StreamFrame.ResetStream(id, 3, 0);
        assertThat(frames()).containsExactly(reset);
        assertThat(streams.hasDataToSend()).isFalse();
        streams.onLost(reset);
        assertThat(frames()).containsExactly(reset);
        streams.onAcknowledged(reset);
        assertThat(application.sending(id)).isEmpty();
        streams.onLost(reset);
        assertThat(frames()).isEmpty();
    }

    @Test
    void thePeersWishThatWeStopIsHeardAndAnswered() throws TransportException {
        long id = application.open(true).orElseThrow();
        application.write(id, ByteBuffer.allocate(10));

        streams.onFrame(new StreamFrame.StopSending(id, 8));

        assertThat(application.pollWritable()).hasValue(id);
        assertThat(application.sending(id).orElseThrow().stopCode()).hasValue(8);
        assertThat(frames()).containsExactly(new StreamFrame.ResetStream(id, 8, 0));
    }

    @Test
    void theApplicationLearnsThatThePeerHasGivenUp() throws TransportException {
        streams.onFrame(new StreamFrame.ResetStream(PEERS_FIRST, 6, 10));

        assertThat(application.pollReadable()).hasValue(PEERS_FIRST);
        assertThat(application.isEnded(PEERS_FIRST)).isFalse();
        assertThat(application.readReset(PEERS_FIRST)).hasValue(6);
        assertThat(application.isEnded(PEERS_FIRST)).isTrue();
    }

    @Test
    void whatWasRememberedMayBeExceededLater() {
        var early = new Streams(Role.CLIENT, LIMITS);
        early.onPeerParameters(parameters(new StreamLimits(10, 10, 1, 0, 100, 10)));
        long id = early.application().open(true).orElseThrow();
        early.application().write(id, ByteBuffer.allocate(50));
        var pieces = new ArrayList<SendingPart.Piece>();
        early.send(ByteBuffer.allocate(100), pieces);

        early.onPeerParameters(parameters(LIMITS));
        early.send(ByteBuffer.allocate(100), pieces);

        assertThat(pieces)
                .containsExactly(new SendingPart.Piece(id, 0, 10, false), new SendingPart.Piece(id, 10, 40, false));
    }
}
