package io.teahouse.tls.exchange;

import io.teahouse.tls.provider.FastProvider;

/** Holds the choice, so that nothing is loaded before somebody agrees on a key. */
final class FastestX25519 {
    static final X25519 INSTANCE = choose();

    private FastestX25519() {}

    private static X25519 choose() {
        var provider = FastProvider.get();
        return provider.isPresent() ? new JcaX25519(provider.get()) : new BouncyCastleX25519();
    }
}
