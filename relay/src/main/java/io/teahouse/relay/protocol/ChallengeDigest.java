package io.teahouse.relay.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.commons.codec.digest.Blake3;

/**
 * What a client signs for a challenge: BLAKE3 in its derive-key mode (iroh relay spec, section 3.1).
 *
 * <p>The challenge itself is never signed, so that no relay can have a client sign bytes of the relay's choice.
 */
final class ChallengeDigest {
    private static final int LENGTH = 32;
    private static final byte[] CONTEXT = "iroh-relay handshake v1 challenge signature".getBytes(UTF_8);

    private ChallengeDigest() {}

    /** Returns the 32 bytes to sign. Safe to call from many threads. */
    static byte[] of(byte[] challenge) {
        return Blake3.initKeyDerivationFunction(CONTEXT).update(challenge).doFinalize(LENGTH);
    }
}
