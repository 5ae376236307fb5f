package io.teahouse.tls.exchange;

import io.teahouse.tls.message.TlsException;
import java.security.SecureRandom;

/**
 * The client's side of one key exchange, which waits for the server's share; and, as {@link #answer}, the server's side,
 * which is done at once. Not thread-safe.
 */
public sealed interface KeyExchange permits CurveExchange, HybridExchange, X25519Exchange {
    /**
     * What the server's side gives.
     *
     * @param share        for the client
     * @param sharedSecret for the key schedule, which wipes it
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Answer(byte[] share, byte[] sharedSecret) {}

    /**
     * {@return what kind it is}
     */
    NamedGroup group();

    /**
     * {@return the share for the server}
     */
    byte[] share();

    /**
     * {@return the shared secret, for the key schedule, which wipes it}
     *
     * @param serverShare as it came
     * @throws TlsException if it is none of this group
     */
    byte[] agree(byte[] serverShare) throws TlsException;

    /** Wipes the secret half. */
    void destroy();

    /**
     * {@return the client's side, with a fresh secret}
     *
     * @param group  what kind
     * @param random everything rests on nobody else knowing what it gives
     */
    static KeyExchange offer(NamedGroup group, SecureRandom random) {
        return switch (group) {
            case X25519 -> new X25519Exchange(random);
            case SECP256R1, SECP384R1 -> new CurveExchange(Curve.of(group), random);
            case X25519_MLKEM768 -> new HybridExchange(random);
        };
    }

    /**
     * {@return the server's side}
     *
     * @param group       what kind
     * @param clientShare as it came
     * @param random      everything rests on nobody else knowing what it gives
     * @throws TlsException if the share is none of this group
     */
    static Answer answer(NamedGroup group, byte[] clientShare, SecureRandom random) throws TlsException {
        if (group == NamedGroup.X25519_MLKEM768) {
            return HybridExchange.answer(clientShare, random);
        }
        // Diffie and Hellman's way is the same from both sides.
        KeyExchange own = offer(group, random);
        try {
            return new Answer(own.share(), own.agree(clientShare));
        } finally {
            own.destroy();
        }
    }
}
