package io.teahouse.core;

/** Ed25519 in plain Java, for machines without Conscrypt's native code; its provider class is not loaded. */
final class BouncyCastleEd25519 implements Ed25519 {
    @Override
    public byte[] sign(byte[] seed, byte[] publicKey, byte[] message) {
        var signature = new byte[Signature.LENGTH];
        org.bouncycastle.math.ec.rfc8032.Ed25519.sign(seed, 0, publicKey, 0, message, 0, message.length, signature, 0);
        return signature;
    }

    @Override
    public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        return org.bouncycastle.math.ec.rfc8032.Ed25519.verify(signature, 0, publicKey, 0, message, 0, message.length);
    }
}
