package io.teahouse.tls;

import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.CertificateMessage;
import io.teahouse.tls.message.CertificateRequest;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.TlsException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A client that does not know yet who its server is, and may be asked who it is itself (RFC 8446, sections 4.3.2, 4.4.2). */
final class ClientAwaitsCertificate implements Step {
    private final ClientParts parts;
    private final ClientAgreement agreed;

    /** The schemes that the server takes from a client, if it has asked. */
    private final Optional<List<Integer>> request;

    ClientAwaitsCertificate(ClientParts parts, ClientAgreement agreed, Optional<List<Integer>> request) {
        this.parts = parts;
        this.agreed = agreed;
        this.request = request;
    }

    @Override
    public EncryptionLevel level() {
        return EncryptionLevel.HANDSHAKE;
    }

    @Override
    public Step handle(HandshakeMessage message, byte[] raw, Instant now) throws TlsException {
        return switch (message) {
            case CertificateRequest asked
            when request.isEmpty() -> {
                var schemes = schemes(asked);
                parts.flow().transcript().append(raw);
                yield new ClientAwaitsCertificate(parts, agreed, Optional.of(schemes));
            }
            case CertificateMessage certificate -> {
                PeerIdentity peer = identify(certificate, now);
                parts.flow().transcript().append(raw);
                yield new ClientAwaitsCertificateVerify(parts, agreed, peer, request);
            }
            default -> throw Step.unexpected(message, request.isEmpty() ? "certificate or its request" : "certificate");
        };
    }

    private static List<Integer> schemes(CertificateRequest asked) throws TlsException {
        if (!asked.context().isEmpty()) {
            throw new TlsException(
                    Alert.ILLEGAL_PARAMETER,
                    "certificate request: context %s (expected: none during the handshake)".formatted(asked.context()));
        }
        return asked.extensions()
                .find(Extension.SignatureAlgorithms.class)
                .orElseThrow(() -> new TlsException(
                        Alert.MISSING_EXTENSION, "certificate request: no signature_algorithms (expected: some)"))
                .schemes();
    }

    private PeerIdentity identify(CertificateMessage certificate, Instant now) throws TlsException {
        if (!certificate.context().isEmpty()) {
            throw new TlsException(
                    Alert.ILLEGAL_PARAMETER,
                    "certificate: context %s (expected: none from a server)".formatted(certificate.context()));
        }
        if (certificate.entries().isEmpty()) {
            throw new TlsException(
                    Alert.DECODE_ERROR, "certificate: no entries (expected: one at least, from a server)");
        }
        return parts.config().verifier().identify(certificate, now);
    }

    @Override
    public void destroy() {
        agreed.keys().destroy();
    }
}
