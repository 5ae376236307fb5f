/**
 * The handshake of TLS 1.3 for QUIC (RFC 8446, RFC 9001) as a machine without I/O.
 *
 * <p>Handshake bytes go in and come out by encryption level, traffic secrets come out; packets, keys made of the secrets, and
 * everything with a socket, thread or clock are for the caller, the {@code quic} module. Time and randomness are arguments.
 *
 * <h2>Driving a handshake</h2>
 *
 * <p>Both sides are a {@link io.teahouse.tls.Handshake}; only a client has to be told to start:
 *
 * <pre>{@code
 * var client = new ClientHandshake(config, transportParameters, random);
 * client.start(tickets.take(endpointId, now), now);
 * perform(client);
 * ...
 * client.handleBytes(level, cryptoBytes, now); // TlsException: close with quicErrorCode() and getMessage()
 * perform(client);
 *
 * void perform(Handshake handshake) {
 *     for (var output = handshake.pollOutput(); output.isPresent(); output = handshake.pollOutput()) {
 *         switch (output.get()) {
 *             case Send(var level, var bytes) -> cryptoStream(level).write(bytes);
 *             case WriteSecret(var level, var secret) -> writeKeys(level, secret);
 *             case ReadSecret(var level, var secret) -> readKeys(level, secret);
 *             case PeerTransportParameters(var value) -> peerParameters(value);
 *             case EarlyDataDecision(var accepted) -> earlyData(accepted);
 *             case Completed(var summary) -> connected(summary);
 *             case TicketReceived(var ticket) -> tickets.put(endpointId, ticket);
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>A secret gives keys by {@code secret.expand("quic key", secret.suite().keyLength())}, and the next one for a key update by
 * {@code secret.next()}.
 *
 * <h2>Who is who</h2>
 *
 * <p>Endpoints of iroh show each other raw public keys: {@code Credential.of(secretKey)} with
 * {@code PeerVerifier.endpoint(id)} on the client's side and {@code PeerVerifier.anyEndpoint()} on the server's. Relays show a
 * certificate: {@code Credential.of(chain, key)} with {@code PeerVerifier.certified(anchors, host)}.
 */
@NullMarked
package io.teahouse.tls;

import org.jspecify.annotations.NullMarked;
