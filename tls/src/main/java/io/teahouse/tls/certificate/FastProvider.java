package io.teahouse.tls.certificate;

import java.security.Provider;
import java.util.Optional;
import org.conscrypt.Conscrypt;

/** Conscrypt, where it has native code for this system; not registered, so that nothing else in the process meets it. */
final class FastProvider {
    static final Optional<Provider> INSTANCE = find();

    private FastProvider() {}

    private static Optional<Provider> find() {
        try {
            Conscrypt.checkAvailability();
            return Optional.of(Conscrypt.newProvider());
        } catch (LinkageError e) {
            return Optional.empty(); // core tells of it once, when it looks for signatures
        }
    }
}
