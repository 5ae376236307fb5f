package io.teahouse.tls;

import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.NewSessionTicket;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.resumption.ClientTicket;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.ResumptionSecret;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/** A client whose handshake is complete: only tickets come now (RFC 8446, section 4.6.1). */
final class ClientEstablished implements Step {
    /** Tickets that are taken of one connection; those of a server that sends more are left unread. */
    static final int TICKETS_MAX = 8;

    /** RFC 8446, section 4.6.1: whatever the server says, no ticket is kept longer. */
    private static final Duration LIFETIME_MAX = Duration.ofDays(7);

    private final ClientParts parts;
    private final CipherSuite suite;
    private final ResumptionSecret secret;
    private final ClientTicket.Memory memory;
    private int tickets;

    ClientEstablished(ClientParts parts, CipherSuite suite, ResumptionSecret secret, ClientTicket.Memory memory) {
        this.parts = parts;
        this.suite = suite;
        this.secret = secret;
        this.memory = memory;
    }

    @Override
    public EncryptionLevel level() {
        return EncryptionLevel.ONE_RTT;
    }

    @Override
    public Step handle(HandshakeMessage message, byte[] raw, Instant now) throws TlsException {
        if (!(message instanceof NewSessionTicket ticket)) {
            throw Step.unexpected(message, "new session ticket");
        }
        var limit = ticket.extensions().find(Extension.EarlyDataLimit.class);
        boolean isOverQuic = parts.config().isOverQuic();
        if (isOverQuic && limit.isPresent() && limit.get().bytesMax() != Protocol.EARLY_DATA_LIMIT) {
            throw TlsException.protocolViolation("new session ticket: %d bytes of early data (expected: %d)"
                    .formatted(limit.get().bytesMax(), Protocol.EARLY_DATA_LIMIT));
        }
        if (ticket.lifetimeSeconds() > 0 && parts.config().takesTickets() && tickets < TICKETS_MAX) {
            tickets++;
            keep(ticket, isOverQuic && limit.isPresent(), now);
        }
        return this;
    }

    private void keep(NewSessionTicket ticket, boolean allowsEarlyData, Instant now) {
        var lifetime = Duration.ofSeconds(Math.min(ticket.lifetimeSeconds(), LIFETIME_MAX.toSeconds()));
        byte[] psk = secret.psk(ticket.nonce().toArray());
        parts.flow()
                .output(new HandshakeOutput.TicketReceived(new ClientTicket(
                        ticket.ticket(),
                        psk,
                        suite,
                        new ClientTicket.Terms(ticket.ageAdd(), now, lifetime, allowsEarlyData),
                        memory)));
        Arrays.fill(psk, (byte) 0);
    }

    @Override
    public void destroy() {
        secret.destroy();
    }
}
