package io.teahouse.tls;

import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.TlsException;
import java.time.Instant;

/** A server whose handshake is complete: clients have nothing more to say. */
final class ServerEstablished implements Step {
    @Override
    public EncryptionLevel level() {
        return EncryptionLevel.ONE_RTT;
    }

    @Override
    public Step handle(HandshakeMessage message, byte[] raw, Instant now) throws TlsException {
        throw Step.unexpected(message, "nothing more");
    }

    @Override
    public void destroy() {
        // Nothing secret any longer.
    }
}
