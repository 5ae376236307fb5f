package io.teahouse.relay.server.discovery;

import io.teahouse.quic.Connection;
import io.teahouse.relay.server.net.SourceAddress;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.Optional;

/** What the service knows of one connection beside the connection itself. Not thread-safe. */
final class DiscoveryClient {
    /** Those first that have something to do first. */
    static final Comparator<DiscoveryClient> BY_DEADLINE = Comparator.<DiscoveryClient>comparingLong(
                    client -> client.deadlineNanos)
            .thenComparingLong(client -> client.number);

    final Connection connection;
    private final long number;

    /** When its connection has to be asked next; changed only while it is in no order. */
    long deadlineNanos = Connection.NEVER;

    boolean isConnected;

    /** Where it was when last looked at. */
    InetSocketAddress lastAddress;

    /** Whose limit it counts for, while it does. */
    Optional<SourceAddress> source = Optional.empty();

    /** @param number of its own */
    DiscoveryClient(Connection connection, long number) {
        this.connection = connection;
        this.number = number;
        this.lastAddress = address();
    }

    /** Returns where it is now. */
    final InetSocketAddress address() {
        return (InetSocketAddress) connection.network().remote();
    }
}
