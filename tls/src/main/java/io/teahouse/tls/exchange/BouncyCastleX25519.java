package io.teahouse.tls.exchange;

/** In plain Java, for machines without Conscrypt's native code. */
final class BouncyCastleX25519 implements X25519 {
    @Override
    public byte[] agree(byte[] secretKey, byte[] publicKey) {
        var shared = new byte[LENGTH];
        org.bouncycastle.math.ec.rfc7748.X25519.scalarMult(secretKey, 0, publicKey, 0, shared, 0);
        return shared;
    }
}
