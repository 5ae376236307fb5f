package io.teahouse.tls;

import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.certificate.SignatureScheme;
import io.teahouse.tls.certificate.SignedContent;
import io.teahouse.tls.message.CertificateMessage;
import io.teahouse.tls.message.Finished;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.resumption.ClientTicket;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A client that knows its server, waits for the last word, and then says who it is itself (RFC 8446, section 4.4.4). */
final class ClientAwaitsFinished implements Step {
    private final ClientParts parts;
    private final ClientAgreement agreed;
    private final PeerIdentity peer;
    private final boolean isResumed;
    private final Optional<List<Integer>> request;

    ClientAwaitsFinished(
            ClientParts parts,
            ClientAgreement agreed,
            PeerIdentity peer,
            boolean isResumed,
            Optional<List<Integer>> request) {
        this.parts = parts;
        this.agreed = agreed;
        this.peer = peer;
        this.isResumed = isResumed;
        this.request = request;
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
        var transcript = flow.transcript();
        var keys = agreed.keys();
        HandshakeKeys.requireFinished(finished, keys.server(), transcript.hash());
        transcript.append(raw);
        byte[] serverFinishedHash = transcript.hash();
        request.ifPresent(this::introduce);
        flow.send(
                EncryptionLevel.HANDSHAKE,
                new Finished(Opaque.copyOf(keys.client().finished(transcript.hash()))));

        var suite = keys.suite();
        var master = keys.secret().toMaster();
        flow.readSecret(
                EncryptionLevel.ONE_RTT,
                KeyLogLabel.SERVER_APPLICATION,
                master.serverTraffic(suite, serverFinishedHash));
        flow.writeSecret(
                EncryptionLevel.ONE_RTT,
                KeyLogLabel.CLIENT_APPLICATION,
                master.clientTraffic(suite, serverFinishedHash));
        var summary = new HandshakeSummary(
                suite, keys.group(), agreed.protocol(), peer, isResumed, agreed.earlyDataAccepted(), Optional.empty());
        flow.complete(master.exporter(serverFinishedHash), summary);
        var memory = new ClientTicket.Memory(agreed.protocol(), peer, agreed.peerTransportParameters());
        var resumption = master.toResumption(transcript.hash());
        keys.destroy();
        return new ClientEstablished(parts, suite, resumption, memory);
    }

    /** Answers a CertificateRequest: with nothing, where there is nothing that the server takes. */
    private void introduce(List<Integer> schemes) {
        var flow = parts.flow();
        Optional<Credential> credential = parts.config().credential().filter(_ -> agreed.mayShowKey());
        Optional<SignatureScheme> scheme = credential.flatMap(own -> own.choose(schemes));
        if (credential.isEmpty() || scheme.isEmpty()) {
            flow.send(EncryptionLevel.HANDSHAKE, new CertificateMessage(Opaque.EMPTY, List.of()));
            return;
        }
        flow.send(
                EncryptionLevel.HANDSHAKE,
                new CertificateMessage(Opaque.EMPTY, credential.get().entries()));
        byte[] content = SignedContent.CLIENT.of(flow.transcript().hash());
        flow.send(EncryptionLevel.HANDSHAKE, credential.get().sign(scheme.get(), content));
    }

    @Override
    public void destroy() {
        agreed.keys().destroy();
    }
}
