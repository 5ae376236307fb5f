package io.teahouse.quic;

import io.teahouse.quic.crypto.AddressTokens;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.message.Opaque;
import java.util.function.Function;

/**
 * What a server's endpoint is like.
 *
 * @param connections    what its connections are like
 * @param tls            makes the server's side of a handshake of our transport parameters
 * @param tokens         makes and reads the tokens of Retry packets
 * @param maxConnections how many connections there may be; more are refused
 * @param retryFrom      when so many handshakes are going on, new clients have to prove their address first: 0 for always
 */
public record EndpointConfig(
        ConnectionConfig connections,
        Function<Opaque, Handshake> tls,
        AddressTokens tokens,
        int maxConnections,
        int retryFrom) {}
