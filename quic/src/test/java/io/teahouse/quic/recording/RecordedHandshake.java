package io.teahouse.quic.recording;

import io.teahouse.quic.wire.Role;
import io.teahouse.tls.EncryptionLevel;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.HandshakeOutput;
import io.teahouse.tls.HandshakeSummary;
import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.schedule.TrafficSecret;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/** Says on each level what one side has said in a recording, and has the secrets of it. */
final class RecordedHandshake implements Handshake {
    /**
     * What is known of it.
     *
     * @param self           which side it is
     * @param said           what that side has said, by level
     * @param heard          how much it has heard of the other, by level
     * @param peerParameters what the other said of itself
     * @param secrets        what a side sends on a level is sealed with
     */
    record Script(
            Role self,
            Map<EncryptionLevel, byte[]> said,
            Map<EncryptionLevel, Integer> heard,
            Opaque peerParameters,
            Secrets secrets) {}

    /** The key log. */
    interface Secrets {
        TrafficSecret of(Role sender, EncryptionLevel level);
    }

    private final Script script;
    private final Queue<HandshakeOutput> outputs = new ArrayDeque<>();
    private final Map<EncryptionLevel, Integer> heard = new EnumMap<>(EncryptionLevel.class);
    private boolean complete;

    RecordedHandshake(Script script) {
        this.script = script;
        if (script.self() == Role.CLIENT) {
            say(EncryptionLevel.INITIAL);
        }
    }

    @Override
    public void handleBytes(EncryptionLevel level, byte[] bytes, Instant now) {
        int before = heard.getOrDefault(level, 0);
        heard.put(level, before + bytes.length);
        int all = script.heard().getOrDefault(level, 0);
        if (before < all && before + bytes.length >= all) {
            onAllHeard(level);
        }
    }

    private void onAllHeard(EncryptionLevel level) {
        if (script.self() == Role.SERVER && level == EncryptionLevel.INITIAL) {
            outputs.add(new HandshakeOutput.PeerTransportParameters(script.peerParameters()));
            say(EncryptionLevel.INITIAL);
            secrets(EncryptionLevel.HANDSHAKE);
            say(EncryptionLevel.HANDSHAKE);
            secrets(EncryptionLevel.ONE_RTT);
        } else if (script.self() == Role.SERVER && level == EncryptionLevel.HANDSHAKE) {
            complete();
            say(EncryptionLevel.ONE_RTT);
        } else if (script.self() == Role.CLIENT && level == EncryptionLevel.INITIAL) {
            secrets(EncryptionLevel.HANDSHAKE);
        } else if (script.self() == Role.CLIENT && level == EncryptionLevel.HANDSHAKE) {
            outputs.add(new HandshakeOutput.PeerTransportParameters(script.peerParameters()));
            say(EncryptionLevel.HANDSHAKE);
            secrets(EncryptionLevel.ONE_RTT);
            complete();
        }
    }

    private void complete() {
        complete = true;
        outputs.add(new HandshakeOutput.Completed(new HandshakeSummary(
                script.secrets().of(script.self(), EncryptionLevel.ONE_RTT).suite(),
                NamedGroup.X25519,
                Opaque.EMPTY,
                new PeerIdentity.Anonymous(),
                false,
                false,
                Optional.empty())));
    }

    private void say(EncryptionLevel level) {
        Optional.ofNullable(script.said().get(level))
                .ifPresent(bytes -> outputs.add(new HandshakeOutput.Send(level, bytes)));
    }

    private void secrets(EncryptionLevel level) {
        var self = script.self();
        outputs.add(new HandshakeOutput.WriteSecret(level, script.secrets().of(self, level)));
        outputs.add(new HandshakeOutput.ReadSecret(level, script.secrets().of(self.peer(), level)));
    }

    @Override
    public Optional<HandshakeOutput> pollOutput() {
        return Optional.ofNullable(outputs.poll());
    }

    @Override
    public boolean isComplete() {
        return complete;
    }

    @Override
    public byte[] exportKeyingMaterial(String label, byte[] context, int length) {
        return new byte[length];
    }

    @Override
    public void close() {
        outputs.clear();
    }
}
