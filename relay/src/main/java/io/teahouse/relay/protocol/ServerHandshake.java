package io.teahouse.relay.protocol;

import io.teahouse.core.EndpointId;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The relay's side of proving who a client is, from the 101 answer up to the question whether that client is let in
 * (iroh relay spec, section 3).
 *
 * <p>Fed by the connection's owner: {@link #start} once, then, only after a {@link Step.SendChallenge}, one
 * {@link #handleMessage}. Every other step is the last. Text messages are not for this machine: skip them. So is time:
 * the owner closes a connection that takes too long. After {@link Step.Authenticated} the owner decides whether the client
 * may use the relay and sends {@link #confirm} or {@link #deny}.
 *
 * <p>Not thread-safe: one thread drives it. A step checks at most one signature and one point of the curve, which is all
 * the work there is.
 */
public final class ServerHandshake {
    /** Length of a challenge in bytes. */
    public static final int CHALLENGE_LENGTH = 16;

    private static final String SIGNATURE_INVALID = "signature invalid";

    /** What the owner of the connection is to do next. */
    public sealed interface Step {
        /**
         * Send this and wait for the client's message.
         *
         * @param message the frame, as a whole message
         */
        @SuppressWarnings("ArrayRecordComponent") // handed over to be written, never compared
        record SendChallenge(byte[] message) implements Step {}

        /**
         * The client has proved its key: decide whether to let it in.
         *
         * @param endpointId the key
         * @param method     how it was proved
         */
        record Authenticated(EndpointId endpointId, Method method) implements Step {}

        /**
         * Send this, then close the connection.
         *
         * @param message the frame, as a whole message
         * @param reason  what it says
         */
        @SuppressWarnings("ArrayRecordComponent") // handed over to be written, never compared
        record Deny(byte[] message, String reason) implements Step {}

        /**
         * Close the connection without a frame.
         *
         * @param reason what the client did wrong, for the log
         */
        record Fail(String reason) implements Step {}
    }

    /** How a key was proved. */
    public enum Method {
        /** By the header of the request, a signature over TLS keying material. */
        KEY_MATERIAL,
        /** By a signature over the challenge. */
        CHALLENGE
    }

    private enum State {
        NEW,
        AWAITING_AUTH,
        OVER
    }

    private final byte[] challenge;
    private State state = State.NEW;

    /**
     * Creates a handshake that has not begun.
     *
     * @param challenge {@link #CHALLENGE_LENGTH} random bytes that nobody can foresee, made for this connection alone
     */
    public ServerHandshake(byte[] challenge) {
        if (challenge.length != CHALLENGE_LENGTH) {
            throw new IllegalArgumentException(
                    "challenge: %d bytes (expected: %d)".formatted(challenge.length, CHALLENGE_LENGTH));
        }
        this.challenge = challenge.clone();
    }

    /**
     * Begins, once the 101 answer is out.
     *
     * <p>A header that is malformed, that was made for another TLS session or whose signature is wrong is treated as if it
     * were absent.
     *
     * @param header   value of the request's {@link KeyMaterialExporter#HEADER_NAME}, if it has one
     * @param exporter keying material of the connection
     * @return {@link Step.Authenticated} or {@link Step.SendChallenge}
     * @throws IllegalStateException if it has begun already
     */
    public Step start(Optional<String> header, KeyMaterialExporter exporter) {
        requireState(State.NEW);
        var proved = header.flatMap(value -> KeyMaterialProof.verify(value, exporter));
        if (proved.isPresent()) {
            state = State.OVER;
            return new Step.Authenticated(proved.get(), Method.KEY_MATERIAL);
        }
        state = State.AWAITING_AUTH;
        return new Step.SendChallenge(ByteBuffer.allocate(1 + CHALLENGE_LENGTH)
                .put((byte) FrameType.SERVER_CHALLENGE.code())
                .put(challenge)
                .array());
    }

    /**
     * Takes in the client's answer to the challenge.
     *
     * @param binaryMessage one whole message, between position and limit, which stay as they are
     * @return {@link Step.Authenticated}, {@link Step.Deny} or {@link Step.Fail}
     * @throws IllegalStateException if no answer is awaited; a client may send more behind its answer, which is for the
     *                               connection that follows
     */
    public Step handleMessage(ByteBuffer binaryMessage) {
        requireState(State.AWAITING_AUTH);
        state = State.OVER;
        try {
            var auth = decodeAuth(binaryMessage.slice());
            if (auth.endpointId().verify(ChallengeDigest.of(challenge), auth.signature())) {
                return new Step.Authenticated(auth.endpointId(), Method.CHALLENGE);
            }
            auth.requirePoint();
            return new Step.Deny(deny(SIGNATURE_INVALID), SIGNATURE_INVALID);
        } catch (RelayProtocolException e) {
            return new Step.Fail(e.getMessage());
        }
    }

    /**
     * {@return the message that lets a client in}
     */
    public static byte[] confirm() {
        return new byte[] {(byte) FrameType.SERVER_CONFIRMS_AUTH.code()};
    }

    /**
     * {@return the message that turns a client away}
     *
     * @param reason told to the client word for word, but for what would make the message larger than
     *               {@link FrameLayout#MAX_MESSAGE_TO_SEND}; an unpaired surrogate is sent as a question mark
     */
    public static byte[] deny(String reason) {
        return DenialReason.encode(reason);
    }

    private static ClientAuth decodeAuth(ByteBuffer message) throws RelayProtocolException {
        var type = WireTypes.readFrameType(message);
        if (type != FrameType.CLIENT_AUTH) {
            throw new RelayProtocolException(
                    "frame type: %d (expected from a client before it is let in: 1)".formatted(type.code()));
        }
        return ClientAuth.read(message);
    }

    private void requireState(State expected) {
        if (state != expected) {
            throw new IllegalStateException("handshake: %s (expected: %s)".formatted(state, expected));
        }
    }
}
