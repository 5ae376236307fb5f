package io.teahouse.tls;

import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.certificate.SignedContent;
import io.teahouse.tls.message.CertificateVerify;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.TlsException;
import java.time.Instant;

/** A server that has seen a key and not the proof that it is the client's (RFC 8446, section 4.4.3). */
final class ServerAwaitsCertificateVerify implements Step {
    private final ServerParts parts;
    private final ServerPending pending;
    private final PeerVerifier verifier;
    private final PeerIdentity peer;

    ServerAwaitsCertificateVerify(ServerParts parts, ServerPending pending, PeerVerifier verifier, PeerIdentity peer) {
        this.parts = parts;
        this.pending = pending;
        this.verifier = verifier;
        this.peer = peer;
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
        verifier.verifySignature(peer, verify, SignedContent.CLIENT.of(transcript.hash()));
        transcript.append(raw);
        return new ServerAwaitsFinished(parts, pending, peer);
    }

    @Override
    public void destroy() {
        pending.destroy();
    }
}
