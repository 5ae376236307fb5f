package io.teahouse.quic.stream;

import java.util.Optional;

/**
 * One stream: an id and the one or two parts that it has at our end.
 *
 * @param id        says who opened it and in which directions it goes
 * @param sending   what we send, if we do
 * @param receiving what we receive, if we do
 */
record Stream(long id, Optional<SendingPart> sending, Optional<ReceivingPart> receiving) {

    /** Whether nothing will happen on it any more, and the application knows. */
    boolean isOver() {
        return sending.map(part -> part.state() == SendingPart.State.DATA_RECEIVED
                                || part.state() == SendingPart.State.RESET_RECEIVED)
                        .orElse(true)
                && receiving
                        .map(part -> part.state() == ReceivingPart.State.DATA_READ
                                || part.state() == ReceivingPart.State.RESET_READ)
                        .orElse(true);
    }
}
