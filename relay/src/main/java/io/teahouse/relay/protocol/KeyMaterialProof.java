package io.teahouse.relay.protocol;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * The header that proves a key without a challenge: a signature over TLS keying material (iroh relay spec, section 3.2).
 *
 * <p>The first half of the material is signed and never sent. The second half is sent, so that a relay whose session is
 * another one (a proxy ends TLS between them) sees that before it tries the signature.
 */
final class KeyMaterialProof {
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();
    private static final int SIGNED_LENGTH = 16;
    private static final int SUFFIX_LENGTH = KeyMaterialExporter.LENGTH - SIGNED_LENGTH;

    private KeyMaterialProof() {}

    /** Returns the header's value, or empty if the connection does not export. */
    static Optional<String> headerFor(SecretKey secretKey, KeyMaterialExporter exporter) {
        var endpointId = secretKey.endpointId();
        return export(exporter, endpointId).map(material -> {
            var signature = secretKey.sign(Arrays.copyOf(material, SIGNED_LENGTH));
            var proof = ByteBuffer.allocate(ClientAuth.LENGTH + SUFFIX_LENGTH);
            new ClientAuth(endpointId, signature).write(proof);
            proof.put(material, SIGNED_LENGTH, SUFFIX_LENGTH);
            return BASE64URL.encodeToString(proof.array());
        });
    }

    /** Returns whose key a header proves on this connection, or empty if it is malformed or proves nothing. */
    static Optional<EndpointId> verify(String header, KeyMaterialExporter exporter) {
        // The reference closes the connection over a malformed header. One that some proxy mangled is no reason to: the
        // challenge asks for the same proof.
        return decodeBase64Url(header).flatMap(proof -> verify(ByteBuffer.wrap(proof), exporter));
    }

    private static Optional<EndpointId> verify(ByteBuffer proof, KeyMaterialExporter exporter) {
        ClientAuth auth;
        try {
            auth = ClientAuth.read(proof);
        } catch (RelayProtocolException e) {
            return Optional.empty();
        }
        if (proof.remaining() < SUFFIX_LENGTH) {
            return Optional.empty();
        }
        var suffix = proof.limit(proof.position() + SUFFIX_LENGTH);
        return export(exporter, auth.endpointId())
                .filter(material -> suffix.equals(ByteBuffer.wrap(material, SIGNED_LENGTH, SUFFIX_LENGTH)))
                .filter(material -> auth.endpointId().verify(Arrays.copyOf(material, SIGNED_LENGTH), auth.signature()))
                .map(_ -> auth.endpointId());
    }

    private static Optional<byte[]> export(KeyMaterialExporter exporter, EndpointId endpointId) {
        var material = exporter.export(endpointId.toBytes());
        material.ifPresent(bytes -> {
            if (bytes.length != KeyMaterialExporter.LENGTH) {
                throw new IllegalArgumentException(
                        "exported: %d bytes (expected: %d)".formatted(bytes.length, KeyMaterialExporter.LENGTH));
            }
        });
        return material;
    }

    private static Optional<byte[]> decodeBase64Url(String text) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(text);
            // The decoder lets padding and stray last bits pass; there is one spelling of a proof and they are not in
            // it.
            boolean oneSpelling = BASE64URL.encodeToString(bytes).equals(text);
            return oneSpelling ? Optional.of(bytes) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
