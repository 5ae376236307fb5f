package io.teahouse.relay.protocol;

import java.util.Optional;

/**
 * Yields TLS keying material of the connection that the handshake runs over (RFC 5705; RFC 8446, section 7.5).
 *
 * <p>Both ends of one TLS session, and nobody else, get the same bytes for the same context. A client that signs them
 * spares the round trip of the challenge (iroh relay spec, section 3.2). Called on the thread that calls the handshake.
 */
@FunctionalInterface
public interface KeyMaterialExporter {
    /** The exporter label to use. */
    String LABEL = "iroh-relay handshake v1";

    /** How many bytes to export. */
    int LENGTH = 32;

    /** Name of the request header in which a client sends what it made of them, in lower case. */
    String HEADER_NAME = "x-iroh-relay-client-auth-v1";

    /** Of a connection that has no keying material: plain HTTP, or a TLS engine that does not export. */
    KeyMaterialExporter NONE = _ -> Optional.empty();

    /**
     * Exports under {@link #LABEL}.
     *
     * @param context the exporter's context, which is present and not absent: the client's 32 public key bytes
     * @return {@link #LENGTH} bytes; empty if this connection cannot export
     */
    Optional<byte[]> export(byte[] context);
}
