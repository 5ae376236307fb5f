package io.teahouse.tls.resumption;

import io.teahouse.tls.message.Opaque;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals tickets, so that a server has nothing to keep for them: AES-256-GCM with keys that live in this process only and are
 * replaced after each {@linkplain #lifetime lifetime} of a ticket.
 *
 * <p>Who steals a key can read the traffic in 0-RTT packets of the tickets that it sealed, and nothing else, since resumed
 * handshakes exchange keys anew; so a key is forgotten as soon as the last of its tickets is past its time, at most two
 * lifetimes after it was made. After a restart all tickets are worthless, and clients make full handshakes.
 *
 * <p>Any thread may call; one is meant for all connections of a server.
 */
public final class TicketKeys {
    /** What iroh's endpoints give, a day (observed with iroh 1.4.1). RFC 8446 allows a week. */
    public static final Duration DEFAULT_LIFETIME = Duration.ofDays(1);

    /** RFC 8446, section 4.6.1. */
    private static final Duration LIFETIME_MAX = Duration.ofDays(7);

    /** The one that seals, and the one before it, whose tickets may be good yet. */
    private static final int KEYS_MAX = 2;

    private static final int NAME_LENGTH = 8;
    private static final int KEY_LENGTH = 32;
    private static final int NONCE_LENGTH = 12;
    private static final int TAG_BITS = 128;

    private final Duration lifetime;
    private final Deque<Key> keys = new ArrayDeque<>();

    private record Key(Opaque name, SecretKey secret, Instant madeAt) {}

    /**
     * Creates one without keys: the first ticket makes the first key.
     *
     * @param lifetime of each ticket, 1 second to 7 days
     */
    public TicketKeys(Duration lifetime) {
        if (lifetime.compareTo(Duration.ofSeconds(1)) < 0 || lifetime.compareTo(LIFETIME_MAX) > 0) {
            throw new IllegalArgumentException("lifetime: %s (expected: 1 second to 7 days)".formatted(lifetime));
        }
        this.lifetime = lifetime;
    }

    /**
     * {@return how long each ticket is good}
     */
    public Duration lifetime() {
        return lifetime;
    }

    /**
     * {@return a ticket for the client}
     *
     * @param ticket what it says
     * @param now    the time
     * @param random for its nonce, and for a new key where one is due
     */
    public Opaque seal(ServerTicket ticket, Instant now, SecureRandom random) {
        Key key = current(now, random);
        var nonce = new byte[NONCE_LENGTH];
        random.nextBytes(nonce);
        byte[] contents = ticket.encode();
        try {
            var cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce, 0);
            byte[] sealed = new byte[NAME_LENGTH + NONCE_LENGTH + cipher.getOutputSize(contents.length)];
            System.arraycopy(key.name().toArray(), 0, sealed, 0, NAME_LENGTH);
            System.arraycopy(nonce, 0, sealed, NAME_LENGTH, NONCE_LENGTH);
            cipher.doFinal(contents, 0, contents.length, sealed, NAME_LENGTH + NONCE_LENGTH);
            return Opaque.copyOf(sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without AES-GCM", e);
        } finally {
            Arrays.fill(contents, (byte) 0);
        }
    }

    /**
     * {@return what a ticket says, if it is one of this server and within its time}
     *
     * @param ticket what a client presents
     * @param now    the time
     */
    public Optional<ServerTicket> open(Opaque ticket, Instant now) {
        byte[] bytes = ticket.toArray();
        if (bytes.length < NAME_LENGTH + NONCE_LENGTH) {
            return Optional.empty();
        }
        var name = Opaque.copyOf(Arrays.copyOf(bytes, NAME_LENGTH));
        Optional<Key> key = find(name, now);
        if (key.isEmpty()) {
            return Optional.empty();
        }
        byte[] contents;
        try {
            int start = NAME_LENGTH + NONCE_LENGTH;
            contents = cipher(Cipher.DECRYPT_MODE, key.get(), bytes, NAME_LENGTH)
                    .doFinal(bytes, start, bytes.length - start);
        } catch (GeneralSecurityException e) {
            return Optional.empty(); // not sealed by that key
        }
        try {
            return ServerTicket.decode(contents).filter(opened -> opened.isGoodAt(now));
        } finally {
            Arrays.fill(contents, (byte) 0);
        }
    }

    private synchronized Key current(Instant now, SecureRandom random) {
        dropOld(now);
        Key newest = keys.peekLast();
        if (newest != null && now.isBefore(newest.madeAt().plus(lifetime))) {
            return newest;
        }
        var name = new byte[NAME_LENGTH];
        var secret = new byte[KEY_LENGTH];
        random.nextBytes(name);
        random.nextBytes(secret);
        var made = new Key(Opaque.copyOf(name), new SecretKeySpec(secret, "AES"), now);
        Arrays.fill(secret, (byte) 0);
        if (keys.size() == KEYS_MAX) {
            keys.removeFirst();
        }
        keys.addLast(made);
        return made;
    }

    private synchronized Optional<Key> find(Opaque name, Instant now) {
        dropOld(now);
        return keys.stream().filter(key -> key.name().equals(name)).findFirst();
    }

    private void dropOld(Instant now) {
        keys.removeIf(key -> !now.isBefore(key.madeAt().plus(lifetime.multipliedBy(2))));
    }

    private static Cipher cipher(int mode, Key key, byte[] nonce, int offset) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key.secret(), new GCMParameterSpec(TAG_BITS, nonce, offset, NONCE_LENGTH));
        cipher.updateAAD(key.name().toArray());
        return cipher;
    }
}
