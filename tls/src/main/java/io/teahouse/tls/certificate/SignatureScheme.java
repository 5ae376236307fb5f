package io.teahouse.tls.certificate;

import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.provider.FastProvider;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Optional;

/**
 * A way to sign (RFC 8446, section 4.2.3). An elliptic curve goes with one hash only, and RSA signs with PSS.
 */
public enum SignatureScheme {
    /** Ed25519, as iroh endpoints sign. */
    ED25519(0x0807, "Ed25519", 0),
    /** ECDSA on P-256 with SHA-256. */
    ECDSA_SECP256R1_SHA256(0x0403, "SHA256withECDSA", 256),
    /** ECDSA on P-384 with SHA-384. */
    ECDSA_SECP384R1_SHA384(0x0503, "SHA384withECDSA", 384),
    /** RSA-PSS with SHA-256, by a key for any use of RSA. */
    RSA_PSS_RSAE_SHA256(0x0804, "RSASSA-PSS", 0),
    /** RSA-PSS with SHA-384, by a key for any use of RSA. */
    RSA_PSS_RSAE_SHA384(0x0805, "RSASSA-PSS", 0),
    /** RSA-PSS with SHA-512, by a key for any use of RSA. */
    RSA_PSS_RSAE_SHA512(0x0806, "RSASSA-PSS", 0);

    /** Shorter keys of RSA are not taken from peers. */
    private static final int RSA_BITS_MIN = 2048;

    private final int code;
    private final String algorithm;
    private final int curveBits;

    SignatureScheme(int code, String algorithm, int curveBits) {
        this.code = code;
        this.algorithm = algorithm;
        this.curveBits = curveBits;
    }

    /**
     * {@return the scheme of a code, if it is one of these}
     *
     * @param code 0 to 65535
     */
    public static Optional<SignatureScheme> of(int code) {
        for (SignatureScheme scheme : values()) {
            if (scheme.code == code) {
                return Optional.of(scheme);
            }
        }
        return Optional.empty();
    }

    /**
     * {@return the number on the wire}
     */
    public int code() {
        return code;
    }

    /**
     * {@return whether a key, public or private, signs by this scheme}
     *
     * @param key any
     */
    public boolean fits(Key key) {
        return switch (key) {
            case EdECKey edwards ->
                this == ED25519 && edwards.getParams().getName().equals(NamedParameterSpec.ED25519.getName());
            case ECKey curve ->
                curveBits != 0 && curve.getParams().getCurve().getField().getFieldSize() == curveBits;
            case RSAKey rsa ->
                algorithm.equals("RSASSA-PSS")
                        && key.getAlgorithm().equals("RSA")
                        && rsa.getModulus().bitLength() >= RSA_BITS_MIN;
            default -> false;
        };
    }

    /**
     * {@return a signature}
     *
     * @param key     {@link #fits}
     * @param message what to sign
     */
    byte[] sign(PrivateKey key, byte[] message) {
        try {
            var signature = signature();
            try {
                signature.initSign(key);
            } catch (InvalidKeyException e) {
                signature = Signature.getInstance(
                        algorithm); // a key that only its own provider understands, say in a token
                signature.initSign(key);
            }
            setParameters(signature);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no signature by %s".formatted(this), e);
        }
    }

    /**
     * Makes sure that a signature is one.
     *
     * @param key       of the signer
     * @param message   what should have been signed
     * @param signature of which it should be
     * @throws TlsException if the key is of another kind, or the signature is none
     */
    void verify(PublicKey key, byte[] message, byte[] signature) throws TlsException {
        if (!fits(key)) {
            throw new TlsException(
                    Alert.ILLEGAL_PARAMETER,
                    "certificate verify: %s by a key of %s (expected: a scheme that fits the key)"
                            .formatted(this, key.getAlgorithm()));
        }
        try {
            var verifier = signature();
            verifier.initVerify(key);
            setParameters(verifier);
            verifier.update(message);
            if (verifier.verify(signature)) {
                return;
            }
        } catch (SignatureException | InvalidKeyException e) {
            // Not even the form of a signature, or a key with values that nobody's key has: as wrong as a wrong one.
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no verification by %s".formatted(this), e);
        }
        throw new TlsException(Alert.DECRYPT_ERROR, "certificate verify: the signature by %s is wrong".formatted(this));
    }

    /** ECDSA by Conscrypt, if it is there: six times as fast. The others by the JDK. */
    private Signature signature() throws NoSuchAlgorithmException {
        Optional<Provider> fast = FastProvider.get();
        return curveBits != 0 && fast.isPresent()
                ? Signature.getInstance(algorithm, fast.get())
                : Signature.getInstance(algorithm);
    }

    private void setParameters(Signature signature) throws InvalidAlgorithmParameterException {
        switch (this) {
            case RSA_PSS_RSAE_SHA256 -> signature.setParameter(pss("SHA-256", MGF1ParameterSpec.SHA256, 32));
            case RSA_PSS_RSAE_SHA384 -> signature.setParameter(pss("SHA-384", MGF1ParameterSpec.SHA384, 48));
            case RSA_PSS_RSAE_SHA512 -> signature.setParameter(pss("SHA-512", MGF1ParameterSpec.SHA512, 64));
            case ED25519, ECDSA_SECP256R1_SHA256, ECDSA_SECP384R1_SHA384 -> {}
        }
    }

    private static AlgorithmParameterSpec pss(String hash, MGF1ParameterSpec mask, int saltLength) {
        return new PSSParameterSpec(hash, "MGF1", mask, saltLength, PSSParameterSpec.TRAILER_FIELD_BC);
    }
}
