package io.teahouse.quic.parameter;

import io.teahouse.core.bytes.VarInt;
import java.util.Optional;

/**
 * The transport parameters that are numbers and mean something when they are absent, too, as a table: id, what absence
 * means, and what is allowed (RFC 9000, section 18.2; RFC 9221, section 3).
 */
public enum IntegerParameter {
    /** How long the connection may be silent, in milliseconds; 0 for ever. */
    MAX_IDLE_TIMEOUT(0x01, 0, 0, VarInt.MAX),
    /** How large the UDP payloads may be that the sender takes, in bytes. */
    MAX_UDP_PAYLOAD_SIZE(0x03, 65_527, 1200, VarInt.MAX),
    /** How many bytes may be sent on all streams together, to begin with. */
    INITIAL_MAX_DATA(0x04, 0, 0, VarInt.MAX),
    /** How many bytes may be sent on each bidirectional stream that the sender opens. */
    INITIAL_MAX_STREAM_DATA_BIDI_LOCAL(0x05, 0, 0, VarInt.MAX),
    /** How many bytes may be sent on each bidirectional stream that the receiver opens. */
    INITIAL_MAX_STREAM_DATA_BIDI_REMOTE(0x06, 0, 0, VarInt.MAX),
    /** How many bytes may be sent on each unidirectional stream that the receiver opens. */
    INITIAL_MAX_STREAM_DATA_UNI(0x07, 0, 0, VarInt.MAX),
    /** How many bidirectional streams the receiver may open. */
    INITIAL_MAX_STREAMS_BIDI(0x08, 0, 0, 1L << 60),
    /** How many unidirectional streams the receiver may open. */
    INITIAL_MAX_STREAMS_UNI(0x09, 0, 0, 1L << 60),
    /** The delays in the sender's acknowledgements count in two to the power of this, in microseconds. */
    ACK_DELAY_EXPONENT(0x0a, 3, 0, 20),
    /** How long the sender holds acknowledgements back, in milliseconds. */
    MAX_ACK_DELAY(0x0b, 25, 0, (1 << 14) - 1),
    /** How many connection ids of the receiver's the sender keeps, in multipath for each path. */
    ACTIVE_CONNECTION_ID_LIMIT(0x0e, 2, 2, VarInt.MAX),
    /** How large a DATAGRAM frame may be that the sender takes, with its type and length; 0 for none at all. */
    MAX_DATAGRAM_FRAME_SIZE(0x20, 0, 0, VarInt.MAX);

    private final long id;
    private final long valueIfAbsent;
    private final long min;
    private final long max;

    IntegerParameter(long id, long valueIfAbsent, long min, long max) {
        this.id = id;
        this.valueIfAbsent = valueIfAbsent;
        this.min = min;
        this.max = max;
    }

    /**
     * {@return the number that names it on the wire}
     */
    public long id() {
        return id;
    }

    /**
     * {@return the value that it has when it is not sent}
     */
    public long valueIfAbsent() {
        return valueIfAbsent;
    }

    /** Whether a value is allowed. */
    boolean allows(long value) {
        return value >= min && value <= max;
    }

    /** What is allowed, in words. */
    String range() {
        return max == VarInt.MAX ? min + " to 2^62 - 1" : min + " to " + max;
    }

    static Optional<IntegerParameter> ofId(long id) {
        for (IntegerParameter parameter : values()) {
            if (parameter.id == id) {
                return Optional.of(parameter);
            }
        }
        return Optional.empty();
    }
}
