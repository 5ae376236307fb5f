package io.teahouse.tls.resumption;

import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.PskIdentity;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.EarlySecret;
import java.time.Duration;
import java.time.Instant;

/**
 * A ticket that a server gave, with what a client has to remember beside it. To be used once (RFC 8446, appendix C.4): an
 * observer could tell two connections with one ticket to be of one client.
 *
 * <p>Immutable.
 */
public final class ClientTicket {
    private final Opaque ticket;
    private final byte[] psk;
    private final CipherSuite suite;
    private final Terms terms;
    private final Memory memory;

    /**
     * What the server said of the ticket.
     *
     * @param ageAdd          what is added to the age before it is shown, 0 to 2^32 - 1
     * @param receivedAt      when it came
     * @param lifetime        how long it is good from then on
     * @param allowsEarlyData whether data may go in 0-RTT packets
     */
    public record Terms(long ageAdd, Instant receivedAt, Duration lifetime, boolean allowsEarlyData) {}

    /**
     * What was agreed on in the connection that the ticket came from.
     *
     * @param protocol                the application protocol; data in 0-RTT packets is of this one
     * @param peer                    who the server is: a resumed handshake does not show it again
     * @param peerTransportParameters of the server; limits of 0-RTT packets are these
     */
    public record Memory(Opaque protocol, PeerIdentity peer, Opaque peerTransportParameters) {}

    /**
     * Creates one.
     *
     * @param ticket the server's, as it came
     * @param psk    the key that belongs to it; copied
     * @param suite  of the connection that it came from
     * @param terms  what the server said of it
     * @param memory what was agreed on
     */
    public ClientTicket(Opaque ticket, byte[] psk, CipherSuite suite, Terms terms, Memory memory) {
        this.ticket = ticket;
        this.psk = psk.clone();
        this.suite = suite;
        this.terms = terms;
        this.memory = memory;
    }

    /**
     * {@return whether the server may still know it}
     *
     * @param now the time
     */
    public boolean isGoodAt(Instant now) {
        return !now.isBefore(terms.receivedAt())
                && now.isBefore(terms.receivedAt().plus(terms.lifetime()));
    }

    /**
     * {@return how it is shown to the server, with its age disguised}
     *
     * @param now the time
     */
    public PskIdentity presentedAt(Instant now) {
        long age = Duration.between(terms.receivedAt(), now).toMillis();
        return new PskIdentity(ticket, (age + terms.ageAdd()) & 0xffff_ffffL);
    }

    /**
     * {@return the stage of the key schedule that starts with its key}
     */
    public EarlySecret earlySecret() {
        return EarlySecret.withPsk(suite.hash(), psk);
    }

    /**
     * {@return the suite of the connection that it came from; another one with the same hash may be chosen now}
     */
    public CipherSuite suite() {
        return suite;
    }

    /**
     * {@return what the server said of it}
     */
    public Terms terms() {
        return terms;
    }

    /**
     * {@return what was agreed on in the connection that it came from}
     */
    public Memory memory() {
        return memory;
    }
}
