package io.teahouse.quic.parameter;

import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.StatelessResetToken;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where a server would rather be reached once the handshake is over (RFC 9000, section 18.2).
 *
 * <p>iroh does not use it; it is read so that it can be ignored on purpose.
 *
 * @param ipv4       its address there, if it has one
 * @param ipv6       its address there, if it has one
 * @param id         the connection id to use there, which has the number 1; not empty
 * @param resetToken that of the id
 */
public record PreferredAddress(
        Optional<InetSocketAddress> ipv4,
        Optional<InetSocketAddress> ipv6,
        ConnectionId id,
        StatelessResetToken resetToken) {}
