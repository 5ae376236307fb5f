package io.teahouse.tls;

import io.teahouse.tls.message.Opaque;

/**
 * What a client and its server have agreed on, before either has shown who it is.
 *
 * @param keys                    of the handshake
 * @param protocol                the application protocol
 * @param peerTransportParameters of the server
 * @param earlyDataAccepted       whether data in 0-RTT packets counts
 * @param mayShowKey              whether the server takes a raw public key when it asks for a certificate
 */
record ClientAgreement(
        HandshakeKeys keys,
        Opaque protocol,
        Opaque peerTransportParameters,
        boolean earlyDataAccepted,
        boolean mayShowKey) {}
