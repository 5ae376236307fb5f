package io.teahouse.tls.certificate;

import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import java.util.Arrays;
import java.util.HexFormat;

/** An endpoint id as the SubjectPublicKeyInfo that takes the place of a certificate (RFC 7250; RFC 8410, section 4). */
public final class RawPublicKey {
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private RawPublicKey() {}

    /**
     * {@return the 44 bytes}
     *
     * @param id any
     */
    public static Opaque encode(EndpointId id) {
        byte[] info = Arrays.copyOf(PREFIX, PREFIX.length + EndpointId.LENGTH);
        id.writeTo(info, PREFIX.length);
        return Opaque.copyOf(info);
    }

    /**
     * {@return the endpoint id that a peer presents}
     *
     * @param data as it came
     * @throws TlsException if it is anything else
     */
    public static EndpointId decode(Opaque data) throws TlsException {
        byte[] info = data.toArray();
        if (info.length != PREFIX.length + EndpointId.LENGTH
                || !Arrays.equals(info, 0, PREFIX.length, PREFIX, 0, PREFIX.length)) {
            throw new TlsException(
                    Alert.UNSUPPORTED_CERTIFICATE,
                    "certificate: %s (expected: an Ed25519 key, 44 bytes)".formatted(data));
        }
        try {
            return EndpointId.fromBytes(info, PREFIX.length);
        } catch (FormatException e) {
            throw new TlsException(Alert.BAD_CERTIFICATE, "certificate: " + e.getMessage());
        }
    }
}
