package io.teahouse.tls.exchange;

import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.TlsException;
import java.security.SecureRandom;
import java.util.Arrays;

/** X25519 (RFC 8446, section 7.4.2). */
final class X25519Exchange implements KeyExchange {
    private final byte[] secretKey = new byte[X25519.LENGTH];
    private final byte[] share;

    X25519Exchange(SecureRandom random) {
        random.nextBytes(secretKey);
        share = X25519.publicKey(secretKey);
    }

    @Override
    public NamedGroup group() {
        return NamedGroup.X25519;
    }

    @Override
    public byte[] share() {
        return share.clone();
    }

    @Override
    public byte[] agree(byte[] serverShare) throws TlsException {
        return agree(secretKey, serverShare);
    }

    @Override
    public void destroy() {
        Arrays.fill(secretKey, (byte) 0);
    }

    private static byte[] agree(byte[] secretKey, byte[] peersShare) throws TlsException {
        if (peersShare.length != X25519.LENGTH) {
            throw new TlsException(
                    Alert.ILLEGAL_PARAMETER,
                    "key share: %d bytes (expected: %d)".formatted(peersShare.length, X25519.LENGTH));
        }
        byte[] shared = X25519.fastest().agree(secretKey, peersShare);
        int bits = 0;
        for (byte each : shared) {
            bits |= each;
        }
        if (bits == 0) {
            throw new TlsException(
                    Alert.ILLEGAL_PARAMETER, "key share: a point of small order (expected: one that says something)");
        }
        return shared;
    }
}
