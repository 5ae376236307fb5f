package io.teahouse.tls;

import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.CertificateMessage;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.TlsException;
import java.time.Instant;

/** A server that has asked its client who it is (RFC 8446, section 4.4.2.4). */
final class ServerAwaitsCertificate implements Step {
    private final ServerParts parts;
    private final ServerPending pending;
    private final PeerVerifier verifier;

    ServerAwaitsCertificate(ServerParts parts, ServerPending pending, PeerVerifier verifier) {
        this.parts = parts;
        this.pending = pending;
        this.verifier = verifier;
    }

    @Override
    public EncryptionLevel level() {
        return EncryptionLevel.HANDSHAKE;
    }

    @Override
    public Step handle(HandshakeMessage message, byte[] raw, Instant now) throws TlsException {
        if (!(message instanceof CertificateMessage certificate)) {
            throw Step.unexpected(message, "certificate");
        }
        if (!certificate.context().isEmpty()) {
            throw new TlsException(
                    Alert.ILLEGAL_PARAMETER,
                    "certificate: context %s (expected: none, as in the request)".formatted(certificate.context()));
        }
        if (certificate.entries().isEmpty()) {
            throw new TlsException(Alert.CERTIFICATE_REQUIRED, "certificate: no entries (expected: a raw public key)");
        }
        PeerIdentity peer = verifier.identify(certificate, now);
        parts.flow().transcript().append(raw);
        return new ServerAwaitsCertificateVerify(parts, pending, verifier, peer);
    }

    @Override
    public void destroy() {
        pending.destroy();
    }
}
