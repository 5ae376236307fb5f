package io.teahouse.tls.schedule;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;

/**
 * The hash of all handshake messages so far (RFC 8446, section 4.4.1). Not thread-safe.
 *
 * <p>Which hash it is shows only with ServerHello: until {@link #choose} the bytes themselves are kept, which are those of one
 * ClientHello.
 */
public final class Transcript {
    /** The type of the message that stands for the first ClientHello once there is a second one. */
    private static final byte MESSAGE_HASH = (byte) 254;

    private final ByteArrayOutputStream unhashed = new ByteArrayOutputStream();
    private State state = new State.Undecided();

    private sealed interface State {
        record Undecided() implements State {}

        record Hashing(HashAlgorithm hash, MessageDigest digest) implements State {}
    }

    /** Creates an empty one. */
    public Transcript() {}

    /**
     * Appends a message.
     *
     * @param message from its header on, as it was sent
     */
    public void append(byte[] message) {
        switch (state) {
            case State.Undecided() -> unhashed.writeBytes(message);
            case State.Hashing hashing -> hashing.digest().update(message);
        }
    }

    /**
     * Settles on a hash; once settled, it stays.
     *
     * @param hash that of the cipher suite
     */
    public void choose(HashAlgorithm hash) {
        if (state instanceof State.Undecided) {
            var digest = hash.newDigest();
            digest.update(unhashed.toByteArray());
            unhashed.reset();
            state = new State.Hashing(hash, digest);
        } else if (hashing().hash() != hash) {
            throw new IllegalStateException("hash: %s (expected: %s, as settled)"
                    .formatted(hash, hashing().hash()));
        }
    }

    /**
     * Puts the hash of what is there, the first ClientHello, in its place, as HelloRetryRequest demands.
     */
    public void replaceByHash() {
        var hashing = hashing();
        byte[] hash = hashing.digest().digest(); // which also starts it anew
        hashing.digest().update(new byte[] {MESSAGE_HASH, 0, 0, (byte) hash.length});
        hashing.digest().update(hash);
    }

    /**
     * {@return the hash of all messages so far}
     */
    public byte[] hash() {
        return copy(hashing()).digest();
    }

    /**
     * {@return the hash of all messages so far and of the start of another one, which is not appended}
     *
     * @param hash   with which, before one is settled on; later that one
     * @param next   a ClientHello that ends with binders
     * @param length how many of its bytes count
     */
    public byte[] hashWithPart(HashAlgorithm hash, byte[] next, int length) {
        MessageDigest digest = switch (state) {
            case State.Undecided() -> {
                var fresh = hash.newDigest();
                fresh.update(unhashed.toByteArray());
                yield fresh;
            }
            case State.Hashing hashing -> {
                assert hashing.hash() == hash : hash;
                yield copy(hashing);
            }
        };
        digest.update(next, 0, length);
        return digest.digest();
    }

    private State.Hashing hashing() {
        if (state instanceof State.Hashing hashing) {
            return hashing;
        }
        throw new IllegalStateException("hash: none yet (expected: chosen before)");
    }

    private static MessageDigest copy(State.Hashing hashing) {
        try {
            return (MessageDigest) hashing.digest().clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("a JDK whose hashes cannot be copied", e);
        }
    }
}
