package io.teahouse.core;

import static java.lang.System.Logger.Level.INFO;

import org.conscrypt.Conscrypt;

/** Holds the choice, so that nothing is loaded before somebody signs or verifies. */
final class FastestEd25519 {
    static final Ed25519 INSTANCE = choose();

    private FastestEd25519() {}

    private static Ed25519 choose() {
        try {
            Conscrypt.checkAvailability();
            return new JcaEd25519(Conscrypt.newProvider());
        } catch (LinkageError e) {
            // No native code for this system, or no place that it may be loaded from.
            System.getLogger(Ed25519.class.getName())
                    .log(INFO, "signatures: by BouncyCastle, at a fifth of the speed, reason=" + e);
            return new BouncyCastleEd25519();
        }
    }
}
