/**
 * The handshake messages of TLS 1.3 as bytes and values: records under {@link io.teahouse.tls.message.HandshakeMessage},
 * and the extensions that they carry (RFC 8446, section 4, RFC 7250, RFC 7301, RFC 9001, section 8.2).
 *
 * <p>What is read here is well-formed by itself: lengths agree, nothing comes twice, each extension stands where it may.
 * Whether a message fits the conversation is for the machines in {@code io.teahouse.tls} to say. Everything that a peer
 * sent becomes a value or a {@link io.teahouse.tls.message.TlsException} with the right alert.
 */
@NullMarked
package io.teahouse.tls.message;

import org.jspecify.annotations.NullMarked;
