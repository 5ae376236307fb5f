package io.teahouse.quic;

import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.StatelessResetToken;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes connection ids, and their reset tokens of a key: so a connection that was forgotten can be reset (RFC 9000,
 * section 10.3.2). Not thread-safe.
 */
public final class ConnectionIdSource {
    /** How many bytes our ids have. */
    public static final int ID_LENGTH = 8;
    /** How many bytes the key has. */
    public static final int KEY_LENGTH = 32;

    private static final String ALGORITHM = "HmacSHA256";

    private final RandomGenerator random;
    private final Mac mac;

    /**
     * Creates a source.
     *
     * @param random what is in the ids; nobody must be able to guess it
     * @param key    {@link #KEY_LENGTH} secret bytes, copied; the same after a restart, if connections from before it are
     *               to be reset
     */
    public ConnectionIdSource(RandomGenerator random, byte[] key) {
        if (key.length != KEY_LENGTH) {
            throw new IllegalArgumentException("key: %d bytes (expected: %d)".formatted(key.length, KEY_LENGTH));
        }
        this.random = random;
        try {
            this.mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("%s: not usable (expected: part of every JDK)".formatted(ALGORITHM), e);
        }
    }

    /**
     * {@return a new id}
     */
    public ConnectionId next() {
        var bytes = new byte[ID_LENGTH];
        random.nextBytes(bytes);
        return ConnectionId.of(bytes);
    }

    /**
     * {@return the reset token of an id, always the same one}
     *
     * @param id of ours, known or not
     */
    public StatelessResetToken tokenOf(ConnectionId id) {
        return StatelessResetToken.of(Arrays.copyOf(mac.doFinal(id.toBytes()), StatelessResetToken.LENGTH));
    }
}
