package io.teahouse.relay.protocol;

import io.teahouse.core.SecretKey;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The client's side of proving who it is (iroh relay spec, section 3).
 *
 * <p>Fed by the connection's owner: {@link #start} once, before the request is sent, then {@link #handleMessage} with each
 * binary message until a step other than {@link Step.SendAuth} comes. Text messages are not for this machine: skip them.
 * The end of the stream and the passing of time are the owner's to notice.
 *
 * <p>Not thread-safe: one thread drives it.
 */
public final class ClientHandshake {

    /** What the owner of the connection is to do next. */
    public sealed interface Step {
        /**
         * Send this and go on waiting.
         *
         * @param message the frame, as a whole message
         */
        @SuppressWarnings("ArrayRecordComponent") // handed over to be written, never compared
        record SendAuth(byte[] message) implements Step {}

        /** The relay has let the client in. */
        record Confirmed() implements Step {}

        /**
         * The relay has turned the client away: close the connection.
         *
         * @param reason the relay's words, as long as it liked
         */
        record Denied(String reason) implements Step {}

        /**
         * The relay broke the protocol: close the connection.
         *
         * @param reason what it did wrong
         */
        record Failed(String reason) implements Step {}
    }

    private enum State {
        NEW,
        /** A challenge may come. */
        AWAITING_FIRST,
        /** The challenge has been answered; there is no second one. */
        AWAITING_VERDICT,
        OVER
    }

    private final SecretKey secretKey;
    private State state = State.NEW;

    /**
     * Creates a handshake that has not begun.
     *
     * @param secretKey the key to prove
     */
    public ClientHandshake(SecretKey secretKey) {
        this.secretKey = secretKey;
    }

    /**
     * Begins.
     *
     * @param exporter keying material of the connection
     * @return value of {@link KeyMaterialExporter#HEADER_NAME} to send with the request; empty if the connection does not
     *         export, in which case the relay will send a challenge
     * @throws IllegalStateException if it has begun already
     */
    public Optional<String> start(KeyMaterialExporter exporter) {
        if (state != State.NEW) {
            throw new IllegalStateException("handshake: %s (expected: %s)".formatted(state, State.NEW));
        }
        state = State.AWAITING_FIRST;
        return KeyMaterialProof.headerFor(secretKey, exporter);
    }

    /**
     * Takes in a message of the relay.
     *
     * @param binaryMessage one whole message, between position and limit, which stay as they are
     * @return what to do
     * @throws IllegalStateException if it has not begun or is over
     */
    public Step handleMessage(ByteBuffer binaryMessage) {
        boolean challengeAllowed = switch (state) {
            case AWAITING_FIRST -> true;
            case AWAITING_VERDICT -> false;
            case NEW, OVER ->
                throw new IllegalStateException("handshake: %s (expected: begun and not over)".formatted(state));
        };
        try {
            var step = read(binaryMessage.slice(), challengeAllowed);
            state = step instanceof Step.SendAuth ? State.AWAITING_VERDICT : State.OVER;
            return step;
        } catch (RelayProtocolException e) {
            state = State.OVER;
            return new Step.Failed(e.getMessage());
        }
    }

    private Step read(ByteBuffer message, boolean challengeAllowed) throws RelayProtocolException {
        var type = WireTypes.readFrameType(message);
        return switch (type) {
            case SERVER_CHALLENGE -> {
                if (!challengeAllowed) {
                    throw new RelayProtocolException("frame type: 0 (expected from a relay after a challenge: 2, 3)");
                }
                // A longer challenge is good; what is beyond the bytes we know is ignored.
                byte[] challenge = WireTypes.readBytes(type, message, ServerHandshake.CHALLENGE_LENGTH, "challenge");
                yield new Step.SendAuth(answer(challenge));
            }
            case SERVER_CONFIRMS_AUTH -> new Step.Confirmed();
            case SERVER_DENIES_AUTH -> new Step.Denied(DenialReason.read(message));
            default ->
                throw new RelayProtocolException(
                        "frame type: %d (expected from a relay in the handshake: 0, 2, 3)".formatted(type.code()));
        };
    }

    private byte[] answer(byte[] challenge) {
        var signature = secretKey.sign(ChallengeDigest.of(challenge));
        var message = ByteBuffer.allocate(1 + ClientAuth.LENGTH).put((byte) FrameType.CLIENT_AUTH.code());
        new ClientAuth(secretKey.endpointId(), signature).write(message);
        return message.array();
    }
}
