package io.teahouse.quic.stream;

import io.teahouse.quic.frame.FrameType;
import io.teahouse.quic.frame.StreamFrame;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Which streams there are: opened by us as the peer allows, by the peer as we allow, and gone once they are over (RFC
 * 9000, section 4.6).
 *
 * <p>Bounded by the two limits. Not thread-safe.
 */
final class StreamTable {
    private final Role self;
    private final StreamLimits limits;
    private final Map<Long, Stream> streams = new HashMap<>();
    /** What was asked for last: packet after packet is of the same stream. */
    private Optional<Stream> lastFound = Optional.empty();

    private final PeerStreamCount peersBidirectional;
    private final PeerStreamCount peersUnidirectional;
    private final Set<Long> notAccepted = new LinkedHashSet<>();
    private long ownBidirectionalOpened;
    private long ownUnidirectionalOpened;
    private long ownBidirectionalLimit;
    private long ownUnidirectionalLimit;
    private TransportParameters peer = TransportParameters.builder().build();

    StreamTable(Role self, StreamLimits limits) {
        this.self = self;
        this.limits = limits;
        this.peersBidirectional = new PeerStreamCount(limits.bidirectionalStreams());
        this.peersUnidirectional = new PeerStreamCount(limits.unidirectionalStreams());
    }

    /** Takes in what the peer allows; it may be called again with what allows more. */
    void onPeerParameters(TransportParameters parameters) {
        peer = parameters;
        ownBidirectionalLimit =
                Math.max(ownBidirectionalLimit, parameters.get(IntegerParameter.INITIAL_MAX_STREAMS_BIDI));
        ownUnidirectionalLimit =
                Math.max(ownUnidirectionalLimit, parameters.get(IntegerParameter.INITIAL_MAX_STREAMS_UNI));
        for (Stream stream : streams.values()) {
            stream.sending().ifPresent(part -> part.onMaxStreamData(maxSent(stream.id())));
        }
    }

    /** Takes in that nothing holds of what the peer was thought to allow, and that it has seen none of our streams. */
    void onEarlyDataRejected() {
        peer = TransportParameters.builder().build();
        ownBidirectionalLimit = 0;
        ownUnidirectionalLimit = 0;
        for (Stream stream : streams.values()) {
            stream.sending().ifPresent(part -> part.rewind(0));
        }
    }

    /** Whether the peer may be told of a stream: those that were opened for 0-RTT may turn out to be too many. */
    boolean isAllowed(long id) {
        return StreamId.initiator(id) != self
                || StreamId.index(id) < (StreamId.isBidirectional(id) ? ownBidirectionalLimit : ownUnidirectionalLimit);
    }

    void onMaxStreams(StreamFrame.MaxStreams frame) {
        if (frame.bidirectional()) {
            ownBidirectionalLimit = Math.max(ownBidirectionalLimit, frame.limit());
        } else {
            ownUnidirectionalLimit = Math.max(ownUnidirectionalLimit, frame.limit());
        }
    }

    /** Opens a stream, or not if the peer does not allow another. */
    OptionalLong open(boolean bidirectional) {
        long index = bidirectional ? ownBidirectionalOpened : ownUnidirectionalOpened;
        if (index >= (bidirectional ? ownBidirectionalLimit : ownUnidirectionalLimit)) {
            return OptionalLong.empty();
        }
        if (bidirectional) {
            ownBidirectionalOpened++;
        } else {
            ownUnidirectionalOpened++;
        }
        long id = StreamId.of(self, bidirectional, index);
        create(id);
        return OptionalLong.of(id);
    }

    /** A stream that the peer has opened and the application has not seen. */
    OptionalLong accept() {
        return takeFirst(notAccepted);
    }

    /** Takes the first id out. */
    static OptionalLong takeFirst(Set<Long> ids) {
        if (ids.isEmpty()) {
            return OptionalLong.empty(); // asked for all the time
        }
        var each = ids.iterator();
        long first = each.next();
        each.remove();
        return OptionalLong.of(first);
    }

    Optional<Stream> find(long id) {
        if (lastFound.isEmpty() || lastFound.get().id() != id) {
            lastFound = Optional.ofNullable(streams.get(id));
        }
        return lastFound;
    }

    Collection<Stream> all() {
        return streams.values();
    }

    /** The stream of which a frame is that its sender sends; opened with all before it, or empty if it is over. */
    Optional<Stream> sentByPeer(long id, FrameType frame) throws TransportException {
        if (!StreamId.isBidirectional(id) && StreamId.initiator(id) == self) {
            throw wrongState(id, frame, "a stream that it only receives");
        }
        return resolve(id, frame);
    }

    /** The stream of which a frame is that its sender receives; opened with all before it, or empty if it is over. */
    Optional<Stream> receivedByPeer(long id, FrameType frame) throws TransportException {
        if (!StreamId.isBidirectional(id) && StreamId.initiator(id) != self) {
            throw wrongState(id, frame, "a stream that it only sends");
        }
        return resolve(id, frame);
    }

    private Optional<Stream> resolve(long id, FrameType frame) throws TransportException {
        long index = StreamId.index(id);
        boolean bidirectional = StreamId.isBidirectional(id);
        if (StreamId.initiator(id) == self) {
            if (index >= (bidirectional ? ownBidirectionalOpened : ownUnidirectionalOpened)) {
                throw wrongState(id, frame, "a stream that we have not opened");
            }
            return find(id);
        }
        var count = peersCount(bidirectional);
        count.require(index);
        while (count.opened() <= index) {
            long opened = StreamId.of(self.peer(), bidirectional, count.opened());
            count.onOpened();
            create(opened);
            notAccepted.add(opened);
        }
        return find(id);
    }

    /** Forgets a stream if it is over. */
    boolean removeIfOver(Stream stream) {
        if (!stream.isOver() || notAccepted.contains(stream.id()) || streams.remove(stream.id()) == null) {
            return false;
        }
        lastFound = Optional.empty();
        if (StreamId.initiator(stream.id()) != self) {
            peersCount(StreamId.isBidirectional(stream.id())).onEnded();
        }
        return true;
    }

    PeerStreamCount peersCount(boolean bidirectional) {
        return bidirectional ? peersBidirectional : peersUnidirectional;
    }

    private void create(long id) {
        boolean bidirectional = StreamId.isBidirectional(id);
        boolean own = StreamId.initiator(id) == self;
        Optional<SendingPart> sending = bidirectional || own
                ? Optional.of(new SendingPart(id, maxSent(id), limits.sendBuffer()))
                : Optional.empty();
        Optional<ReceivingPart> receiving = bidirectional || !own
                ? Optional.of(new ReceivingPart(id, limits.streamWindow(), limits.maxGaps()))
                : Optional.empty();
        streams.put(id, new Stream(id, sending, receiving));
        lastFound = Optional.empty();
    }

    /** What the peer's parameters allow on a stream; "local" and "remote" in them are from its side. */
    private long maxSent(long id) {
        if (!StreamId.isBidirectional(id)) {
            return peer.get(IntegerParameter.INITIAL_MAX_STREAM_DATA_UNI);
        }
        return peer.get(
                StreamId.initiator(id) == self
                        ? IntegerParameter.INITIAL_MAX_STREAM_DATA_BIDI_REMOTE
                        : IntegerParameter.INITIAL_MAX_STREAM_DATA_BIDI_LOCAL);
    }

    private static TransportException wrongState(long id, FrameType frame, String what) {
        return new TransportException(
                TransportError.STREAM_STATE_ERROR,
                frame.code(),
                "%s frame of stream %d: of %s (expected: a fitting one)".formatted(frame, id, what));
    }
}
