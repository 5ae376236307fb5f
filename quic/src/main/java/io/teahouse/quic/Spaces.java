package io.teahouse.quic;

import io.teahouse.quic.recovery.AckSchedule;
import io.teahouse.quic.recovery.ReceivedPackets;
import io.teahouse.quic.stream.CryptoStream;
import io.teahouse.tls.EncryptionLevel;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** What came in each number space, and the handshake data there. Not thread-safe. */
final class Spaces {
    /** One of them. */
    record Space(CryptoStream crypto, ReceivedPackets received, AckSchedule acks) {}

    private final Map<EncryptionLevel, Space> spaces = new EnumMap<>(EncryptionLevel.class);

    /** Of 1-RTT, the path has the packets. */
    Spaces(ReceivedPackets oneRtt, AckSchedule oneRttAcks) {
        for (var level : new EncryptionLevel[] {EncryptionLevel.INITIAL, EncryptionLevel.HANDSHAKE}) {
            var received = new ReceivedPackets();
            spaces.put(level, new Space(new CryptoStream(), received, new AckSchedule(received, 0, 0)));
        }
        spaces.put(EncryptionLevel.ONE_RTT, new Space(new CryptoStream(), oneRtt, oneRttAcks));
    }

    /** The number space of a level: 0-RTT packets are in that of 1-RTT. */
    static EncryptionLevel of(EncryptionLevel level) {
        return level == EncryptionLevel.ZERO_RTT ? EncryptionLevel.ONE_RTT : level;
    }

    /** The space of a level; empty once it was discarded. */
    Optional<Space> find(EncryptionLevel level) {
        return Optional.ofNullable(spaces.get(of(level)));
    }

    /** The space of a level for which there are keys. */
    Space get(EncryptionLevel level) {
        return find(level).orElseThrow();
    }

    void discard(EncryptionLevel level) {
        spaces.remove(level);
    }
}
