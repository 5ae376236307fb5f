package io.teahouse.relay.protocol;

import io.teahouse.core.EndpointId;

/**
 * Where things lie in a frame that carries datagrams, and how large a frame may be (iroh relay spec, section 4.1).
 *
 * <p>For code that forwards a frame where it lies, without making a {@link RelayFrame} of it. All offsets count from the
 * first byte of the message and hold for the one-byte form of the type, the only one that writers use:
 *
 * <pre>
 *   0    1        33    34             36
 *   type | id     | ecn | contents ...
 *   type | id     | ecn | segment size | contents ...       batch
 * </pre>
 *
 * <p>The id is the destination on the way to the relay and the source on the way from it; nothing else differs.
 */
public final class FrameLayout {
    /** Client to relay, one datagram. */
    public static final byte TYPE_CLIENT_TO_RELAY_DATAGRAM = 4;

    /** Client to relay, a batch of datagrams. */
    public static final byte TYPE_CLIENT_TO_RELAY_DATAGRAM_BATCH = 5;

    /** Relay to client, one datagram. */
    public static final byte TYPE_RELAY_TO_CLIENT_DATAGRAM = 6;

    /** Relay to client, a batch of datagrams. */
    public static final byte TYPE_RELAY_TO_CLIENT_DATAGRAM_BATCH = 7;

    /** Either way, a ping. */
    public static final byte TYPE_PING = 9;

    /** Either way, the answer to a ping. */
    public static final byte TYPE_PONG = 10;

    /** The type itself, one byte. */
    public static final int TYPE_OFFSET = 0;

    /** The {@value EndpointId#LENGTH} bytes of the destination or source. */
    public static final int ID_OFFSET = 1;

    /** One byte, of which {@link #ECN_MASK} counts. */
    public static final int ECN_OFFSET = ID_OFFSET + EndpointId.LENGTH;

    /** The bits of the ECN byte that readers look at; writers leave the others 0. */
    public static final int ECN_MASK = 3;

    /** In a batch: size of each datagram but perhaps the last, 2 bytes, big-endian, in bytes; 0 makes it no batch. */
    public static final int SEGMENT_SIZE_OFFSET = ECN_OFFSET + 1;

    /** Where the contents of a single datagram begin. */
    public static final int DATAGRAM_CONTENTS_OFFSET = ECN_OFFSET + 1;

    /** Where the contents of a batch begin. */
    public static final int BATCH_CONTENTS_OFFSET = SEGMENT_SIZE_OFFSET + 2;

    /** The opaque bytes of a Ping or Pong begin here. */
    public static final int PING_PAYLOAD_OFFSET = 1;

    /** A whole Ping or Pong, in bytes. */
    public static final int PING_LENGTH = PING_PAYLOAD_OFFSET + Long.BYTES;

    /** The most that readers accept behind the type, in bytes. */
    public static final int MAX_PAYLOAD = 65_536;

    /** The largest message that may be sent, its type included, in bytes. */
    public static final int MAX_MESSAGE_TO_SEND = 65_536;

    /** The largest message that can be good: {@link #MAX_PAYLOAD} behind a type in its 8-byte form, in bytes. */
    public static final int MAX_MESSAGE_TO_RECEIVE = 8 + MAX_PAYLOAD;

    /** The most that can be delivered in a single datagram, in bytes. */
    public static final int MAX_DATAGRAM_CONTENTS = MAX_MESSAGE_TO_SEND - DATAGRAM_CONTENTS_OFFSET;

    /** The most that can be delivered in one batch, in bytes. */
    public static final int MAX_BATCH_CONTENTS = MAX_MESSAGE_TO_SEND - BATCH_CONTENTS_OFFSET;

    private FrameLayout() {}
}
