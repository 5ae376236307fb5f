package io.teahouse.tls.message;

/**
 * NewSessionTicket (RFC 8446, section 4.6.1).
 *
 * @param lifetimeSeconds how long the ticket is good, 0 to 2^32 - 1; the RFC allows 604800, a week
 * @param ageAdd          what a client adds to the age before it shows it, 0 to 2^32 - 1
 * @param nonce           makes the ticket's key differ from that of others
 * @param ticket          what the client presents, one byte or more
 * @param extensions      early_data, or others that a client ignores
 */
public record NewSessionTicket(long lifetimeSeconds, long ageAdd, Opaque nonce, Opaque ticket, Extensions extensions)
        implements HandshakeMessage {
    @Override
    public HandshakeType type() {
        return HandshakeType.NEW_SESSION_TICKET;
    }

    static NewSessionTicket read(WireReader in) throws TlsException {
        return new NewSessionTicket(
                in.readU32("lifetime"),
                in.readU32("age add"),
                in.readOpaque8(0, 255, "nonce"),
                in.readOpaque16(1, "ticket"),
                Extensions.read(Carrier.NEW_SESSION_TICKET, in));
    }

    void write(WireWriter out) {
        out.writeU32(lifetimeSeconds);
        out.writeU32(ageAdd);
        out.writeOpaque(1, nonce);
        out.writeOpaque(2, ticket);
        extensions.write(out);
    }
}
