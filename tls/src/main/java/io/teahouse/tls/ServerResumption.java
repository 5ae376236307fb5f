package io.teahouse.tls;

import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.ClientHello;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.PskIdentity;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.resumption.ServerTicket;
import io.teahouse.tls.schedule.EarlySecret;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The ticket that a server takes up (RFC 8446, section 4.2.11): one of its own, within its time, of a client that it would let
 * in today. With others the handshake is a full one.
 *
 * @param index           of the ticket among those that the client presents
 * @param peer            who the client is
 * @param early           the stage of the key schedule that starts with the ticket's key
 * @param takesEarlyData  whether the client's 0-RTT packets count
 */
record ServerResumption(int index, PeerIdentity peer, EarlySecret early, boolean takesEarlyData) {
    /** Tickets that are looked at: clients present one, and each costs a decryption. */
    private static final int IDENTITIES_TRIED_MAX = 4;

    static Optional<ServerResumption> select(
            ServerParts parts, ClientHello hello, byte[] raw, ServerChoice choice, Instant now) throws TlsException {
        var offered = hello.extensions().find(Extension.PreSharedKeys.class);
        boolean hasEarlyData = hello.extensions().has(Extension.EarlyData.class);
        if (offered.isEmpty()) {
            if (hasEarlyData) {
                throw new TlsException(
                        Alert.ILLEGAL_PARAMETER, "client hello: early data without a ticket (expected: with one)");
            }
            return Optional.empty();
        }
        var modes = hello.extensions()
                .find(Extension.PskModes.class)
                .orElseThrow(() -> new TlsException(
                        Alert.MISSING_EXTENSION, "client hello: no psk_key_exchange_modes (expected: some)"));
        var tickets = parts.config().tickets();
        if (tickets.isEmpty() || !modes.modes().contains(Protocol.PSK_WITH_KEY_EXCHANGE)) {
            return Optional.empty();
        }
        List<PskIdentity> identities = offered.get().identities();
        for (int index = 0; index < Math.min(identities.size(), IDENTITIES_TRIED_MAX); index++) {
            var identity = identities.get(index);
            var ticket = tickets.get().keys().open(identity.ticket(), now);
            if (ticket.isPresent() && isWelcome(parts.config(), ticket.get(), choice, now)) {
                Opaque binder = offered.get().binders().get(index);
                int covered = raw.length - offered.get().binderBytes();
                EarlySecret early = verify(parts, ticket.get(), binder, raw, covered);
                boolean takesEarlyData = hasEarlyData
                        && index == 0
                        && takesEarlyData(parts.config(), ticket.get(), identity, binder, choice, now);
                return Optional.of(
                        new ServerResumption(index, ticket.get().memory().peer(), early, takesEarlyData));
            }
        }
        return Optional.empty();
    }

    private static boolean isWelcome(ServerConfig config, ServerTicket ticket, ServerChoice choice, Instant now) {
        PeerIdentity peer = ticket.memory().peer();
        boolean isKnown = config.verifier()
                .map(verifier -> verifier.stillAccepts(peer, now))
                .orElseGet(() -> peer instanceof PeerIdentity.Anonymous);
        return isKnown && ticket.suite().hash() == choice.suite().hash();
    }

    private static EarlySecret verify(ServerParts parts, ServerTicket ticket, Opaque binder, byte[] raw, int covered)
            throws TlsException {
        byte[] partialHash =
                parts.flow().transcript().hashWithPart(ticket.suite().hash(), raw, covered);
        EarlySecret early = ticket.earlySecret();
        if (!MessageDigest.isEqual(early.binder(partialHash), binder.toArray())) {
            early.destroy();
            throw new TlsException(Alert.DECRYPT_ERROR, "client hello: a binder that does not fit its ticket");
        }
        return early;
    }

    private static boolean takesEarlyData(
            ServerConfig config,
            ServerTicket ticket,
            PskIdentity identity,
            Opaque binder,
            ServerChoice choice,
            Instant now) {
        var memory = ticket.memory();
        return config.earlyData()
                .filter(earlyData -> ticket.suite() == choice.suite()
                        && memory.protocol().equals(choice.protocol())
                        && memory.earlyDataContext().equals(earlyData.context())
                        && earlyData.guard().admits(binder, ticket.ageError(identity.obfuscatedAge(), now), now))
                .isPresent();
    }
}
