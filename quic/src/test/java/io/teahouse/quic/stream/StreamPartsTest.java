package io.teahouse.quic.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.nio.ByteBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The states of RFC 9000, sections 3.1 and 3.2, and what is not allowed in them. */
class StreamPartsTest {
    private static final long ID = 4;

    private final SendingPart sending = new SendingPart(ID, 1000, 500);
    private final ReceivingPart receiving = new ReceivingPart(ID, 1000, 10);
    private final SendCredit connection = new SendCredit(10_000);

    private static ByteBuffer data(int length) {
        return ByteBuffer.allocate(length);
    }

    private SendingPart.Piece send(int room) {
        return sending.send(data(room), connection).orElseThrow();
    }

    private static void assertError(TransportError error, ThrowingCallable call) {
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(call)
                .matches(e -> e.code() == error.code())
                .withMessageContaining("expected");
    }

    @Test
    void idsSayWhoAndWhichWay() {
        assertThat(StreamId.of(Role.CLIENT, true, 0)).isZero();
        assertThat(StreamId.of(Role.SERVER, true, 0)).isOne();
        assertThat(StreamId.of(Role.CLIENT, false, 0)).isEqualTo(2);
        assertThat(StreamId.of(Role.SERVER, false, 5)).isEqualTo(23);
        assertThat(StreamId.index(23)).isEqualTo(5);
        assertThat(StreamId.initiator(23)).isEqualTo(Role.SERVER);
        assertThat(StreamId.isBidirectional(23)).isFalse();
    }

    // Sending.

    @Test
    void allIsSentAndAllIsAcknowledged() {
        sending.write(data(10));
        var first = send(100);
        sending.finish();
        assertThat(sending.state()).isEqualTo(SendingPart.State.SEND);
        var end = send(100);

        assertThat(first).isEqualTo(new SendingPart.Piece(ID, 0, 10, false));
        assertThat(end).isEqualTo(new SendingPart.Piece(ID, 10, 0, true));
        assertThat(sending.state()).isEqualTo(SendingPart.State.DATA_SENT);
        assertThat(sending.hasSomethingToSend(1000)).isFalse();
        sending.onAcknowledged(end);
        assertThat(sending.state()).isEqualTo(SendingPart.State.DATA_SENT);
        sending.onAcknowledged(first);
        assertThat(sending.state()).isEqualTo(SendingPart.State.DATA_RECEIVED);
    }

    @Test
    void theEndGoesWithTheLastByteIfItIsKnown() {
        sending.write(data(10));
        sending.finish();

        assertThat(send(100)).isEqualTo(new SendingPart.Piece(ID, 0, 10, true));
    }

    @Test
    void anEndThatWasLostIsSentAgain() {
        sending.finish();
        var end = send(100);
        assertThat(sending.send(data(100), connection)).isEmpty();

        sending.onLost(end);

        assertThat(sending.hasSomethingToSend(0)).isTrue();
        assertThat(send(100)).isEqualTo(end);
    }

    @Test
    void framesFillTheRoomThatThereIs() {
        sending.write(data(400));
        var out = ByteBuffer.allocate(100);

        var piece = sending.send(out, connection).orElseThrow();

        assertThat(out.remaining()).isLessThanOrEqualTo(1);
        assertThat(piece.length()).isGreaterThan(90);
        assertThat(sending.send(ByteBuffer.allocate(2), connection)).isEmpty();
    }

    @Test
    void neitherLimitIsExceeded() {
        var small = new SendCredit(300);
        sending.write(data(500));

        assertThat(sending.send(data(1000), small).orElseThrow().length()).isEqualTo(300);
        assertThat(sending.hasSomethingToSend(small.available())).isFalse();
        small.onLimit(10_000);
        assertThat(sending.send(data(1000), small).orElseThrow().length()).isEqualTo(200);
        sending.onAcknowledged(new SendingPart.Piece(ID, 0, 500, false));
        sending.write(data(500));
        assertThat(sending.send(data(1000), small).orElseThrow().length()).isEqualTo(500);
        sending.onAcknowledged(new SendingPart.Piece(ID, 500, 500, false));
        sending.write(data(500));
        assertThat(sending.hasSomethingToSend(small.available())).isFalse();
        sending.onMaxStreamData(1001);
        assertThat(sending.send(data(1000), small).orElseThrow().length()).isEqualTo(1);
    }

    @Test
    void repetitionsNeedNoCredit() {
        sending.write(data(100));
        var piece = send(200);
        long available = connection.available();

        sending.onLost(piece);
        send(200);

        assertThat(connection.available()).isEqualTo(available);
    }

    @Test
    void onlySoMuchIsKept() {
        var data = data(700);

        assertThat(sending.write(data)).isEqualTo(500);
        assertThat(data.remaining()).isEqualTo(200);
        assertThat(sending.writable()).isZero();
        sending.onAcknowledged(send(1000));
        assertThat(sending.writable()).isEqualTo(500);
    }

    @Test
    void whoGivesUpSaysHowMuchWasSent() {
        sending.write(data(100));
        send(50);

        sending.reset(7);

        assertThat(sending.state()).isEqualTo(SendingPart.State.RESET_SENT);
        assertThat(sending.hasSomethingToSend(1000)).isTrue();
        var reset = sending.pollReset().orElseThrow();
        assertThat(reset.code()).isEqualTo(7);
        assertThat(reset.finalSize()).isBetween(40L, 49L);
        assertThat(sending.hasSomethingToSend(1000)).isFalse();
        assertThat(sending.send(data(100), connection)).isEmpty();
        sending.onResetLost(reset);
        assertThat(sending.pollReset()).contains(reset);
        sending.onResetAcknowledged();
        assertThat(sending.state()).isEqualTo(SendingPart.State.RESET_RECEIVED);
        sending.onResetLost(reset);
        assertThat(sending.pollReset()).isEmpty();
    }

    @Test
    void whoIsToldToStopGivesUpWithTheSameCode() {
        sending.write(data(100));

        sending.onStopSending(9);
        sending.onStopSending(10);

        assertThat(sending.stopCode()).hasValue(9);
        assertThat(sending.pollReset()).contains(new StreamFrame.ResetStream(ID, 9, 0));
        assertThat(sending.writable()).isZero();
    }

    @Test
    void whatIsOverIsNotGivenUp() {
        sending.finish();
        sending.onAcknowledged(send(100));

        sending.reset(7);
        sending.onStopSending(7);

        assertThat(sending.state()).isEqualTo(SendingPart.State.DATA_RECEIVED);
        assertThat(sending.pollReset()).isEmpty();
    }

    @Test
    void nothingIsWrittenBehindTheEnd() {
        sending.finish();

        assertThatIllegalStateException().isThrownBy(() -> sending.write(data(1)));
        assertThat(sending.writable()).isZero();
    }

    // Receiving.

    @Test
    void allIsReceivedAndAllIsRead() throws TransportException {
        assertThat(receiving.onData(5, data(5), true)).isEqualTo(10);
        assertThat(receiving.state()).isEqualTo(ReceivingPart.State.SIZE_KNOWN);
        assertThat(receiving.onData(0, data(5), false)).isZero();
        assertThat(receiving.state()).isEqualTo(ReceivingPart.State.DATA_RECEIVED);

        assertThat(receiving.read(data(7))).isEqualTo(7);
        assertThat(receiving.pollConsumed()).isEqualTo(7);
        assertThat(receiving.state()).isEqualTo(ReceivingPart.State.DATA_RECEIVED);
        assertThat(receiving.read(data(7))).isEqualTo(3);
        assertThat(receiving.state()).isEqualTo(ReceivingPart.State.DATA_READ);
        assertThat(receiving.pollConsumed()).isEqualTo(3);
    }

    @Test
    void anEndAloneIsReadByReadingNothing() throws TransportException {
        receiving.onData(0, data(0), true);
        assertThat(receiving.state()).isEqualTo(ReceivingPart.State.DATA_RECEIVED);

        assertThat(receiving.read(data(7))).isZero();

        assertThat(receiving.state()).isEqualTo(ReceivingPart.State.DATA_READ);
    }

    @Test
    void moreThanIsAllowedIsAnError() throws TransportException {
        receiving.onData(500, data(500), false);

        assertError(TransportError.FLOW_CONTROL_ERROR, () -> receiving.onData(1000, data(1), false));
        assertError(TransportError.FLOW_CONTROL_ERROR, () -> receiving.onReset(0, 1001));
    }

    @Test
    void anEndDoesNotMove() throws TransportException {
        receiving.onData(0, data(10), true);

        receiving.onData(0, data(10), true);
        receiving.onReset(0, 10);
        assertError(TransportError.FINAL_SIZE_ERROR, () -> receiving.onData(0, data(11), false));
        assertError(TransportError.FINAL_SIZE_ERROR, () -> receiving.onData(0, data(9), true));
        assertError(TransportError.FINAL_SIZE_ERROR, () -> receiving.onReset(0, 11));
        assertError(TransportError.FINAL_SIZE_ERROR, () -> receiving.onReset(0, 9));
    }

    @Test
    void anEndBeforeWhatWasReceivedIsAnError() throws TransportException {
        receiving.onData(10, data(10), false);

        assertError(TransportError.FINAL_SIZE_ERROR, () -> receiving.onData(0, data(10), true));
        assertError(TransportError.FINAL_SIZE_ERROR, () -> receiving.onReset(0, 19));
    }

    @Test
    void tooManyGapsAreAnErrorOfOurs() throws TransportException {
        for (int piece = 1; piece <= 11; piece++) {
            receiving.onData(2L * piece, data(1), false);
        }

        assertError(TransportError.INTERNAL_ERROR, () -> receiving.onData(24, data(1), false));
    }

    @Test
    void whatWasGivenUpIsNotRead() throws TransportException {
        receiving.onData(0, data(10), false);

        assertThat(receiving.onReset(7, 30)).isEqualTo(20);

        assertThat(receiving.state()).isEqualTo(ReceivingPart.State.RESET_RECEIVED);
        assertThat(receiving.read(data(100))).isZero();
        assertThat(receiving.readable()).isZero();
        assertThat(receiving.pollConsumed()).isEqualTo(30);
        assertThat(receiving.readReset()).hasValue(7);
        assertThat(receiving.state()).isEqualTo(ReceivingPart.State.RESET_READ);
    }

    @Test
    void aResetAfterEverythingChangesNothing() throws TransportException {
        receiving.onData(0, data(10), true);

        receiving.onReset(7, 10);

        assertThat(receiving.state()).isEqualTo(ReceivingPart.State.DATA_RECEIVED);
        assertThat(receiving.readReset()).isEmpty();
    }

    @Test
    void whoWantsNoMoreTellsThePeerOnceAndHasNothingToRead() throws TransportException {
        receiving.onData(0, data(10), false);

        assertThat(receiving.stop()).isTrue();
        assertThat(receiving.stop()).isFalse();

        assertThat(receiving.readable()).isZero();
        assertThat(receiving.pollConsumed()).isEqualTo(10);
        receiving.onData(10, data(5), false);
        assertThat(receiving.pollConsumed()).isEqualTo(5);
        assertThat(receiving.state()).isEqualTo(ReceivingPart.State.RECEIVE);
        receiving.onData(20, data(5), true);
        assertThat(receiving.pollConsumed()).isEqualTo(10);
        assertThat(receiving.state()).isEqualTo(ReceivingPart.State.DATA_READ);
    }

    @Test
    void whoHasAllNeedNotTellThePeerToStop() throws TransportException {
        receiving.onData(0, data(10), true);

        assertThat(receiving.stop()).isFalse();

        assertThat(receiving.state()).isEqualTo(ReceivingPart.State.DATA_READ);
    }

    @Test
    void moreIsAllowedOnlyWhileTheEndIsOpen() throws TransportException {
        receiving.onData(0, data(500), false);
        receiving.read(data(500));
        assertThat(receiving.hasWindowToTell()).isTrue();

        receiving.onData(500, data(100), true);

        assertThat(receiving.hasWindowToTell()).isFalse();
    }
}
