package io.teahouse.tls;

import io.teahouse.tls.certificate.CertificateType;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.certificate.SignatureScheme;
import io.teahouse.tls.certificate.SignedContent;
import io.teahouse.tls.exchange.KeyExchange;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.CertificateMessage;
import io.teahouse.tls.message.CertificateRequest;
import io.teahouse.tls.message.ClientHello;
import io.teahouse.tls.message.EncryptedExtensions;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.Extensions;
import io.teahouse.tls.message.Finished;
import io.teahouse.tls.message.KeyShare;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.ServerHello;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.schedule.EarlySecret;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Everything that a server says at once, from ServerHello to Finished (RFC 8446, section 2). */
final class ServerFlight {
    private final ServerParts parts;
    private final MessageFlow flow;
    private final ClientHello hello;
    private final ServerChoice choice;
    private final Optional<ServerResumption> resumption;

    ServerFlight(ServerParts parts, ClientHello hello, ServerChoice choice, Optional<ServerResumption> resumption) {
        this.parts = parts;
        this.flow = parts.flow();
        this.hello = hello;
        this.choice = choice;
        this.resumption = resumption;
    }

    /** Says it, unless there is something that the client does not take: then nothing is said. */
    Step send(byte[] rawHello) throws TlsException {
        List<Extension> certificateTypes = certificateTypes();
        Optional<SignatureScheme> scheme = resumption.isPresent() ? Optional.empty() : Optional.of(scheme());
        // That there is a share was seen before.
        byte[] share = choice.share().orElseThrow().value().toArray();
        var answer = KeyExchange.answer(choice.group(), share, parts.random());

        flow.transcript().append(rawHello);
        flow.transcript().choose(choice.suite().hash());
        if (parts.config().isOverQuic()) {
            flow.output(new HandshakeOutput.PeerTransportParameters(choice.peerTransportParameters()));
        }
        boolean takesEarlyData =
                resumption.filter(ServerResumption::takesEarlyData).isPresent();
        EarlySecret early = resumption
                .map(ServerResumption::early)
                .orElseGet(() -> EarlySecret.withoutPsk(choice.suite().hash()));
        if (takesEarlyData) {
            flow.readSecret(
                    EncryptionLevel.ZERO_RTT,
                    KeyLogLabel.CLIENT_EARLY,
                    early.clientTraffic(choice.suite(), flow.transcript().hash()));
        }
        flow.send(EncryptionLevel.INITIAL, serverHello(answer.share()));
        var keys = HandshakeKeys.derive(
                choice.suite(),
                choice.group(),
                early,
                answer.sharedSecret(),
                flow.transcript().hash());
        flow.writeSecret(
                EncryptionLevel.HANDSHAKE,
                KeyLogLabel.SERVER_HANDSHAKE,
                keys.server().copy());
        flow.readSecret(
                EncryptionLevel.HANDSHAKE,
                KeyLogLabel.CLIENT_HANDSHAKE,
                keys.client().copy());
        flow.send(EncryptionLevel.HANDSHAKE, encryptedExtensions(certificateTypes, takesEarlyData));
        Optional<PeerVerifier> asks = scheme.isPresent() ? parts.config().verifier() : Optional.empty();
        asks.ifPresent(this::requestCertificate);
        scheme.ifPresent(this::authenticate);
        flow.send(
                EncryptionLevel.HANDSHAKE,
                new Finished(
                        Opaque.copyOf(keys.server().finished(flow.transcript().hash()))));
        return next(keys, asks, takesEarlyData);
    }

    private Step next(HandshakeKeys keys, Optional<PeerVerifier> asks, boolean takesEarlyData) {
        byte[] hash = flow.transcript().hash();
        var master = keys.secret().toMaster();
        flow.writeSecret(
                EncryptionLevel.ONE_RTT, KeyLogLabel.SERVER_APPLICATION, master.serverTraffic(choice.suite(), hash));
        var pending = new ServerPending(
                keys,
                master,
                master.clientTraffic(choice.suite(), hash),
                master.exporter(hash),
                choice.protocol(),
                resumption.isPresent(),
                takesEarlyData,
                hello.extensions().find(Extension.ServerName.class).map(Extension.ServerName::hostName),
                hello.extensions()
                        .find(Extension.PskModes.class)
                        .filter(psk -> psk.modes().contains(Protocol.PSK_WITH_KEY_EXCHANGE))
                        .isPresent());
        if (asks.isPresent()) {
            return new ServerAwaitsCertificate(parts, pending, asks.get());
        }
        PeerIdentity peer = resumption.map(ServerResumption::peer).orElseGet(PeerIdentity.Anonymous::new);
        return new ServerAwaitsFinished(parts, pending, peer);
    }

    private ServerHello serverHello(byte[] share) {
        var extensions = new ArrayList<Extension>();
        extensions.add(
                new Extension.SelectedKeyShare(new KeyShare(choice.group().code(), Opaque.copyOf(share))));
        extensions.add(new Extension.SelectedVersion(Protocol.TLS_1_3));
        resumption.ifPresent(known -> extensions.add(new Extension.SelectedPsk(known.index())));
        var random = new byte[ClientHello.RANDOM_LENGTH];
        parts.random().nextBytes(random);
        return new ServerHello(
                Opaque.copyOf(random), hello.legacySessionId(), choice.suite().code(), new Extensions(extensions));
    }

    private EncryptedExtensions encryptedExtensions(List<Extension> certificateTypes, boolean takesEarlyData) {
        var extensions = new ArrayList<Extension>();
        extensions.add(new Extension.ApplicationProtocols(List.of(choice.protocol())));
        extensions.addAll(certificateTypes);
        if (takesEarlyData) {
            extensions.add(new Extension.EarlyData());
        }
        if (parts.config().isOverQuic()) {
            extensions.add(new Extension.TransportParameters(parts.transportParameters()));
        }
        return new EncryptedExtensions(new Extensions(extensions));
    }

    /** What is answered to the client's certificate types (RFC 7250, section 4.2); in a resumed handshake as well. */
    private List<Extension> certificateTypes() throws TlsException {
        var answers = new ArrayList<Extension>();
        CertificateType own = parts.config().credential().type();
        var forServer = hello.extensions().find(Extension.ServerCertificateTypes.class);
        requireOffered(
                own, forServer.map(Extension.ServerCertificateTypes::types).orElse(DEFAULT_TYPES), "server");
        if (forServer.isPresent()) {
            answers.add(new Extension.SelectedServerCertificateType(own.code()));
        }
        if (parts.config().verifier().isPresent()) {
            CertificateType wanted = parts.config().verifier().get().type();
            var forClient = hello.extensions().find(Extension.ClientCertificateTypes.class);
            requireOffered(
                    wanted,
                    forClient.map(Extension.ClientCertificateTypes::types).orElse(DEFAULT_TYPES),
                    "client");
            answers.add(new Extension.SelectedClientCertificateType(wanted.code()));
        }
        return answers;
    }

    /** What a client without the extension can do. */
    private static final List<Integer> DEFAULT_TYPES = List.of(CertificateType.X509.code());

    private static void requireOffered(CertificateType needed, List<Integer> offered, String whose)
            throws TlsException {
        if (!offered.contains(needed.code())) {
            throw new TlsException(
                    Alert.UNSUPPORTED_CERTIFICATE,
                    "client hello: %d %s certificate types (expected: %d, %s, among them)"
                            .formatted(offered.size(), whose, needed.code(), needed));
        }
    }

    private SignatureScheme scheme() throws TlsException {
        var offered = hello.extensions()
                .find(Extension.SignatureAlgorithms.class)
                .orElseThrow(() -> new TlsException(
                        Alert.MISSING_EXTENSION, "client hello: no signature_algorithms (expected: some)"));
        return parts.config()
                .credential()
                .choose(offered.schemes())
                .orElseThrow(() -> new TlsException(
                        Alert.HANDSHAKE_FAILURE, "client hello: no signature scheme that fits the server's key"));
    }

    private void requestCertificate(PeerVerifier verifier) {
        flow.send(
                EncryptionLevel.HANDSHAKE,
                new CertificateRequest(
                        Opaque.EMPTY, Extensions.of(new Extension.SignatureAlgorithms(verifier.schemes()))));
    }

    private void authenticate(SignatureScheme scheme) {
        Credential credential = parts.config().credential();
        flow.send(EncryptionLevel.HANDSHAKE, new CertificateMessage(Opaque.EMPTY, credential.entries()));
        byte[] content = SignedContent.SERVER.of(flow.transcript().hash());
        flow.send(EncryptionLevel.HANDSHAKE, credential.sign(scheme, content));
    }
}
