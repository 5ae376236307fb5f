package io.teahouse.tls.exchange;

import org.conscrypt.Conscrypt;

/** Holds the choice, so that nothing is loaded before somebody agrees on a key. */
final class FastestX25519 {
    static final X25519 INSTANCE = choose();

    private FastestX25519() {}

    private static X25519 choose() {
        try {
            Conscrypt.checkAvailability();
            return new JcaX25519(Conscrypt.newProvider());
        } catch (LinkageError e) {
            // No native code for this system; core tells of it once, when it looks for signatures.
            return new BouncyCastleX25519();
        }
    }
}
