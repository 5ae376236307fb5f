package io.teahouse.relay.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.bouncycastle.crypto.digests.Blake3Digest;
import org.bouncycastle.crypto.params.Blake3Parameters;

/**
 * What a client signs for a challenge: BLAKE3 in its derive-key mode (iroh relay spec, section 3.1).
 *
 * <p>The challenge itself is never signed, so that no relay can have a client sign bytes of the relay's choice.
 */
final class ChallengeDigest {
    private static final int LENGTH = 32;

    /** Has taken in the context string, which is the same each time; only ever copied. */
    private static final Blake3Digest AFTER_CONTEXT = new Blake3Digest(LENGTH * Byte.SIZE);

    static {
        AFTER_CONTEXT.init(Blake3Parameters.context("iroh-relay handshake v1 challenge signature".getBytes(UTF_8)));
    }

    private ChallengeDigest() {}

    /** Returns the 32 bytes to sign. Safe to call from many threads. */
    static byte[] of(byte[] challenge) {
        var digest = new Blake3Digest(AFTER_CONTEXT);
        digest.update(challenge, 0, challenge.length);
        byte[] messageToSign = new byte[LENGTH];
        digest.doFinal(messageToSign, 0);
        return messageToSign;
    }
}
