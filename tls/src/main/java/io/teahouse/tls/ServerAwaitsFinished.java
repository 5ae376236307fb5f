package io.teahouse.tls;

import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.Extensions;
import io.teahouse.tls.message.Finished;
import io.teahouse.tls.message.HandshakeCodec;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.NewSessionTicket;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.resumption.ServerTicket;
import io.teahouse.tls.schedule.ResumptionSecret;
import java.time.Instant;
import java.util.Arrays;

/** A server that waits for the client's last word, and then gives it tickets (RFC 8446, sections 4.4.4 and 4.6.1). */
final class ServerAwaitsFinished implements Step {
    private final ServerParts parts;
    private final ServerPending pending;
    private final PeerIdentity peer;

    ServerAwaitsFinished(ServerParts parts, ServerPending pending, PeerIdentity peer) {
        this.parts = parts;
        this.pending = pending;
        this.peer = peer;
    }

    @Override
    public EncryptionLevel level() {
        return EncryptionLevel.HANDSHAKE;
    }

    @Override
    public Step handle(HandshakeMessage message, byte[] raw, Instant now) throws TlsException {
        if (!(message instanceof Finished finished)) {
            throw Step.unexpected(message, "finished");
        }
        var flow = parts.flow();
        var keys = pending.keys();
        HandshakeKeys.requireFinished(finished, keys.client(), flow.transcript().hash());
        flow.transcript().append(raw);
        flow.readSecret(EncryptionLevel.ONE_RTT, KeyLogLabel.CLIENT_APPLICATION, pending.clientApplication());
        flow.complete(
                pending.exporter(),
                new HandshakeSummary(
                        keys.suite(),
                        keys.group(),
                        pending.protocol(),
                        peer,
                        pending.isResumed(),
                        pending.earlyDataAccepted(),
                        pending.serverName()));
        var resumption = pending.master().toResumption(flow.transcript().hash());
        if (pending.takesTickets()) {
            parts.config().tickets().ifPresent(tickets -> give(tickets, resumption, now));
        }
        resumption.destroy();
        keys.destroy();
        return new ServerEstablished();
    }

    private void give(ServerConfig.Tickets tickets, ResumptionSecret resumption, Instant now) {
        var earlyData = parts.config().earlyData();
        var memory = new ServerTicket.Memory(
                pending.protocol(),
                peer,
                earlyData.map(ServerConfig.EarlyData::context).orElse(Opaque.EMPTY));
        var extensions = earlyData.isPresent()
                ? Extensions.of(new Extension.EarlyDataLimit(Protocol.EARLY_DATA_LIMIT))
                : Extensions.NONE;
        var keys = tickets.keys();
        for (int index = 0; index < tickets.count(); index++) {
            byte[] nonce = {(byte) index};
            byte[] psk = resumption.psk(nonce);
            long ageAdd = parts.random().nextInt() & 0xffff_ffffL;
            var terms = new ServerTicket.Terms(ageAdd, now, keys.lifetime());
            var ticket = new ServerTicket(psk, pending.keys().suite(), terms, memory);
            var message = new NewSessionTicket(
                    keys.lifetime().toSeconds(),
                    ageAdd,
                    Opaque.copyOf(nonce),
                    keys.seal(ticket, now, parts.random()),
                    extensions);
            parts.flow().output(new HandshakeOutput.Send(EncryptionLevel.ONE_RTT, HandshakeCodec.encode(message)));
            Arrays.fill(psk, (byte) 0);
        }
    }

    @Override
    public void destroy() {
        pending.destroy();
    }
}
