package io.teahouse.quic;

import io.teahouse.quic.crypto.AddressTokens;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.message.Opaque;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What a server's endpoint is like.
 *
 * @param connections    what its connections are like
 * @param tls            makes the server's side of a handshake of our transport parameters
 * @param tokens         makes and reads the tokens of Retry packets
 * @param maxConnections how many connections there may be; more are refused
 * @param retryFrom      when so many handshakes are going on, new clients have to prove their address first: 0 for always
 * @param admission      asked for each new client, before anything is done for it, by where it comes from, which anybody can write
 */
public record EndpointConfig(
        ConnectionConfig connections,
        Function<Opaque, Handshake> tls,
        AddressTokens tokens,
        int maxConnections,
        int retryFrom,
        Predicate<NetworkPath> admission) {
    /**
     * Admits everybody.
     *
     * @param connections    what its connections are like
     * @param tls            makes the server's side of a handshake of our transport parameters
     * @param tokens         makes and reads the tokens of Retry packets
     * @param maxConnections how many connections there may be; more are refused
     * @param retryFrom      when so many handshakes are going on, new clients have to prove their address first
     */
    public EndpointConfig(
            ConnectionConfig connections,
            Function<Opaque, Handshake> tls,
            AddressTokens tokens,
            int maxConnections,
            int retryFrom) {
        this(connections, tls, tokens, maxConnections, retryFrom, _ -> true);
    }
}
