package io.teahouse.quic.frame;

import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import io.teahouse.tls.EncryptionLevel;
import java.util.EnumSet;
import java.util.Set;

/**
 * Which frames a packet may have: that depends on its keys, on who sends it and on what was agreed.
 *
 * <p>Immutable.
 */
public final class FrameRules {
    private final EncryptionLevel level;
    private final Role sender;
    private final Set<Extension> extensions;

    /**
     * Creates the rules for packets of one side and level.
     *
     * @param level      whose keys the packets are sealed with
     * @param sender     who sends them
     * @param extensions what the handshake has agreed on and this sender may use
     */
    public FrameRules(EncryptionLevel level, Role sender, Set<Extension> extensions) {
        this.level = level;
        this.sender = sender;
        this.extensions = extensions.isEmpty() ? EnumSet.noneOf(Extension.class) : EnumSet.copyOf(extensions);
    }

    /** Breaks off if a frame of this type is not allowed; {@code code} is which of the type's numbers it has. */
    void require(FrameType type, long code) throws TransportException {
        if (!type.isAllowedIn(level)) {
            throw violation(code, "%s frame: in a packet of level %s (expected: elsewhere)".formatted(type, level));
        }
        if (type.sender().isPresent() && type.sender().get() != sender) {
            throw violation(
                    code,
                    "%s frame: from the %s (expected: from the %s)"
                            .formatted(type, sender, type.sender().get()));
        }
        if (type.extension().isPresent()
                && !extensions.contains(type.extension().get())) {
            throw violation(
                    code,
                    "%s frame: without %s (expected: only once agreed on)"
                            .formatted(type, type.extension().get()));
        }
    }

    private static TransportException violation(long code, String message) {
        return new TransportException(TransportError.PROTOCOL_VIOLATION, code, message);
    }
}
