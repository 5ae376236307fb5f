package io.teahouse.tls.certificate;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.Signature;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.CertificateMessage;
import io.teahouse.tls.message.CertificateVerify;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What one demands of the peer's certificate, and the check of its signature. Immutable. */
public sealed interface PeerVerifier {
    /**
     * {@return in what form the peer has to present itself}
     */
    CertificateType type();

    /**
     * {@return the codes of signature_algorithms, the preferred one first}
     */
    List<Integer> schemes();

    /**
     * {@return who presents this certificate; that it is theirs is for {@link #verifySignature} to say}
     *
     * @param certificate of the peer, with one entry at least
     * @param now         for the validity of certificates
     * @throws TlsException if it is not what is demanded
     */
    PeerIdentity identify(CertificateMessage certificate, Instant now) throws TlsException;

    /**
     * {@return whether a peer that was identified before, and is known again by a ticket, is still one to talk to}
     *
     * @param identity from then
     * @param now      for the validity of certificates
     */
    boolean stillAccepts(PeerIdentity identity, Instant now);

    /**
     * {@return the verifier of a client that wants one endpoint and no other}
     *
     * @param id the one
     */
    static PeerVerifier endpoint(EndpointId id) {
        return new RawKey(Optional.of(id));
    }

    /**
     * {@return the verifier of a server that takes any endpoint, and learns its id}
     */
    static PeerVerifier anyEndpoint() {
        return new RawKey(Optional.empty());
    }

    /**
     * {@return the verifier of a client that wants a server with a certificate for its name}
     *
     * @param anchors    who is trusted to issue certificates; a server's own certificate may be among them
     * @param serverName a DNS name, or an IP address in text form
     */
    static PeerVerifier certified(Set<TrustAnchor> anchors, String serverName) {
        return new Certified(new ChainValidator(anchors), ServerName.of(serverName));
    }

    /**
     * Checks that the peer has the key of its certificate.
     *
     * @param identity what {@link #identify} has returned
     * @param verify   the peer's
     * @param content  what it should have signed
     * @throws TlsException if it has not, or with a scheme that was not {@linkplain #schemes offered}
     */
    default void verifySignature(PeerIdentity identity, CertificateVerify verify, byte[] content) throws TlsException {
        SignatureScheme scheme = SignatureScheme.of(verify.scheme())
                .filter(known -> schemes().contains(known.code()))
                .orElseThrow(() -> new TlsException(
                        Alert.ILLEGAL_PARAMETER,
                        "certificate verify: scheme 0x%04x (expected: one that was offered)"
                                .formatted(verify.scheme())));
        switch (identity) {
            case PeerIdentity.Endpoint(var id) -> verifyRaw(id, verify.signature(), content);
            case PeerIdentity.Certified(var certificate) ->
                scheme.verify(
                        certificate.getPublicKey(), content, verify.signature().toArray());
            case PeerIdentity.Anonymous() -> throw new IllegalArgumentException("identity: none (expected: one)");
        }
    }

    private static void verifyRaw(EndpointId id, Opaque signature, byte[] content) throws TlsException {
        try {
            if (id.verify(content, Signature.fromBytes(signature.toArray(), 0))
                    && signature.length() == Signature.LENGTH) {
                return;
            }
        } catch (FormatException e) {
            // Too short, and so as wrong as a wrong one.
        }
        throw new TlsException(Alert.DECRYPT_ERROR, "certificate verify: not signed by %s".formatted(id.shortForm()));
    }

    /**
     * Demands an endpoint.
     *
     * @param expected which one, if not any
     */
    record RawKey(Optional<EndpointId> expected) implements PeerVerifier {
        @Override
        public CertificateType type() {
            return CertificateType.RAW_PUBLIC_KEY;
        }

        @Override
        public List<Integer> schemes() {
            return List.of(SignatureScheme.ED25519.code());
        }

        @Override
        public PeerIdentity identify(CertificateMessage certificate, Instant now) throws TlsException {
            var entries = certificate.entries();
            if (entries.size() != 1) {
                throw new TlsException(
                        Alert.BAD_CERTIFICATE,
                        "certificate: %d entries (expected: 1, a raw public key)".formatted(entries.size()));
            }
            requireNoExtensions(entries.getFirst());
            EndpointId id = RawPublicKey.decode(entries.getFirst().data());
            if (expected.isPresent() && !expected.get().equals(id)) {
                throw new TlsException(
                        Alert.BAD_CERTIFICATE,
                        "certificate: endpoint %s (expected: %s)"
                                .formatted(id.shortForm(), expected.get().shortForm()));
            }
            return new PeerIdentity.Endpoint(id);
        }

        @Override
        public boolean stillAccepts(PeerIdentity identity, Instant now) {
            return identity instanceof PeerIdentity.Endpoint(var id)
                    && (expected.isEmpty() || expected.get().equals(id));
        }
    }

    /** Demands a certificate. */
    final class Certified implements PeerVerifier {
        /**
         * What signs certificates of the chain, too: there, PKCS #1 is still common. The order is that of iroh's clients,
         * observed with iroh 1.4.1.
         */
        private static final List<Integer> SCHEMES =
                List.of(0x0503, 0x0403, 0x0807, 0x0806, 0x0805, 0x0804, 0x0601, 0x0501, 0x0401);

        private final ChainValidator chains;
        private final ServerName serverName;

        private Certified(ChainValidator chains, ServerName serverName) {
            this.chains = chains;
            this.serverName = serverName;
        }

        @Override
        public CertificateType type() {
            return CertificateType.X509;
        }

        @Override
        public List<Integer> schemes() {
            return SCHEMES;
        }

        /**
         * {@return the name to ask the server for: none if it is an IP address}
         */
        public Optional<Opaque> indication() {
            return serverName.indication();
        }

        @Override
        public PeerIdentity identify(CertificateMessage certificate, Instant now) throws TlsException {
            for (CertificateMessage.Entry entry : certificate.entries()) {
                requireNoExtensions(entry);
            }
            X509Certificate leaf = chains.validate(
                    certificate.entries().stream()
                            .map(CertificateMessage.Entry::data)
                            .toList(),
                    now);
            serverName.requireIn(leaf);
            return new PeerIdentity.Certified(leaf);
        }

        /** The chain is not looked at again: who was trusted when the ticket came is so until it ends. */
        @Override
        public boolean stillAccepts(PeerIdentity identity, Instant now) {
            if (!(identity instanceof PeerIdentity.Certified(var certificate))
                    || certificate.getNotAfter().toInstant().isBefore(now)) {
                return false;
            }
            try {
                serverName.requireIn(certificate);
                return true;
            } catch (TlsException e) {
                return false;
            }
        }
    }

    /** Extensions of an entry answer ones of ClientHello or CertificateRequest, and no such were sent. */
    private static void requireNoExtensions(CertificateMessage.Entry entry) throws TlsException {
        for (Extension extension : entry.extensions().all()) {
            throw new TlsException(
                    Alert.UNSUPPORTED_EXTENSION,
                    "certificate: extension %d (expected: none, nobody asked for any)".formatted(extension.type()));
        }
    }
}
