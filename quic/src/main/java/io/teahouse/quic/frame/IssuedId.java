package io.teahouse.quic.frame;

import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.StatelessResetToken;

/**
 * A connection id as its issuer makes it known (RFC 9000, section 19.15).
 *
 * @param sequence      its number among those of the same path, 0 to 2^62 - 1
 * @param retirePriorTo all ids of the path with lower numbers are to be retired; not above {@code sequence}
 * @param id            1 to 20 bytes
 * @param resetToken    by which a stateless reset for this id is recognised
 */
public record IssuedId(long sequence, long retirePriorTo, ConnectionId id, StatelessResetToken resetToken) {
    /** Checks what no frame can carry. */
    public IssuedId {
        if (id.length() == 0) {
            throw new IllegalArgumentException(
                    "id: empty (expected: 1 to %d bytes)".formatted(ConnectionId.MAX_LENGTH));
        }
        if (retirePriorTo < 0 || retirePriorTo > sequence) {
            throw new IllegalArgumentException(
                    "retirePriorTo: %d (expected: 0 to %d, the sequence)".formatted(retirePriorTo, sequence));
        }
    }
}
