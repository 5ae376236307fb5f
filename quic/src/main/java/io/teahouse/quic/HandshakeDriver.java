package io.teahouse.quic;

import io.teahouse.quic.parameter.HandshakeChecks;
import io.teahouse.quic.parameter.ParameterDecoder;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.HandshakeOutput;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.schedule.TrafficSecret;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Carries handshake data to TLS and back, and does what TLS wants done (RFC 9001, section 4). Not thread-safe. */
final class HandshakeDriver {
    private final ConnectionState state;
    private final Handshake tls;
    /** What the server allowed in the connection that early data goes back to. */
    private final Optional<TransportParameters> remembered;

    /** Of 1-RTT, until both are there. */
    private Optional<TrafficSecret> sealing = Optional.empty();

    private Optional<TrafficSecret> opening = Optional.empty();

    HandshakeDriver(ConnectionState state, Handshake tls, Optional<Opaque> remembered) {
        this.state = state;
        this.tls = tls;
        this.remembered = remembered.flatMap(this::decodeRemembered);
    }

    /** Takes what TLS has to say before anything came: a client's hello. */
    void start(long nowNanos) {
        try {
            perform(nowNanos);
        } catch (TransportException breach) {
            state.close(breach, nowNanos); // cannot be: nothing came from the peer
        }
    }

    /** Lets TLS read what is there on a level. */
    void advance(EncryptionLevel level, long nowNanos) throws TransportException {
        var bytes = state.spaces.get(level).crypto().read();
        if (!bytes.hasRemaining()) {
            return;
        }
        var copy = new byte[bytes.remaining()];
        bytes.get(copy);
        try {
            tls.handleBytes(level, copy, state.config.timeZero().plusNanos(nowNanos));
        } catch (TlsException failure) {
            perform(nowNanos); // what came before still holds: with its keys the peer is told
            throw TransportException.ofCode(
                    failure.quicErrorCode(),
                    Optional.ofNullable(failure.getMessage()).orElse("TLS"));
        }
        perform(nowNanos);
    }

    byte[] exportKeyingMaterial(String label, byte[] context, int length) {
        return tls.exportKeyingMaterial(label, context, length);
    }

    void close() {
        tls.close();
    }

    private void perform(long nowNanos) throws TransportException {
        for (var output = tls.pollOutput(); output.isPresent(); output = tls.pollOutput()) {
            switch (output.get()) {
                case HandshakeOutput.Send(var level, var bytes) ->
                    state.spaces.find(level).ifPresent(space -> space.crypto().write(ByteBuffer.wrap(bytes)));
                case HandshakeOutput.WriteSecret(var level, var secret) ->
                    install(level, Optional.of(secret), Optional.empty());
                case HandshakeOutput.ReadSecret(var level, var secret) ->
                    install(level, Optional.empty(), Optional.of(secret));
                case HandshakeOutput.PeerTransportParameters(var value) ->
                    state.onPeerParameters(
                            ParameterDecoder.decode(ByteBuffer.wrap(value.toArray()), state.role.peer()), nowNanos);
                case HandshakeOutput.EarlyDataDecision(var accepted) -> onEarlyDataDecision(accepted);
                case HandshakeOutput.Completed(var summary) -> {
                    if (state.peer.isEmpty()) {
                        throw new IllegalStateException("TLS: complete without transport parameters");
                    }
                    if (summary.earlyDataAccepted() && remembered.isPresent()) {
                        HandshakeChecks.requireNotLess(state.peer.get(), remembered.get());
                    }
                    state.events.add(new ConnectionEvent.Connected(summary));
                    state.onConnected();
                }
                case HandshakeOutput.TicketReceived(var ticket) ->
                    state.tell(new ConnectionEvent.TicketReceived(ticket));
            }
        }
    }

    private void onEarlyDataDecision(boolean accepted) {
        state.keys.discard(EncryptionLevel.ZERO_RTT);
        if (!accepted) {
            // All that was sent so far in the space of 1-RTT went in 0-RTT packets.
            state.onLost(state.paths.initial().recovery().takeAll(EncryptionLevel.ONE_RTT));
            state.onEarlyDataRejected();
            state.tell(new ConnectionEvent.EarlyDataRejected());
        }
    }

    private void install(EncryptionLevel level, Optional<TrafficSecret> seal, Optional<TrafficSecret> open) {
        if (level != EncryptionLevel.ONE_RTT) {
            state.keys.install(level, seal, open);
            if (level == EncryptionLevel.ZERO_RTT && seal.isPresent()) {
                remembered.ifPresent(state.streams::onPeerParameters);
            }
            return;
        }
        sealing = seal.or(() -> sealing);
        opening = open.or(() -> opening);
        if (sealing.isPresent() && opening.isPresent()) {
            state.keys.install(level, sealing, opening);
            sealing = Optional.empty();
            opening = Optional.empty();
        } else if (state.role == Role.SERVER && seal.isPresent()) {
            state.keys.install(level, seal, Optional.empty()); // there are things to say before the client is done
        }
    }

    private Optional<TransportParameters> decodeRemembered(Opaque bytes) {
        try {
            return Optional.of(ParameterDecoder.decode(ByteBuffer.wrap(bytes.toArray()), state.role.peer()));
        } catch (TransportException _) {
            return Optional.empty(); // were read before; then there is no early data
        }
    }
}
