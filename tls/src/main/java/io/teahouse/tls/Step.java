package io.teahouse.tls;

import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.TlsException;
import java.time.Instant;

/** A state of a machine: what it waits for, and what follows. Holds what the steps after it need, and nothing else. */
interface Step {
    /** The level at which the message has to come. */
    EncryptionLevel level();

    /**
     * Deals with the next message.
     *
     * @param message the message
     * @param raw     its bytes as they came, for the transcript
     * @param now     the time
     * @return what comes then
     */
    Step handle(HandshakeMessage message, byte[] raw, Instant now) throws TlsException;

    /** Wipes the secrets that only this step has. */
    void destroy();

    /** The failure of a message that may not come here. */
    static TlsException unexpected(HandshakeMessage message, String expected) {
        return new TlsException(Alert.UNEXPECTED_MESSAGE, "%s (expected: %s)".formatted(message.type(), expected));
    }
}
