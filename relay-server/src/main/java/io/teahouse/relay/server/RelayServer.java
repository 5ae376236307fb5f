package io.teahouse.relay.server;

import io.teahouse.core.EndpointId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A running relay. Skeleton: the parts follow.
 */
public final class RelayServer implements AutoCloseable {
    private final RelayServerConfig config;

    private RelayServer(RelayServerConfig config) {
        this.config = config;
    }

    /**
     * Starts a relay.
     *
     * @param config what it is to be
     * @return the relay, which serves until {@link #close}
     * @throws IOException when a certificate cannot be used or an address cannot be bound; nothing is left running
     */
    public static RelayServer start(RelayServerConfig config) throws IOException {
        return new RelayServer(config);
    }

    /**
     * {@return where plain HTTP listens, with its real port}
     */
    public InetSocketAddress httpAddress() {
        return config.httpBindAddress();
    }

    /**
     * {@return where the TLS listener is, with its real port, if there is one}
     */
    public Optional<InetSocketAddress> httpsAddress() {
        return config.tls().map(RelayServerConfig.Tls::httpsBindAddress);
    }

    /**
     * {@return where metrics are served, with the real port, if anywhere}
     */
    public Optional<InetSocketAddress> metricsAddress() {
        return config.metricsBindAddress();
    }

    /**
     * Ends connections of one endpoint.
     *
     * @param endpointId   whose
     * @param connectionId which of them; empty for all, active or not
     * @return whether there was one
     */
    public boolean disconnect(EndpointId endpointId, Optional<Long> connectionId) {
        return false;
    }

    /**
     * Changes what each client may send, for present and future connections.
     *
     * @param limit the new limit; empty for none
     */
    public void setClientReceiveLimit(Optional<RelayServerConfig.ReceiveLimit> limit) {}

    /**
     * Waits until the relay has been closed.
     *
     * @throws InterruptedException when the waiting thread is interrupted
     */
    public void awaitClosed() throws InterruptedException {}

    /** Stops accepting, tells every client, closes all connections, and returns when all is done. */
    @Override
    public void close() {}
}
