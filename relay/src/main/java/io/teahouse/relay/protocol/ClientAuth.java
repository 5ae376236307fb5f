package io.teahouse.relay.protocol;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.Signature;
import io.teahouse.core.bytes.Leb128;
import java.nio.ByteBuffer;

/**
 * The claim to a key and the signature that proves it: payload of the ClientAuth frame and the first part of the header
 * (iroh relay spec, section 3).
 *
 * <p>To verify the signature is to find out whether the key is a point of the curve at all, so that is not looked at before:
 * it would double a good part of the work. Where the signature is wrong, {@link #requirePoint} says whether the key is, too.
 *
 * @param endpointId the key; unchecked until the signature has been verified
 * @param signature  made with it, if the claim is true
 */
record ClientAuth(EndpointId endpointId, Signature signature) {
    /** Bytes that it takes: key, one length byte, signature. */
    static final int LENGTH = EndpointId.LENGTH + 1 + Signature.LENGTH;

    private static final FrameType FRAME = FrameType.CLIENT_AUTH;

    /** Reads one from the buffer's position; what follows it is left alone. */
    static ClientAuth read(ByteBuffer in) throws RelayProtocolException {
        var endpointId = WireTypes.readUncheckedId(FRAME, in);
        int length = WireTypes.readLength(FRAME, in, "signature");
        if (length != Signature.LENGTH) {
            throw new RelayProtocolException(
                    "%s frame: signature of %d bytes (expected: %d)".formatted(FRAME, length, Signature.LENGTH));
        }
        byte[] signature = WireTypes.readBytes(FRAME, in, Signature.LENGTH, "signature");
        try {
            return new ClientAuth(endpointId, Signature.fromBytes(signature, 0));
        } catch (FormatException e) {
            throw new RelayProtocolException("%s frame: signature: %s".formatted(FRAME, e.getMessage()));
        }
    }

    /** Refuses a key that is no point of the curve. */
    void requirePoint() throws RelayProtocolException {
        WireTypes.requirePoint(FRAME, endpointId);
    }

    /** Writes it at the buffer's position. */
    void write(ByteBuffer out) {
        out.put(endpointId.toBytes());
        Leb128.write(Signature.LENGTH, out);
        out.put(signature.toBytes());
    }
}
