package io.teahouse.tls.exchange;

import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.TlsException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.DecapsulateException;
import javax.crypto.KEM;

/**
 * X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem, section 4): the client sends an encapsulation key and a point, the server a
 * ciphertext and a point, and the two shared secrets stand one after the other, ML-KEM's always first.
 */
final class HybridExchange implements KeyExchange {
    private static final String ALGORITHM = "ML-KEM-768";
    private static final int ENCAPSULATION_KEY_LENGTH = 1184;
    private static final int CIPHERTEXT_LENGTH = 1088;

    /** What stands before the encapsulation key in a SubjectPublicKeyInfo (RFC 9935, section 4). */
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("308204b2300b0609608648016503040402038204a100");

    private final X25519Exchange point;
    private final KeyPair kem;

    HybridExchange(SecureRandom random) {
        point = new X25519Exchange(random);
        try {
            var generator = KeyPairGenerator.getInstance(ALGORITHM);
            generator.initialize(NamedParameterSpec.ML_KEM_768, random);
            kem = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without " + ALGORITHM, e);
        }
    }

    @Override
    public NamedGroup group() {
        return NamedGroup.X25519_MLKEM768;
    }

    @Override
    public byte[] share() {
        byte[] encoded = kem.getPublic().getEncoded();
        return concatenated(Arrays.copyOfRange(encoded, X509_PREFIX.length, encoded.length), point.share());
    }

    @Override
    public byte[] agree(byte[] serverShare) throws TlsException {
        requireLength(serverShare, CIPHERTEXT_LENGTH);
        byte[] ofKem;
        try {
            ofKem = KEM.getInstance("ML-KEM")
                    .newDecapsulator(kem.getPrivate())
                    .decapsulate(Arrays.copyOf(serverShare, CIPHERTEXT_LENGTH))
                    .getEncoded();
        } catch (DecapsulateException e) {
            throw new TlsException(Alert.ILLEGAL_PARAMETER, "key share: no ciphertext of ML-KEM (expected: one)");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without " + ALGORITHM, e);
        }
        return joined(ofKem, point.agree(pointOf(serverShare, CIPHERTEXT_LENGTH)));
    }

    static Answer answer(byte[] clientShare, SecureRandom random) throws TlsException {
        requireLength(clientShare, ENCAPSULATION_KEY_LENGTH);
        var point = new X25519Exchange(random);
        try {
            byte[] encoded = concatenated(X509_PREFIX, Arrays.copyOf(clientShare, ENCAPSULATION_KEY_LENGTH));
            var key = KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
            // Refuses keys with coefficients out of range, as FIPS 203, section 7.2 demands.
            var encapsulated =
                    KEM.getInstance("ML-KEM").newEncapsulator(key, random).encapsulate();
            return new Answer(
                    concatenated(encapsulated.encapsulation(), point.share()),
                    joined(
                            encapsulated.key().getEncoded(),
                            point.agree(pointOf(clientShare, ENCAPSULATION_KEY_LENGTH))));
        } catch (InvalidKeySpecException | InvalidKeyException e) {
            throw new TlsException(Alert.ILLEGAL_PARAMETER, "key share: no key of ML-KEM (expected: one)");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without " + ALGORITHM, e);
        } finally {
            point.destroy();
        }
    }

    @Override
    public void destroy() {
        point.destroy(); // the JDK's half has no way to be wiped
    }

    private static void requireLength(byte[] share, int kemLength) throws TlsException {
        if (share.length != kemLength + X25519.LENGTH) {
            throw new TlsException(
                    Alert.ILLEGAL_PARAMETER,
                    "key share: %d bytes (expected: %d)".formatted(share.length, kemLength + X25519.LENGTH));
        }
    }

    private static byte[] pointOf(byte[] share, int kemLength) {
        return Arrays.copyOfRange(share, kemLength, share.length);
    }

    private static byte[] joined(byte[] ofKem, byte[] ofPoint) {
        byte[] both = concatenated(ofKem, ofPoint);
        Arrays.fill(ofKem, (byte) 0);
        Arrays.fill(ofPoint, (byte) 0);
        return both;
    }

    private static byte[] concatenated(byte[] first, byte[] second) {
        var both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
