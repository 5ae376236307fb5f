package io.teahouse.quic.stream;

import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.frame.FrameType;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * All streams of a connection (RFC 9000, sections 2 to 4).
 *
 * <p>The connection hands in what the peer sends ({@code on...}) and asks for what to send ({@link #pollFrame},
 * {@link #send}); it remembers what was in a packet and says later whether the peer has it. The application has
 * {@link #application}. Not thread-safe.
 */
public final class Streams {
    private final StreamBook book;
    private final ApplicationStreams application;
    private long received;

    /**
     * Creates an empty set of streams.
     *
     * @param self   which side we are
     * @param limits what we allow, and have told the peer
     */
    public Streams(Role self, StreamLimits limits) {
        this.book = new StreamBook(self, limits);
        this.application = new ApplicationStreams(book);
    }

    /**
     * {@return the side that the application speaks to}
     */
    public ApplicationStreams application() {
        return application;
    }

    // What the peer says.

    /**
     * Takes in what the peer allows: remembered from an earlier connection, or of now.
     *
     * @param peer what it says of itself
     */
    public void onPeerParameters(TransportParameters peer) {
        book.table.onPeerParameters(peer);
        book.credit.onLimit(peer.get(IntegerParameter.INITIAL_MAX_DATA));
        book.reconsiderAll();
    }

    /**
     * Takes in that what was sent in 0-RTT packets was refused, and is lost: all is sent again, as what the peer allows now
     * permits.
     */
    public void onEarlyDataRejected() {
        book.table.onEarlyDataRejected();
        book.credit.restart(0);
    }

    /**
     * Takes in a new limit for all streams together.
     *
     * @param frame from the peer
     */
    public void onMaxData(ConnectionFrame.MaxData frame) {
        if (book.credit.onLimit(frame.limit())) {
            book.reconsiderAll();
        }
    }

    /**
     * Takes in a frame about streams.
     *
     * @param frame from the peer; data in it is copied
     * @throws TransportException if the peer must not send it
     */
    public void onFrame(StreamFrame frame) throws TransportException {
        switch (frame) {
            case StreamFrame.StreamData data -> onData(data);
            case StreamFrame.ResetStream reset -> onReset(reset);
            case StreamFrame.StopSending(long id, long code) ->
                withSending(book.table.receivedByPeer(id, FrameType.STOP_SENDING), part -> {
                    part.onStopSending(code);
                    book.pending.reset(id);
                    book.markWritable(id);
                });
            case StreamFrame.MaxStreamData(long id, long limit) ->
                withSending(book.table.receivedByPeer(id, FrameType.MAX_STREAM_DATA), part -> {
                    part.onMaxStreamData(limit);
                    book.reconsider(id, part);
                });
            case StreamFrame.MaxStreams maxStreams -> {
                book.table.onMaxStreams(maxStreams);
                book.reconsiderAll();
            }
            // More is allowed as the application reads; that the peer would like to have it changes nothing.
            case StreamFrame.StreamDataBlocked blocked ->
                book.table.sentByPeer(blocked.streamId(), FrameType.STREAM_DATA_BLOCKED);
            case StreamFrame.StreamsBlocked _ -> {}
        }
    }

    private void onData(StreamFrame.StreamData frame) throws TransportException {
        var stream = book.table.sentByPeer(frame.streamId(), FrameType.STREAM);
        if (stream.isEmpty()) {
            return; // over: a repetition
        }
        var part = stream.get().receiving().orElseThrow();
        grow(part.onData(frame.offset(), frame.data(), frame.fin()));
        if (part.readable() > 0 || part.state() == ReceivingPart.State.DATA_RECEIVED) {
            book.markReadable(frame.streamId());
        }
        book.afterReceiving(stream.get(), part);
    }

    private void onReset(StreamFrame.ResetStream frame) throws TransportException {
        var stream = book.table.sentByPeer(frame.streamId(), FrameType.RESET_STREAM);
        if (stream.isEmpty()) {
            return;
        }
        var part = stream.get().receiving().orElseThrow();
        grow(part.onReset(frame.code(), frame.finalSize()));
        book.markReadable(frame.streamId());
        book.afterReceiving(stream.get(), part);
    }

    private void grow(long bytes) throws TransportException {
        received += bytes;
        book.window.require(received, "all streams");
    }

    // What is to be said to the peer.

    /**
     * {@return the next frame that is no data: resets, stops and new limits; or empty if there is none}
     */
    public Optional<Frame> pollFrame() {
        return book.pending.poll();
    }

    /**
     * {@return whether there is data to send now}
     */
    public boolean hasDataToSend() {
        return nextToSend().isPresent();
    }

    /** The part whose turn it is; those that have nothing to send lose theirs. */
    private Optional<SendingPart> nextToSend() {
        for (var id = book.order.first(); id.isPresent(); id = book.order.first()) {
            var stream = book.table.find(id.getAsLong());
            if (stream.isPresent() && book.table.isAllowed(id.getAsLong())) {
                var part = stream.get().sending();
                if (part.isPresent() && part.get().hasSomethingToSend(book.credit.available())) {
                    return part;
                }
            }
            book.order.next(false);
        }
        return Optional.empty();
    }

    /**
     * Fills a packet with data, of the streams of the highest priority by turns.
     *
     * @param out    gets STREAM frames
     * @param pieces gets what was put there, for {@link #onAcknowledged} or {@link #onLost}
     */
    public void send(ByteBuffer out, List<SendingPart.Piece> pieces) {
        for (var part = nextToSend(); part.isPresent(); part = nextToSend()) {
            var piece = part.get().send(out, book.credit);
            if (piece.isEmpty()) {
                return; // no room; the turn is kept
            }
            pieces.add(piece.get());
            book.order.next(part.get().hasSomethingToSend(book.credit.available()));
        }
    }

    /**
     * Takes in that the peer has a piece.
     *
     * @param piece what was sent
     */
    public void onAcknowledged(SendingPart.Piece piece) {
        book.table.find(piece.streamId()).ifPresent(stream -> {
            var part = stream.sending().orElseThrow();
            part.onAcknowledged(piece);
            if (part.writable() > 0) {
                book.markWritable(piece.streamId());
            }
            book.removeIfOver(stream);
        });
    }

    /**
     * Takes in that a piece was lost.
     *
     * @param piece what was sent
     */
    public void onLost(SendingPart.Piece piece) {
        withSending(book.table.find(piece.streamId()), part -> {
            part.onLost(piece);
            book.reconsider(piece.streamId(), part);
        });
    }

    /**
     * Takes in that the peer has a frame of {@link #pollFrame}.
     *
     * @param frame as it was sent
     */
    public void onAcknowledged(Frame frame) {
        if (frame instanceof StreamFrame.ResetStream reset) {
            book.table.find(reset.streamId()).ifPresent(stream -> {
                stream.sending().orElseThrow().onResetAcknowledged();
                book.removeIfOver(stream);
            });
        }
    }

    /**
     * Takes in that a frame of {@link #pollFrame} was lost. Limits are told as they are then.
     *
     * @param frame as it was sent
     */
    public void onLost(Frame frame) {
        book.pending.onLost(frame);
    }

    private static void withSending(Optional<Stream> stream, Consumer<SendingPart> action) {
        stream.flatMap(Stream::sending).ifPresent(action);
    }
}
