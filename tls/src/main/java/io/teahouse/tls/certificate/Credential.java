package io.teahouse.tls.certificate;

import io.teahouse.core.SecretKey;
import io.teahouse.tls.message.CertificateMessage;
import io.teahouse.tls.message.CertificateVerify;
import io.teahouse.tls.message.Extensions;
import io.teahouse.tls.message.Opaque;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What one shows the peer to be known by, and the key to prove it. Immutable. */
public sealed interface Credential {
    /**
     * {@return in what form it is shown}
     */
    CertificateType type();

    /**
     * {@return the entries of the Certificate message}
     */
    List<CertificateMessage.Entry> entries();

    /**
     * {@return the scheme to sign with, if there is one that the peer takes}
     *
     * @param offered what the peer takes, the preferred one first
     */
    Optional<SignatureScheme> choose(List<Integer> offered);

    /**
     * {@return the proof of possession}
     *
     * @param scheme  one that was {@linkplain #choose chosen}
     * @param content what is to be signed, {@link SignedContent}
     */
    CertificateVerify sign(SignatureScheme scheme, byte[] content);

    /**
     * {@return the credential of an endpoint: its raw public key}
     *
     * @param key the endpoint's
     */
    static Credential of(SecretKey key) {
        return new RawKey(key);
    }

    /**
     * {@return the credential of a server with certificates}
     *
     * @param chain its own certificate first, each of the others certifies the one before
     * @param key   of the first one: ECDSA on P-256 or P-384, RSA of 2048 bits or more, or Ed25519
     */
    static Credential of(List<X509Certificate> chain, PrivateKey key) {
        return X509.create(chain, key);
    }

    /**
     * The raw public key of an endpoint (RFC 7250).
     *
     * @param key the endpoint's
     */
    record RawKey(SecretKey key) implements Credential {
        @Override
        public CertificateType type() {
            return CertificateType.RAW_PUBLIC_KEY;
        }

        @Override
        public List<CertificateMessage.Entry> entries() {
            return List.of(new CertificateMessage.Entry(RawPublicKey.encode(key.endpointId()), Extensions.NONE));
        }

        @Override
        public Optional<SignatureScheme> choose(List<Integer> offered) {
            return offered.contains(SignatureScheme.ED25519.code())
                    ? Optional.of(SignatureScheme.ED25519)
                    : Optional.empty();
        }

        @Override
        public CertificateVerify sign(SignatureScheme scheme, byte[] content) {
            return new CertificateVerify(
                    scheme.code(), Opaque.copyOf(key.sign(content).toBytes()));
        }
    }

    /** A chain of certificates. */
    final class X509 implements Credential {
        private final List<CertificateMessage.Entry> entries;
        private final PrivateKey key;

        private X509(List<CertificateMessage.Entry> entries, PrivateKey key) {
            this.entries = entries;
            this.key = key;
        }

        private static X509 create(List<X509Certificate> chain, PrivateKey key) {
            if (chain.isEmpty() || chain.size() > CertificateMessage.ENTRIES_MAX) {
                throw new IllegalArgumentException("chain: %d certificates (expected: 1 to %d)"
                        .formatted(chain.size(), CertificateMessage.ENTRIES_MAX));
            }
            boolean isUsable = false;
            for (SignatureScheme scheme : SignatureScheme.values()) {
                isUsable |= scheme.fits(key) && scheme.fits(chain.getFirst().getPublicKey());
            }
            if (!isUsable) {
                throw new IllegalArgumentException(
                        "key: %s for a certificate with %s (expected: ECDSA on P-256 or P-384, RSA of 2048 bits or more, or Ed25519, in both)"
                                .formatted(
                                        key.getAlgorithm(),
                                        chain.getFirst().getPublicKey().getAlgorithm()));
            }
            var entries = new ArrayList<CertificateMessage.Entry>();
            for (X509Certificate certificate : chain) {
                try {
                    entries.add(new CertificateMessage.Entry(Opaque.copyOf(certificate.getEncoded()), Extensions.NONE));
                } catch (CertificateEncodingException e) {
                    throw new IllegalArgumentException("chain: a certificate without its bytes", e);
                }
            }
            return new X509(List.copyOf(entries), key);
        }

        @Override
        public CertificateType type() {
            return CertificateType.X509;
        }

        @Override
        public List<CertificateMessage.Entry> entries() {
            return entries;
        }

        @Override
        public Optional<SignatureScheme> choose(List<Integer> offered) {
            return offered.stream()
                    .flatMap(code -> SignatureScheme.of(code).stream())
                    .filter(scheme -> scheme.fits(key))
                    .findFirst();
        }

        @Override
        public CertificateVerify sign(SignatureScheme scheme, byte[] content) {
            return new CertificateVerify(scheme.code(), Opaque.copyOf(scheme.sign(key, content)));
        }
    }
}
