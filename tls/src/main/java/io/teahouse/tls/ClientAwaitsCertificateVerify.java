package io.teahouse.tls;

import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.certificate.SignedContent;
import io.teahouse.tls.message.CertificateVerify;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.TlsException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A client that has seen a certificate and not the proof that it is the server's (RFC 8446, section 4.4.3). */
final class ClientAwaitsCertificateVerify implements Step {
    private final ClientParts parts;
    private final ClientAgreement agreed;
    private final PeerIdentity peer;
    private final Optional<List<Integer>> request;

    ClientAwaitsCertificateVerify(
            ClientParts parts, ClientAgreement agreed, PeerIdentity peer, Optional<List<Integer>> request) {
        this.parts = parts;
        this.agreed = agreed;
        this.peer = peer;
        this.request = request;
    }

    @Override
    public EncryptionLevel level() {
        return EncryptionLevel.HANDSHAKE;
    }

    @Override
    public Step handle(HandshakeMessage message, byte[] raw, Instant now) throws TlsException {
        if (!(message instanceof CertificateVerify verify)) {
            throw Step.unexpected(message, "certificate verify");
        }
        var transcript = parts.flow().transcript();
        parts.config().verifier().verifySignature(peer, verify, SignedContent.SERVER.of(transcript.hash()));
        transcript.append(raw);
        return new ClientAwaitsFinished(parts, agreed, peer, false, request);
    }

    @Override
    public void destroy() {
        agreed.keys().destroy();
    }
}
