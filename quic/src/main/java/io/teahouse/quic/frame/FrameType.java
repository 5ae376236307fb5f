package io.teahouse.quic.frame;

import io.teahouse.quic.wire.Role;
import io.teahouse.tls.EncryptionLevel;
import java.util.Optional;

/**
 * What kinds of frames there are, as a table: their numbers, where they may be, and what follows from them (RFC 9000,
 * table 3; iroh QUIC spec, sections 2.2, 3.1, 4.1 and A.3).
 *
 * <p>The second column says in which packets: I for Initial, H for Handshake, 0 for 0-RTT, 1 for 1-RTT. The third: N if
 * the frame asks for no acknowledgement, C if a packet of nothing else is not limited by congestion control, P if it
 * may probe a path that is not used yet.
 */
public enum FrameType {
    /** {@link ConnectionFrame.Padding}. */
    PADDING(0x00, "IH01", "NP"),
    /** {@link ConnectionFrame.Ping}. */
    PING(0x01, "IH01", ""),
    /** {@link AckFrame.Ack}, without and with ECN counts. */
    ACK(0x02, 0x03, "IH_1", "NC"),
    /** {@link StreamFrame.ResetStream}. */
    RESET_STREAM(0x04, "__01", ""),
    /** {@link StreamFrame.StopSending}. */
    STOP_SENDING(0x05, "__01", ""),
    /** {@link ConnectionFrame.Crypto}. */
    CRYPTO(0x06, "IH_1", ""),
    /** {@link ConnectionFrame.NewToken}. */
    NEW_TOKEN(0x07, "___1", "", Role.SERVER),
    /** {@link StreamFrame.StreamData}, with three bits that say what is in it. */
    STREAM(0x08, 0x0f, "__01", ""),
    /** {@link ConnectionFrame.MaxData}. */
    MAX_DATA(0x10, "__01", ""),
    /** {@link StreamFrame.MaxStreamData}. */
    MAX_STREAM_DATA(0x11, "__01", ""),
    /** {@link StreamFrame.MaxStreams}, of bidirectional and of unidirectional ones. */
    MAX_STREAMS(0x12, 0x13, "__01", ""),
    /** {@link ConnectionFrame.DataBlocked}. */
    DATA_BLOCKED(0x14, "__01", ""),
    /** {@link StreamFrame.StreamDataBlocked}. */
    STREAM_DATA_BLOCKED(0x15, "__01", ""),
    /** {@link StreamFrame.StreamsBlocked}, of bidirectional and of unidirectional ones. */
    STREAMS_BLOCKED(0x16, 0x17, "__01", ""),
    /** {@link PathFrame.NewConnectionId}. */
    NEW_CONNECTION_ID(0x18, "__01", "P"),
    /** {@link PathFrame.RetireConnectionId}; in 0-RTT there is none that could be retired. */
    RETIRE_CONNECTION_ID(0x19, "___1", ""),
    /** {@link PathFrame.PathChallenge}. */
    PATH_CHALLENGE(0x1a, "__01", "P"),
    /** {@link PathFrame.PathResponse}. */
    PATH_RESPONSE(0x1b, "___1", "P"),
    /** {@link ConnectionFrame.TransportClose}. */
    TRANSPORT_CLOSE(0x1c, "IH01", "N"),
    /** {@link ConnectionFrame.ApplicationClose}. */
    APPLICATION_CLOSE(0x1d, "__01", "N"),
    /** {@link ConnectionFrame.HandshakeDone}. */
    HANDSHAKE_DONE(0x1e, "___1", "", Role.SERVER),
    /** {@link ConnectionFrame.ImmediateAck}. */
    IMMEDIATE_ACK(0x1f, "__01", "", Extension.ACK_FREQUENCY),
    /** {@link ConnectionFrame.Datagram}, without and with a length. */
    DATAGRAM(0x30, 0x31, "__01", "", Extension.DATAGRAM),
    /** {@link AckFrame.PathAck}, without and with ECN counts. */
    PATH_ACK(0x3e, 0x3f, "___1", "NC", Extension.MULTIPATH),
    /** {@link ConnectionFrame.AckFrequency}. */
    ACK_FREQUENCY(0xaf, "__01", "", Extension.ACK_FREQUENCY),
    /** {@link PathFrame.PathAbandon}. */
    PATH_ABANDON(0x3e75, "___1", "", Extension.MULTIPATH),
    /** {@link PathFrame.PathStatusBackup}. */
    PATH_STATUS_BACKUP(0x3e76, "___1", "", Extension.MULTIPATH),
    /** {@link PathFrame.PathStatusAvailable}. */
    PATH_STATUS_AVAILABLE(0x3e77, "___1", "", Extension.MULTIPATH),
    /** {@link PathFrame.PathNewConnectionId}. */
    PATH_NEW_CONNECTION_ID(0x3e78, "___1", "P", Extension.MULTIPATH),
    /** {@link PathFrame.PathRetireConnectionId}. */
    PATH_RETIRE_CONNECTION_ID(0x3e79, "___1", "", Extension.MULTIPATH),
    /** {@link PathFrame.MaxPathId}. */
    MAX_PATH_ID(0x3e7a, "___1", "", Extension.MULTIPATH),
    /** {@link PathFrame.PathsBlocked}. */
    PATHS_BLOCKED(0x3e7b, "___1", "", Extension.MULTIPATH),
    /** {@link PathFrame.PathCidsBlocked}. */
    PATH_CIDS_BLOCKED(0x3e7c, "___1", "", Extension.MULTIPATH),
    /** {@link AddressFrame.AddAddress}, of IPv4 and of IPv6. */
    ADD_ADDRESS(0x3d7f90, 0x3d7f91, "___1", "", Extension.NAT_TRAVERSAL, Role.SERVER),
    /** {@link AddressFrame.ReachOut}, to IPv4 and to IPv6. */
    REACH_OUT(0x3d7f92, 0x3d7f93, "___1", "", Extension.NAT_TRAVERSAL, Role.CLIENT),
    /** {@link AddressFrame.RemoveAddress}. */
    REMOVE_ADDRESS(0x3d7f94, "___1", "", Extension.NAT_TRAVERSAL, Role.SERVER),
    /** {@link AddressFrame.ObservedAddress}, of IPv4 and of IPv6; iroh's endpoints say it in 0-RTT, too. */
    OBSERVED_ADDRESS(0x9f81a6, 0x9f81a7, "__01", "P", Extension.ADDRESS_DISCOVERY);

    private static final int ONE_BYTE_CODES = 64;
    private static final FrameType[] OF_ONE_BYTE = new FrameType[ONE_BYTE_CODES];

    static {
        for (FrameType type : values()) {
            for (long code = type.firstCode; code <= type.lastCode && code < ONE_BYTE_CODES; code++) {
                OF_ONE_BYTE[(int) code] = type;
            }
        }
    }

    private final long firstCode;
    private final long lastCode;
    private final String packets;
    private final String properties;
    private final Optional<Extension> extension;
    private final Optional<Role> sender;

    FrameType(long code, String packets, String properties) {
        this(code, code, packets, properties);
    }

    FrameType(long firstCode, long lastCode, String packets, String properties) {
        this(firstCode, lastCode, packets, properties, Optional.empty(), Optional.empty());
    }

    FrameType(long code, String packets, String properties, Role sender) {
        this(code, code, packets, properties, Optional.empty(), Optional.of(sender));
    }

    FrameType(long code, String packets, String properties, Extension extension) {
        this(code, code, packets, properties, extension);
    }

    FrameType(long firstCode, long lastCode, String packets, String properties, Extension extension) {
        this(firstCode, lastCode, packets, properties, Optional.of(extension), Optional.empty());
    }

    FrameType(long code, String packets, String properties, Extension extension, Role sender) {
        this(code, code, packets, properties, extension, sender);
    }

    FrameType(long firstCode, long lastCode, String packets, String properties, Extension extension, Role sender) {
        this(firstCode, lastCode, packets, properties, Optional.of(extension), Optional.of(sender));
    }

    FrameType(
            long firstCode,
            long lastCode,
            String packets,
            String properties,
            Optional<Extension> extension,
            Optional<Role> sender) {
        this.firstCode = firstCode;
        this.lastCode = lastCode;
        this.packets = packets;
        this.properties = properties;
        this.extension = extension;
        this.sender = sender;
    }

    /**
     * {@return the type of a number, or empty if nobody knows it}
     *
     * @param code as on the wire
     */
    public static Optional<FrameType> ofCode(long code) {
        if (code >= 0 && code < ONE_BYTE_CODES) {
            return Optional.ofNullable(OF_ONE_BYTE[(int) code]);
        }
        for (FrameType type : values()) {
            if (code >= type.firstCode && code <= type.lastCode) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /**
     * {@return the lowest of its numbers}
     */
    public long code() {
        return firstCode;
    }

    /**
     * {@return whether packets of a level may have it}
     *
     * @param level whose keys the packet is sealed with
     */
    public boolean isAllowedIn(EncryptionLevel level) {
        char letter = switch (level) {
            case INITIAL -> 'I';
            case HANDSHAKE -> 'H';
            case ZERO_RTT -> '0';
            case ONE_RTT -> '1';
        };
        return packets.indexOf(letter) >= 0;
    }

    /**
     * {@return the side that alone may send it, or empty if both may}
     */
    public Optional<Role> sender() {
        return sender;
    }

    /**
     * {@return the extension that has to be agreed on, or empty if it is always there}
     */
    public Optional<Extension> extension() {
        return extension;
    }

    /**
     * {@return whether its receiver has to acknowledge the packet soon}
     */
    public boolean isAckEliciting() {
        return properties.indexOf('N') < 0;
    }

    /**
     * {@return whether packets that have nothing else but such frames are sent although congestion control holds others
     * back}
     */
    public boolean isFreeOfCongestionControl() {
        return properties.indexOf('C') >= 0;
    }

    /**
     * {@return whether it may be sent on a path that is not used yet, without moving the connection there}
     */
    public boolean isProbing() {
        return properties.indexOf('P') >= 0;
    }
}
