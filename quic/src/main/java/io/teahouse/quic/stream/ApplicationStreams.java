package io.teahouse.quic.stream;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The streams of a connection as the application has them: opens, reads, writes, and asks which ones have changed.
 *
 * <p>From {@link Streams#application}. Nothing is said unasked, so nothing piles up but one mark a stream. Not
 * thread-safe.
 */
public final class ApplicationStreams {
    private final StreamBook book;

    ApplicationStreams(StreamBook book) {
        this.book = book;
    }

    /**
     * {@return the id of a new stream, or empty if the peer does not allow another one now}
     *
     * @param bidirectional whether the peer is to send, too
     */
    public OptionalLong open(boolean bidirectional) {
        return book.table.open(bidirectional);
    }

    /**
     * {@return a stream that the peer has opened, each of them once}
     */
    public OptionalLong accept() {
        return book.table.accept();
    }

    /**
     * {@return the sending part of a stream, for looking at it; empty once the stream is over}
     *
     * @param id a stream's
     */
    public Optional<SendingPart> sending(long id) {
        return book.table.find(id).flatMap(Stream::sending);
    }

    /**
     * {@return whether there is nothing more to read from a stream, since all was read, the peer has given up, or the
     * stream is over}
     *
     * @param id a stream's
     */
    public boolean isEnded(long id) {
        return receiving(id)
                .map(part ->
                        part.state() == ReceivingPart.State.DATA_READ || part.state() == ReceivingPart.State.RESET_READ)
                .orElse(true);
    }

    /**
     * {@return the receiving part of a stream, for looking at it; empty once the stream is over}
     *
     * @param id a stream's
     */
    public Optional<ReceivingPart> receiving(long id) {
        return book.table.find(id).flatMap(Stream::receiving);
    }

    /**
     * Writes to a stream.
     *
     * @param id   one that is not over
     * @param data what is left in it did not fit
     * @return how many bytes were taken
     */
    public int write(long id, ByteBuffer data) {
        var part = sending(id).orElseThrow();
        int length = part.write(data);
        book.reconsider(id, part);
        return length;
    }

    /**
     * Ends a stream behind what was written.
     *
     * @param id a stream's; nothing happens if it is over
     */
    public void finish(long id) {
        withSending(id, part -> {
            part.finish();
            book.reconsider(id, part);
        });
    }

    /**
     * Gives a stream up.
     *
     * @param id   a stream's; nothing happens if it is over
     * @param code the application's
     */
    public void reset(long id, long code) {
        withSending(id, part -> {
            part.reset(code);
            book.pending.reset(id);
        });
    }

    /**
     * Reads from a stream.
     *
     * @param id  a stream's; nothing is there if it is over
     * @param out gets what is there and fits
     * @return how many bytes that were
     */
    public int read(long id, ByteBuffer out) {
        var stream = book.table.find(id);
        var part = stream.flatMap(Stream::receiving);
        if (part.isEmpty()) {
            return 0;
        }
        int length = part.get().read(out);
        book.afterReceiving(stream.get(), part.get());
        return length;
    }

    /**
     * {@return the code with which the peer has given a stream up, which the application then knows; or empty}
     *
     * @param id a stream's
     */
    public OptionalLong readReset(long id) {
        var stream = book.table.find(id);
        var part = stream.flatMap(Stream::receiving);
        if (part.isEmpty()) {
            return OptionalLong.empty();
        }
        var code = part.get().readReset();
        book.afterReceiving(stream.get(), part.get());
        return code;
    }

    /**
     * Wants no more of a stream.
     *
     * @param id   a stream's; nothing happens if it is over
     * @param code the application's
     */
    public void stop(long id, long code) {
        book.table
                .find(id)
                .ifPresent(stream -> stream.receiving().ifPresent(part -> {
                    if (part.stop()) {
                        book.pending.stop(id, code);
                    }
                    book.afterReceiving(stream, part);
                }));
    }

    /**
     * Says which streams go first.
     *
     * @param id       a stream's
     * @param priority higher goes first; 0 if nothing is said
     */
    public void setPriority(long id, int priority) {
        if (book.table.find(id).isPresent()) {
            book.order.setPriority(id, priority);
        }
    }

    /**
     * {@return a stream on which something came, was ended or was given up since it was asked for the last time; or
     * empty}
     */
    public OptionalLong pollReadable() {
        return book.pollReadable();
    }

    /**
     * {@return a stream that has room for more, or of which the peer wants no more, since it was asked for the last
     * time; or empty}
     */
    public OptionalLong pollWritable() {
        return book.pollWritable();
    }

    private void withSending(long id, Consumer<SendingPart> action) {
        sending(id).ifPresent(action);
    }
}
