package io.teahouse.tls;

import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.resumption.ClientTicket;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;

/**
 * The client's side of a handshake (RFC 8446, appendix A.1). Begins with {@link #start}; the steps are
 * {@link ClientAwaitsServerHello}, {@link ClientAwaitsEncryptedExtensions}, {@link ClientAwaitsCertificate},
 * {@link ClientAwaitsCertificateVerify}, {@link ClientAwaitsFinished} and {@link ClientEstablished}.
 */
public final class ClientHandshake implements Handshake {
    private final ClientParts parts;
    private final MessageFlow flow;

    /**
     * Creates one that has said nothing yet.
     *
     * @param config              what is wanted of the server
     * @param transportParameters as the server is to see them
     * @param random              everything rests on nobody else knowing what it gives
     */
    public ClientHandshake(ClientConfig config, Opaque transportParameters, SecureRandom random) {
        this.flow = new MessageFlow(config.keyLog());
        this.parts = new ClientParts(config, flow, transportParameters, random);
    }

    /**
     * Says hello.
     *
     * <p>With a ticket that allows it, {@link HandshakeOutput.WriteSecret} for 0-RTT packets comes with it. A ticket that is of
     * no use with the configuration, since its time is over or it is of another server, is left aside.
     *
     * @param ticket from an earlier connection to the same server, if there is one; not to be used again
     * @param now    the time
     */
    public void start(Optional<ClientTicket> ticket, Instant now) {
        var offer = ClientOffer.first(parts, ticket.filter(offered -> isUseful(offered, now)), now);
        flow.begin(new ClientAwaitsServerHello(parts, offer, Optional.empty()));
    }

    private boolean isUseful(ClientTicket ticket, Instant now) {
        return ticket.isGoodAt(now)
                && parts.config().takesTickets()
                && parts.config().suites().contains(ticket.suite())
                && parts.config().verifier().stillAccepts(ticket.memory().peer(), now);
    }

    @Override
    public void handleBytes(EncryptionLevel level, byte[] bytes, Instant now) throws TlsException {
        flow.handleBytes(level, bytes, now);
    }

    @Override
    public Optional<HandshakeOutput> pollOutput() {
        return flow.pollOutput();
    }

    @Override
    public boolean isComplete() {
        return flow.isComplete();
    }

    @Override
    public byte[] exportKeyingMaterial(String label, byte[] context, int length) {
        return flow.export(label, context, length);
    }

    @Override
    public void close() {
        flow.close();
    }
}
