package io.teahouse.interop;

import io.teahouse.quic.Connection;
import io.teahouse.quic.EndpointConfig;
import io.teahouse.quic.QuicEndpoint;
import io.teahouse.quic.crypto.AddressTokens;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.ServerConfig;
import io.teahouse.tls.ServerHandshake;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ReplayGuard;
import io.teahouse.tls.resumption.TicketKeys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Our server of the test protocol, run by a test's thread. */
final class QuicServerSide extends QuicSide {
    private final QuicEndpoint endpoint;
    private final Map<Connection, List<QuicTransferIn>> transfers = new HashMap<>();
    private final boolean updatesKeys;
    /** How many times keys were replaced. */
    int keyUpdates;
    /** How many datagrams were answered without a connection. */
    int answers;

    /**
     * Listens.
     *
     * @param pem         its certificate
     * @param retries     whether clients have to prove their address
     * @param updatesKeys whether new keys are taken as often as may be
     */
    QuicServerSide(PemPair pem, boolean retries, boolean updatesKeys) throws IOException {
        super(QlogFiles.asEnvironmentSays());
        this.updatesKeys = updatesKeys;
        var tls = ServerConfig.builder(
                        Credential.of(pem.chain(), pem.key()), List.of(Opaque.ofUtf8("teahouse/interop/1")))
                .tickets(new TicketKeys(TicketKeys.DEFAULT_LIFETIME), 2)
                .earlyData(new ReplayGuard(), Opaque.EMPTY)
                .build();
        var tokenKey = new byte[AddressTokens.KEY_LENGTH];
        random.nextBytes(tokenKey);
        var endpointConfig = new EndpointConfig(
                config,
                parameters -> new ServerHandshake(tls, parameters, random),
                new AddressTokens(tokenKey),
                100,
                retries ? 0 : 100);
        this.endpoint = new QuicEndpoint(endpointConfig, idSource, random);
    }

    @Override
    void onDatagram(ByteBuffer datagram, NetworkPath from) throws IOException {
        switch (endpoint.receive(datagram, from, Ecn.NOT_ECT, nowNanos())) {
            case QuicEndpoint.Received.For(var connection, var isNew) -> {
                if (isNew) {
                    transfers.put(connection, new ArrayList<>());
                }
                endpoint.refresh(connection);
            }
            case QuicEndpoint.Received.Answer(var answer, var _) -> {
                answers++;
                send(answer, from);
            }
            case QuicEndpoint.Received.Refused _, QuicEndpoint.Received.Dropped _ -> {}
        }
    }

    @Override
    long turn() throws IOException {
        long next = Long.MAX_VALUE;
        for (Connection connection : List.copyOf(endpoint.connections())) {
            serve(connection, transfers.getOrDefault(connection, List.of()));
            next = Math.min(next, flush(connection));
            endpoint.refresh(connection);
        }
        transfers.keySet().retainAll(endpoint.connections());
        return next;
    }

    private void serve(Connection connection, List<QuicTransferIn> running) {
        if (updatesKeys && connection.updateKeys(nowNanos())) {
            keyUpdates++;
        }
        for (var id = connection.streams().accept();
                id.isPresent();
                id = connection.streams().accept()) {
            running.add(new QuicTransferIn(id.getAsLong()));
        }
        running.removeIf(transfer -> transfer.advance(connection));
        for (var datagram = connection.pollDatagram(); datagram.isPresent(); datagram = connection.pollDatagram()) {
            connection.sendDatagram(datagram.get());
        }
    }
}
