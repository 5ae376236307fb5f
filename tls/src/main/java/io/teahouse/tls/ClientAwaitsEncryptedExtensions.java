package io.teahouse.tls;

import io.teahouse.tls.certificate.CertificateType;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.EncryptedExtensions;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.Extensions;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.resumption.ClientTicket;
import java.time.Instant;
import java.util.Optional;

/** A client that has exchanged keys (RFC 8446, section 4.3.1). */
final class ClientAwaitsEncryptedExtensions implements Step {
    private final ClientParts parts;
    private final ClientOffer offer;
    private final HandshakeKeys keys;
    private final boolean isResumed;

    ClientAwaitsEncryptedExtensions(ClientParts parts, ClientOffer offer, HandshakeKeys keys, boolean isResumed) {
        this.parts = parts;
        this.offer = offer;
        this.keys = keys;
        this.isResumed = isResumed;
    }

    @Override
    public EncryptionLevel level() {
        return EncryptionLevel.HANDSHAKE;
    }

    @Override
    public Step handle(HandshakeMessage message, byte[] raw, Instant now) throws TlsException {
        if (!(message instanceof EncryptedExtensions(var extensions))) {
            throw Step.unexpected(message, "encrypted extensions");
        }
        requireAskedFor(extensions);
        Opaque protocol = protocol(extensions);
        boolean earlyDataAccepted = extensions.has(Extension.EarlyData.class);
        requireFitsTicket(earlyDataAccepted, protocol);
        boolean mayShowKey = clientCertificateType(extensions);
        Opaque transportParameters = transportParameters(extensions);
        parts.flow().transcript().append(raw);
        if (parts.config().isOverQuic()) {
            parts.flow().output(new HandshakeOutput.PeerTransportParameters(transportParameters));
        }
        if (offer.withEarlyData()) {
            parts.flow().output(new HandshakeOutput.EarlyDataDecision(earlyDataAccepted));
        }
        var agreed = new ClientAgreement(keys, protocol, transportParameters, earlyDataAccepted, mayShowKey);
        Optional<ClientTicket> ticket =
                offer.resumption().filter(_ -> isResumed).map(ClientOffer.Resumption::ticket);
        if (ticket.isPresent()) {
            return new ClientAwaitsFinished(parts, agreed, ticket.get().memory().peer(), true, Optional.empty());
        }
        requireServerCertificateType(extensions);
        return new ClientAwaitsCertificate(parts, agreed, Optional.empty());
    }

    private void requireAskedFor(Extensions extensions) throws TlsException {
        for (Extension extension : extensions.all()) {
            if (!offer.has(extension.type())) {
                throw new TlsException(
                        Alert.UNSUPPORTED_EXTENSION,
                        "encrypted extensions: extension %d (expected: one that was asked for)"
                                .formatted(extension.type()));
            }
        }
    }

    private Opaque protocol(Extensions extensions) throws TlsException {
        var chosen = extensions
                .find(Extension.ApplicationProtocols.class)
                .orElseThrow(() -> new TlsException(
                        Alert.NO_APPLICATION_PROTOCOL,
                        "encrypted extensions: no application protocol (expected: one that was offered)"));
        if (chosen.names().size() != 1
                || !parts.config().protocols().contains(chosen.names().getFirst())) {
            throw new TlsException(
                    Alert.ILLEGAL_PARAMETER,
                    "encrypted extensions: %d application protocols (expected: one that was offered)"
                            .formatted(chosen.names().size()));
        }
        return chosen.names().getFirst();
    }

    /** RFC 8446, section 4.2.10: who takes early data takes it as what it was sent as. */
    private void requireFitsTicket(boolean earlyDataAccepted, Opaque protocol) throws TlsException {
        if (!earlyDataAccepted) {
            return;
        }
        var ticket = offer.resumption().orElseThrow().ticket();
        if (!isResumed
                || keys.suite() != ticket.suite()
                || !protocol.equals(ticket.memory().protocol())) {
            throw new TlsException(
                    Alert.ILLEGAL_PARAMETER,
                    "encrypted extensions: early data taken with %s (expected: with ticket, suite and protocol of the earlier connection)"
                            .formatted(keys.suite()));
        }
    }

    /** Returns whether the server takes a raw public key. */
    private static boolean clientCertificateType(Extensions extensions) throws TlsException {
        var selected = extensions.find(Extension.SelectedClientCertificateType.class);
        if (selected.isPresent()) {
            requireRawPublicKey("client", selected.get().selected());
        }
        return selected.isPresent();
    }

    private void requireServerCertificateType(Extensions extensions) throws TlsException {
        if (parts.config().verifier().type() == CertificateType.RAW_PUBLIC_KEY) {
            var selected = extensions
                    .find(Extension.SelectedServerCertificateType.class)
                    .orElseThrow(() -> new TlsException(
                            Alert.UNSUPPORTED_CERTIFICATE,
                            "encrypted extensions: no server_certificate_type (expected: a raw public key)"));
            requireRawPublicKey("server", selected.selected());
        }
    }

    private static void requireRawPublicKey(String whose, int type) throws TlsException {
        if (type != CertificateType.RAW_PUBLIC_KEY.code()) {
            throw new TlsException(
                    Alert.ILLEGAL_PARAMETER,
                    "encrypted extensions: %s certificate type %d (expected: 2, a raw public key)"
                            .formatted(whose, type));
        }
    }

    private Opaque transportParameters(Extensions extensions) throws TlsException {
        var found = extensions.find(Extension.TransportParameters.class);
        if (found.isEmpty() && parts.config().isOverQuic()) {
            throw new TlsException(
                    Alert.MISSING_EXTENSION, "encrypted extensions: no quic_transport_parameters (expected: some)");
        }
        return found.map(Extension.TransportParameters::value).orElse(Opaque.EMPTY);
    }

    @Override
    public void destroy() {
        keys.destroy();
    }
}
