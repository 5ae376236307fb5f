package io.teahouse.tls;

import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.schedule.ExporterSecret;
import io.teahouse.tls.schedule.MasterSecret;
import io.teahouse.tls.schedule.TrafficSecret;
import java.util.Optional;

/**
 * What a server has ready for the time when the client has finished, too.
 *
 * @param keys              of the handshake
 * @param master            the stage of the key schedule
 * @param clientApplication of the client's 1-RTT packets
 * @param exporter          of the connection
 * @param protocol          the application protocol
 * @param isResumed         whether the client came with a ticket
 * @param earlyDataAccepted whether data in 0-RTT packets counts
 * @param serverName        that the client asked for
 * @param takesTickets      whether the client can use tickets
 */
record ServerPending(
        HandshakeKeys keys,
        MasterSecret master,
        TrafficSecret clientApplication,
        ExporterSecret exporter,
        Opaque protocol,
        boolean isResumed,
        boolean earlyDataAccepted,
        Optional<Opaque> serverName,
        boolean takesTickets) {
    void destroy() {
        keys.destroy();
        master.destroy();
        clientApplication.destroy();
        exporter.destroy();
    }
}
