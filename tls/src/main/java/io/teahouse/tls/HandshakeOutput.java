package io.teahouse.tls;

import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ClientTicket;
import io.teahouse.tls.schedule.TrafficSecret;

/** What a machine wants done, or has found out; to be taken in order. */
public sealed interface HandshakeOutput {
    /**
     * Bytes for the peer.
     *
     * @param level in which CRYPTO frames
     * @param bytes the next ones at this level
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over to be sent, never compared
    record Send(EncryptionLevel level, byte[] bytes) implements HandshakeOutput {}

    /**
     * From here on packets of this level can be read.
     *
     * @param level  of the packets, not Initial
     * @param secret to make keys of; the receiver wipes it
     */
    record ReadSecret(EncryptionLevel level, TrafficSecret secret) implements HandshakeOutput {}

    /**
     * From here on packets of this level can be written.
     *
     * @param level  of the packets, not Initial
     * @param secret to make keys of; the receiver wipes it
     */
    record WriteSecret(EncryptionLevel level, TrafficSecret secret) implements HandshakeOutput {}

    /**
     * The peer's transport parameters. They are the peer's for sure only once the handshake is {@link Completed}.
     *
     * @param value as they came
     */
    record PeerTransportParameters(Opaque value) implements HandshakeOutput {}

    /**
     * The server's word on data in 0-RTT packets, to a client that offered some.
     *
     * @param accepted if not, the client sends again what it has sent in 0-RTT packets
     */
    record EarlyDataDecision(boolean accepted) implements HandshakeOutput {}

    /**
     * The handshake is complete (RFC 9001, section 4.1.1): the peer is who it is, and everything said so far is genuine.
     *
     * @param summary what was agreed on
     */
    record Completed(HandshakeSummary summary) implements HandshakeOutput {}

    /**
     * A ticket for the next connection to this server.
     *
     * @param ticket to be kept, in {@link io.teahouse.tls.resumption.ClientTickets} perhaps
     */
    record TicketReceived(ClientTicket ticket) implements HandshakeOutput {}
}
