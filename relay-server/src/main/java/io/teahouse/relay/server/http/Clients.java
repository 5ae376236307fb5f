package io.teahouse.relay.server.http;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import io.teahouse.relay.server.limit.SparseLog;
import io.teahouse.relay.server.net.SourceAddress;
import io.teahouse.relay.server.proxy.ForwardedClient;
import io.teahouse.relay.server.proxy.Proxies;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/**
 * Who the clients of one listener are, where proxies may stand before it, and how many connections each of them has.
 *
 * <p>Trusted addresses may have as many connections as they like: those of a proxy are its clients'. Safe for use by many threads.
 */
final class Clients {
    /** The same complaint is logged once in this time. */
    private static final long COMPLAINT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final System.Logger LOG = System.getLogger(Clients.class.getName());

    private final Proxies proxies;
    private final int maxConnectionsEach;
    private final SparseLog complaints = new SparseLog(COMPLAINT_NANOS);

    /** No more entries than connections. */
    private final ConcurrentMap<SourceAddress, Integer> connections = new ConcurrentHashMap<>();

    /**
     * Creates clients without connections.
     *
     * @param proxies            what stands before the listener
     * @param maxConnectionsEach how many connections each may have
     */
    Clients(Proxies proxies, int maxConnectionsEach) {
        this.proxies = proxies;
        this.maxConnectionsEach = maxConnectionsEach;
    }

    /** Returns whether every connection is to be looked at for a header of the PROXY protocol. */
    boolean useProxyProtocol() {
        return proxies.speakProxyProtocol();
    }

    /** Returns whether an address is that of a trusted proxy, so that its connections are those of others. */
    boolean isProxy(InetAddress peer) {
        return proxies.trusts(peer);
    }

    /** Returns whose request it is. */
    InetSocketAddress of(InetSocketAddress peer, HttpHeaders headers, long nowNanos) {
        if (proxies.told().isEmpty() || useProxyProtocol() || !isProxy(peer.getAddress())) {
            return peer;
        }
        var header = proxies.told().get().text();
        var client = ForwardedClient.find(proxies, peer, headers.getAll(header));
        client.trouble()
                .ifPresent(trouble -> complain(
                        "proxy: %s sends %s; its clients count as %s"
                                .formatted(
                                        NetUtil.toAddressString(peer.getAddress()),
                                        trouble,
                                        NetUtil.toAddressString(client.address().getAddress())),
                        nowNanos));
        return client.address();
    }

    /** Counts a connection until it is closed; returns false if its client has as many as it may. */
    boolean take(InetAddress client, Channel connection) {
        if (maxConnectionsEach == Integer.MAX_VALUE || isProxy(client)) {
            return true;
        }
        var source = SourceAddress.of(client);
        while (true) {
            var count = connections.putIfAbsent(source, 1);
            if (count == null) {
                break;
            }
            if (count >= maxConnectionsEach) {
                return false;
            }
            if (connections.replace(source, count, count + 1)) {
                break;
            }
        }
        connection
                .closeFuture()
                .addListener(_ -> connections.computeIfPresent(source, (_, open) -> open == 1 ? null : open - 1));
        return true;
    }

    /** Logs a warning, if it is time for one. */
    void complain(String what, long nowNanos) {
        if (complaints.next(nowNanos).isPresent()) {
            LOG.log(System.Logger.Level.WARNING, what + " (said once in 10 s)");
        }
    }
}
