package io.teahouse.quic.recovery;

import java.util.EnumSet;
import java.util.Set;

/**
 * A packet that was sent, until it is known what became of it.
 *
 * @param number      its number
 * @param sentAtNanos when
 * @param size        how many bytes it took in the datagram
 * @param traits      what it is to acknowledgement and congestion control; not to be changed
 * @param content     what was in it, for whoever has to send it again
 * @param <C>         what that is
 */
public record SentPacket<C>(long number, long sentAtNanos, int size, Set<Trait> traits, C content) {

    /** What a packet is to those who watch over it. */
    public enum Trait {
        /** The peer has to acknowledge it soon. */
        ACK_ELICITING,
        /** It counts for congestion control: it is ack-eliciting, or has padding. */
        IN_FLIGHT,
        /** It went to another address than its path's, and says nothing about that. */
        OFF_PATH,
        /** Its datagram was marked ECT(0). */
        ECN_MARKED,
        /** It was made so large to find out whether it arrives; that it does not is no congestion. */
        MTU_PROBE
    }

    /** The traits of what is not worth remembering: acknowledgements alone. */
    public static final Set<Trait> ACKNOWLEDGEMENT = EnumSet.noneOf(Trait.class);

    /** The traits of ordinary packets. */
    public static final Set<Trait> ORDINARY = EnumSet.of(Trait.ACK_ELICITING, Trait.IN_FLIGHT);

    /**
     * {@return whether it has a trait}
     *
     * @param trait which one
     */
    public boolean is(Trait trait) {
        return traits.contains(trait);
    }
}
