package io.teahouse.quic.crypto;

import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.TrafficSecret;

/** What QUIC makes of a secret that TLS hands out: the keys of one direction, and how long they last (RFC 9001, sections 5 and 6). */
public final class PacketKeys {
    private PacketKeys() {}

    /**
     * {@return what seals packets of a direction}
     *
     * @param secret the direction's
     */
    public static PacketSealer sealer(TrafficSecret secret) {
        return new PacketSealer(secret.suite(), key(secret), iv(secret));
    }

    /**
     * {@return what opens packets of a direction}
     *
     * @param secret the direction's
     */
    public static PacketOpener opener(TrafficSecret secret) {
        return new PacketOpener(secret.suite(), key(secret), iv(secret));
    }

    /**
     * {@return what masks headers of a direction; later key phases keep it}
     *
     * @param secret the direction's
     */
    public static HeaderProtection headerProtection(TrafficSecret secret) {
        byte[] key = secret.expand("quic hp", secret.suite().keyLength());
        return switch (secret.suite()) {
            case AES_128_GCM_SHA256, AES_256_GCM_SHA384 -> new AesHeaderProtection(key);
            case CHACHA20_POLY1305_SHA256 -> new ChaChaHeaderProtection(key);
        };
    }

    static byte[] key(TrafficSecret secret) {
        return secret.expand("quic key", secret.suite().keyLength());
    }

    static byte[] iv(TrafficSecret secret) {
        return secret.expand("quic iv", PacketCipher.NONCE_LENGTH);
    }

    /** How many packets one key may seal at most; with ChaCha20 the packet number runs out before (section 6.6). */
    static long confidentialityLimit(CipherSuite suite) {
        return switch (suite) {
            case AES_128_GCM_SHA256, AES_256_GCM_SHA384 -> 1L << 23;
            case CHACHA20_POLY1305_SHA256 -> Long.MAX_VALUE;
        };
    }

    /** How many packets of a connection may fail to open at most, with all keys together (section 6.6). */
    static long integrityLimit(CipherSuite suite) {
        return switch (suite) {
            case AES_128_GCM_SHA256, AES_256_GCM_SHA384 -> 1L << 52;
            case CHACHA20_POLY1305_SHA256 -> 1L << 36;
        };
    }
}
