package io.teahouse.tls.resumption;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.message.WireReader;
import io.teahouse.tls.message.WireWriter;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.EarlySecret;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a server writes into a ticket, to read it when the client comes back: {@link TicketKeys} seals it. Immutable.
 */
public final class ServerTicket {
    /** The form of the bytes; others are of other versions of this program and not read. */
    private static final int FORM = 1;

    private static final int ANONYMOUS = 0;
    private static final int ENDPOINT = 1;

    private final byte[] psk;
    private final CipherSuite suite;
    private final Terms terms;
    private final Memory memory;

    /**
     * What the client was told of the ticket.
     *
     * @param ageAdd   what it adds to the age, 0 to 2^32 - 1
     * @param issuedAt when it was sent
     * @param lifetime how long it is good from then on
     */
    public record Terms(long ageAdd, Instant issuedAt, Duration lifetime) {}

    /**
     * What was agreed on in the connection that the ticket is given in.
     *
     * @param protocol         the application protocol
     * @param peer             who the client is: an endpoint or nobody in particular
     * @param earlyDataContext what must not have changed for data in 0-RTT packets to be taken, at most 255 bytes
     */
    public record Memory(Opaque protocol, PeerIdentity peer, Opaque earlyDataContext) {}

    /**
     * Creates one.
     *
     * @param psk    the key that belongs to it; copied
     * @param suite  of the connection
     * @param terms  what the client is told
     * @param memory what was agreed on
     */
    public ServerTicket(byte[] psk, CipherSuite suite, Terms terms, Memory memory) {
        this.psk = psk.clone();
        this.suite = suite;
        this.terms = terms;
        this.memory = memory;
    }

    /**
     * {@return whether it is within its time}
     *
     * @param now the time
     */
    public boolean isGoodAt(Instant now) {
        return !now.isBefore(terms.issuedAt()) && now.isBefore(terms.issuedAt().plus(terms.lifetime()));
    }

    /**
     * {@return by how much the age that the client shows differs from the one that the server knows}
     *
     * @param obfuscatedAge as the client shows it, 0 to 2^32 - 1
     * @param now           the time
     */
    public Duration ageError(long obfuscatedAge, Instant now) {
        long shownMillis = (obfuscatedAge - terms.ageAdd()) & 0xffff_ffffL;
        return Duration.between(terms.issuedAt(), now).minusMillis(shownMillis).abs();
    }

    /**
     * {@return the stage of the key schedule that starts with its key}
     */
    public EarlySecret earlySecret() {
        return EarlySecret.withPsk(suite.hash(), psk);
    }

    /**
     * {@return the suite of the connection that it was given in}
     */
    public CipherSuite suite() {
        return suite;
    }

    /**
     * {@return what was agreed on in the connection that it was given in}
     */
    public Memory memory() {
        return memory;
    }

    byte[] encode() {
        var out = new WireWriter();
        out.writeU8(FORM);
        out.writeU16(suite.code());
        out.writeVector(1, key -> key.write(psk));
        out.writeU32(terms.ageAdd());
        out.writeU64(terms.issuedAt().toEpochMilli());
        out.writeU32(terms.lifetime().toSeconds());
        out.writeOpaque(1, memory.protocol());
        switch (memory.peer()) {
            case PeerIdentity.Anonymous() -> out.writeU8(ANONYMOUS);
            case PeerIdentity.Endpoint(var id) -> {
                out.writeU8(ENDPOINT);
                out.write(id.toBytes());
            }
            case PeerIdentity.Certified _ ->
                throw new IllegalArgumentException("peer: certified (expected: an endpoint or nobody)");
        }
        out.writeOpaque(1, memory.earlyDataContext());
        return out.toArray();
    }

    /** Nothing, if the bytes have another form: they are authentic, but may be older than this program. */
    static Optional<ServerTicket> decode(byte[] bytes) {
        var in = new WireReader("ticket", bytes, 0);
        try {
            if (in.readU8("form") != FORM) {
                return Optional.empty();
            }
            var suite = CipherSuite.of(in.readU16("suite"));
            byte[] psk = in.readOpaque8(0, 255, "key").toArray();
            var terms = new Terms(
                    in.readU32("age add"),
                    Instant.ofEpochMilli(in.readU64("time of issue")),
                    Duration.ofSeconds(in.readU32("lifetime")));
            var protocol = in.readOpaque8(0, 255, "protocol");
            PeerIdentity peer = in.readU8("kind of peer") == ENDPOINT
                    ? new PeerIdentity.Endpoint(EndpointId.fromBytes(
                            in.readOpaque(EndpointId.LENGTH, "peer").toArray()))
                    : new PeerIdentity.Anonymous();
            var memory = new Memory(protocol, peer, in.readOpaque8(0, 255, "context"));
            in.expectEnd();
            return suite.map(known -> new ServerTicket(psk, known, terms, memory));
        } catch (TlsException | FormatException e) {
            return Optional.empty();
        }
    }
}
