package io.teahouse.tls.provider;

import java.security.Provider;
import java.util.Optional;
import org.conscrypt.Conscrypt;

/** Conscrypt, where it has native code for this system; not registered, so that nothing else in the process meets it. */
public final class FastProvider {
    private static final Optional<Provider> INSTANCE = find();

    private FastProvider() {}

    /**
     * {@return the provider, if it is there; looked for, and its native code loaded, at the first call}
     */
    public static Optional<Provider> get() {
        return INSTANCE;
    }

    private static Optional<Provider> find() {
        try {
            Conscrypt.checkAvailability();
            return Optional.of(Conscrypt.newProvider());
        } catch (LinkageError e) {
            return Optional.empty(); // core tells of it once, when it looks for signatures
        }
    }
}
