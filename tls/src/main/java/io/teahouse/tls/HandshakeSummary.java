package io.teahouse.tls;

import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.schedule.CipherSuite;
import java.util.Optional;

/**
 * What was agreed on.
 *
 * @param suite             what packets are protected with
 * @param group             how keys were exchanged
 * @param protocol          the application protocol (ALPN)
 * @param peer              who the other one is
 * @param resumed           whether that was known from a ticket
 * @param earlyDataAccepted whether data in 0-RTT packets counts
 * @param serverName        the name that the client asked for, if it did
 */
public record HandshakeSummary(
        CipherSuite suite,
        NamedGroup group,
        Opaque protocol,
        PeerIdentity peer,
        boolean resumed,
        boolean earlyDataAccepted,
        Optional<Opaque> serverName) {}
