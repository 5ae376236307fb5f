package io.teahouse.quic.crypto;

import io.teahouse.quic.wire.ConnectionId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens by which a server knows, without remembering anything, that a client's address is the client's: from a Retry
 * packet, or from an earlier connection (RFC 9000, section 8.1).
 *
 * <p>Sealed, so that only who has the key can make or read one. What they say is bound to the address, and true for a
 * while. Times are milliseconds of the wall clock, which a restart does not change. Thread-safe: no state but the key.
 */
public final class AddressTokens {
    /** How many bytes the key has. */
    public static final int KEY_LENGTH = 32;

    /** How many bytes have to be random in each token. */
    public static final int NONCE_LENGTH = 12;

    /** How long a client has to come back after a Retry packet. */
    static final Duration RETRY_LIFETIME = Duration.ofSeconds(15);

    /** How long a client may come back after a connection. */
    static final Duration VALIDATION_LIFETIME = Duration.ofDays(14);

    private static final byte RETRY = 1;
    private static final byte VALIDATION = 2;
    private static final int TAG_BITS = 128;
    /** Kind, time, address with its length, port, and two connection ids with theirs. */
    private static final int MAX_LENGTH = 1 + Long.BYTES + 1 + 16 + Short.BYTES + 2 * (1 + ConnectionId.MAX_LENGTH);

    /** What a token proves. */
    public sealed interface Proof {
        /**
         * The client got our Retry packet.
         *
         * @param originalDestination where its first Initial packet went
         * @param retrySource         where our Retry packet came from
         */
        record Retried(ConnectionId originalDestination, ConnectionId retrySource) implements Proof {}

        /** The client has had a connection with us from this address. */
        record KnownAddress() implements Proof {}
    }

    private final SecretKeySpec key;

    /**
     * Creates tokens with a key.
     *
     * @param key {@link #KEY_LENGTH} random bytes, copied
     */
    public AddressTokens(byte[] key) {
        if (key.length != KEY_LENGTH) {
            throw new IllegalArgumentException("key: %d bytes (expected: %d)".formatted(key.length, KEY_LENGTH));
        }
        this.key = new SecretKeySpec(key, "AES");
    }

    /**
     * {@return the token for a Retry packet}
     *
     * @param client              the client's address; the token is worth nothing from another one
     * @param originalDestination where its Initial packet went
     * @param retrySource         where the Retry packet comes from
     * @param nowMillis           now
     * @param nonce               {@link #NONCE_LENGTH} random bytes
     */
    public byte[] forRetry(
            InetSocketAddress client,
            ConnectionId originalDestination,
            ConnectionId retrySource,
            long nowMillis,
            byte[] nonce) {
        var content = begin(RETRY, client.getAddress(), nowMillis).putShort((short) client.getPort());
        for (ConnectionId id : new ConnectionId[] {originalDestination, retrySource}) {
            content.put((byte) id.length());
            id.writeTo(content);
        }
        return seal(content.flip(), nonce);
    }

    /**
     * {@return the token for a NEW_TOKEN frame}
     *
     * @param client    the client's address; its port may be another the next time
     * @param nowMillis now
     * @param nonce     {@link #NONCE_LENGTH} random bytes
     */
    public byte[] forLater(InetAddress client, long nowMillis, byte[] nonce) {
        return seal(begin(VALIDATION, client, nowMillis).flip(), nonce);
    }

    /**
     * {@return what a token proves; empty if it is not ours, of another address, or too old, which is all the same}
     *
     * @param token     from an Initial packet, left as it is
     * @param client    where that came from
     * @param nowMillis now
     */
    public Optional<Proof> read(ByteBuffer token, InetSocketAddress client, long nowMillis) {
        return open(token).flatMap(content -> check(content, client, nowMillis));
    }

    private static Optional<Proof> check(ByteBuffer content, InetSocketAddress client, long nowMillis) {
        byte kind = content.get();
        long ageMillis = nowMillis - content.getLong();
        var address = new byte[content.get()];
        content.get(address);
        var lifetime = kind == RETRY ? RETRY_LIFETIME : VALIDATION_LIFETIME;
        boolean valid = ageMillis >= 0
                && ageMillis <= lifetime.toMillis()
                && Arrays.equals(address, client.getAddress().getAddress());
        if (!valid) {
            return Optional.empty();
        }
        if (kind == VALIDATION) {
            return Optional.of(new Proof.KnownAddress());
        }
        if (Short.toUnsignedInt(content.getShort()) != client.getPort()) {
            return Optional.empty();
        }
        var originalDestination = ConnectionId.read(content, content.get());
        return Optional.of(new Proof.Retried(originalDestination, ConnectionId.read(content, content.get())));
    }

    private static ByteBuffer begin(byte kind, InetAddress client, long nowMillis) {
        byte[] address = client.getAddress();
        return ByteBuffer.allocate(MAX_LENGTH)
                .put(kind)
                .putLong(nowMillis)
                .put((byte) address.length)
                .put(address);
    }

    private byte[] seal(ByteBuffer content, byte[] nonce) {
        try {
            var token = ByteBuffer.allocate(NONCE_LENGTH + content.remaining() + TAG_BITS / Byte.SIZE);
            token.put(nonce);
            cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(content, token);
            return token.array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM: not usable (expected: part of every JDK 25)", e);
        }
    }

    private Optional<ByteBuffer> open(ByteBuffer token) {
        if (token.remaining() < NONCE_LENGTH || token.remaining() > NONCE_LENGTH + MAX_LENGTH + TAG_BITS / Byte.SIZE) {
            return Optional.empty();
        }
        var nonce = new byte[NONCE_LENGTH];
        var sealed = new byte[token.remaining() - NONCE_LENGTH];
        token.duplicate().get(nonce).get(sealed);
        try {
            return Optional.of(
                    ByteBuffer.wrap(cipher(Cipher.DECRYPT_MODE, nonce).doFinal(sealed)));
        } catch (GeneralSecurityException _) {
            return Optional.empty(); // made by somebody else, or with an older key
        }
    }

    /** A new one each time, so that tokens may be made on any thread; they are rare. */
    private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        return cipher;
    }
}
