package io.teahouse.tls;

import io.teahouse.tls.message.TlsException;
import java.time.Instant;
import java.util.Optional;

/**
 * One side of a handshake, as a machine: {@link #handleBytes} feeds it, {@link #pollOutput} asks what is to be done.
 *
 * <p>After each call of {@code handleBytes} or {@link ClientHandshake#start}, ask until there is nothing more, and also after
 * one that has failed: what came before the failure still holds. The machine lives as long as the connection, since tickets
 * come late and keying material can be exported at any time; {@link #close} wipes what it still has.
 *
 * <p>Not thread-safe: confined to the thread that drives the connection.
 */
public interface Handshake {
    /**
     * Takes in handshake bytes of the peer.
     *
     * @param level of the packet in whose CRYPTO frame they came
     * @param bytes the next ones of that level's stream, in order and without gaps
     * @param now   the time, for certificates and tickets
     * @throws TlsException if the handshake has failed, now or before
     */
    void handleBytes(EncryptionLevel level, byte[] bytes, Instant now) throws TlsException;

    /**
     * {@return the next thing to do or to know, if there is one}
     */
    Optional<HandshakeOutput> pollOutput();

    /**
     * {@return whether the handshake is complete; it has been told by {@link HandshakeOutput.Completed}}
     */
    boolean isComplete();

    /**
     * {@return keying material that both sides can make and nobody else (RFC 8446, section 7.5)}
     *
     * @param label   in ASCII, at most 249 characters
     * @param context any
     * @param length  how many bytes are wanted, 1 to 255 times the length of the suite's hash
     * @throws IllegalStateException before the handshake is complete, and after {@link #close}
     */
    byte[] exportKeyingMaterial(String label, byte[] context, int length);

    /** Wipes all secrets. Nothing else can be done with the machine afterwards; closing it again does nothing. */
    void close();
}
