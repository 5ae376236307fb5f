package io.teahouse.quic.parameter;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.StatelessResetToken;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@link TransportParameters} as they lie in the TLS extension quic_transport_parameters (RFC 9000, section 18).
 *
 * <p>Parameters that nobody knows are skipped, however many and however long; that they are not doubled is not checked.
 * {@link ParameterEncoder} writes. Thread-safe: no state.
 */
public final class ParameterDecoder {
    static final long ORIGINAL_DESTINATION_ID = 0x00;
    static final long STATELESS_RESET_TOKEN = 0x02;
    static final long DISABLE_ACTIVE_MIGRATION = 0x0c;
    static final long PREFERRED_ADDRESS = 0x0d;
    static final long INITIAL_SOURCE_ID = 0x0f;
    static final long RETRY_SOURCE_ID = 0x10;
    static final long INITIAL_MAX_PATH_ID = 0x3e;
    static final long GREASE_QUIC_BIT = 0x2ab2;
    static final long MIN_ACK_DELAY = 0xff04_de1bL;
    static final long ADDRESS_DISCOVERY = 0x9f81_a176L;
    static final long NAT_TRAVERSAL = 0x3d7f_9112_0401L;

    /** What only a server can say. */
    private static final Set<Long> SERVERS =
            Set.of(ORIGINAL_DESTINATION_ID, STATELESS_RESET_TOKEN, PREFERRED_ADDRESS, RETRY_SOURCE_ID);

    private static final int IPV4_LENGTH = 4;
    private static final int IPV6_LENGTH = 16;
    private static final int PREFERRED_ADDRESS_MIN_LENGTH =
            IPV4_LENGTH + IPV6_LENGTH + 2 * Short.BYTES + 1 + 1 + StatelessResetToken.LENGTH;
    private static final long MICROS_PER_MILLI = 1000;

    private ParameterDecoder() {}

    /**
     * {@return the parameters in an extension}
     *
     * @param extension its body, big-endian; read to the end
     * @param sender    who sent it
     * @throws TransportException with TRANSPORT_PARAMETER_ERROR if it cannot be read, or says what it must not
     */
    public static TransportParameters decode(ByteBuffer extension, Role sender) throws TransportException {
        var builder = TransportParameters.builder();
        var seen = new HashSet<Long>();
        while (extension.hasRemaining()) {
            long id = VarInt.read(extension);
            long length = id == VarInt.TRUNCATED ? VarInt.TRUNCATED : VarInt.read(extension);
            if (length == VarInt.TRUNCATED || length > extension.remaining()) {
                throw error("transport parameters: end inside a parameter (expected: whole ones)");
            }
            var value = extension.slice(extension.position(), (int) length);
            extension.position(extension.position() + (int) length);
            boolean known = read(id, value, sender, builder);
            // Only of the known ones it is noted that they were there: nobody can make that grow.
            if (known && !seen.add(id)) {
                throw error("transport parameter 0x%x: twice (expected: once at most)".formatted(id));
            }
        }
        var parameters = builder.build();
        requireMinAckDelayBelowMax(parameters);
        return parameters;
    }

    private static boolean read(long id, ByteBuffer value, Role sender, TransportParameters.Builder builder)
            throws TransportException {
        if (sender == Role.CLIENT && SERVERS.contains(id)) {
            throw error("transport parameter 0x%x: from a client (expected: from servers only)".formatted(id));
        }
        Optional<IntegerParameter> integer = IntegerParameter.ofId(id);
        if (integer.isPresent()) {
            long number = number(id, value);
            if (!integer.get().allows(number)) {
                throw wrong(integer.get().name(), number, integer.get().range());
            }
            builder.set(integer.get(), number);
            return true;
        }
        return readOther(id, value, builder);
    }

    private static boolean readOther(long id, ByteBuffer value, TransportParameters.Builder builder)
            throws TransportException {
        // Constants of type long cannot be cases of a switch.
        if (id == ORIGINAL_DESTINATION_ID) {
            builder.originalDestinationId(connectionId(id, value));
        } else if (id == INITIAL_SOURCE_ID) {
            builder.initialSourceId(connectionId(id, value));
        } else if (id == RETRY_SOURCE_ID) {
            builder.retrySourceId(connectionId(id, value));
        } else if (id == STATELESS_RESET_TOKEN) {
            requireLength(id, value, StatelessResetToken.LENGTH);
            builder.statelessResetToken(StatelessResetToken.read(value));
        } else if (id == DISABLE_ACTIVE_MIGRATION) {
            requireLength(id, value, 0);
            builder.disableActiveMigration();
        } else if (id == GREASE_QUIC_BIT) {
            requireLength(id, value, 0);
            builder.greaseQuicBit();
        } else if (id == PREFERRED_ADDRESS) {
            builder.preferredAddress(preferredAddress(value));
        } else if (id == MIN_ACK_DELAY) {
            builder.minAckDelayMicros(number(id, value));
        } else if (id == INITIAL_MAX_PATH_ID) {
            long pathId = number(id, value);
            if (pathId > TransportParameters.MAX_PATH_ID) {
                throw wrong("initial_max_path_id", pathId, "0 to " + TransportParameters.MAX_PATH_ID);
            }
            builder.initialMaxPathId(pathId);
        } else if (id == ADDRESS_DISCOVERY) {
            long code = number(id, value);
            builder.addressDiscovery(
                    AddressDiscovery.ofCode(code).orElseThrow(() -> wrong("address discovery", code, "0 to 2")));
        } else if (id == NAT_TRAVERSAL) {
            requireLength(id, value, 1);
            int addresses = Byte.toUnsignedInt(value.get());
            if (addresses == 0) {
                throw wrong("NAT traversal", addresses, "1 to 255");
            }
            builder.natTraversalAddresses(addresses);
        } else {
            return false;
        }
        return true;
    }

    private static long number(long id, ByteBuffer value) throws TransportException {
        int length = value.remaining();
        long number = VarInt.read(value);
        if (number == VarInt.TRUNCATED || value.hasRemaining()) {
            throw error("transport parameter 0x%x: %d bytes (expected: one number)".formatted(id, length));
        }
        return number;
    }

    private static ConnectionId connectionId(long id, ByteBuffer value) throws TransportException {
        if (value.remaining() > ConnectionId.MAX_LENGTH) {
            throw error("transport parameter 0x%x: %d bytes (expected: 0 to %d)"
                    .formatted(id, value.remaining(), ConnectionId.MAX_LENGTH));
        }
        return ConnectionId.read(value, value.remaining());
    }

    private static PreferredAddress preferredAddress(ByteBuffer value) throws TransportException {
        if (value.remaining() < PREFERRED_ADDRESS_MIN_LENGTH) {
            throw error("preferred_address: %d bytes (expected: %d at least)"
                    .formatted(value.remaining(), PREFERRED_ADDRESS_MIN_LENGTH));
        }
        var ipv4 = address(value, IPV4_LENGTH);
        var ipv6 = address(value, IPV6_LENGTH);
        int idLength = Byte.toUnsignedInt(value.get());
        if (idLength < 1
                || idLength > ConnectionId.MAX_LENGTH
                || value.remaining() != idLength + StatelessResetToken.LENGTH) {
            throw error("preferred_address: connection id of %d bytes (expected: 1 to %d, and a token behind it)"
                    .formatted(idLength, ConnectionId.MAX_LENGTH));
        }
        return new PreferredAddress(ipv4, ipv6, ConnectionId.read(value, idLength), StatelessResetToken.read(value));
    }

    /** An address, or empty if all of it is 0, by which a server says that it has none. */
    private static Optional<InetSocketAddress> address(ByteBuffer value, int ipLength) {
        var ip = new byte[ipLength];
        value.get(ip);
        int port = Short.toUnsignedInt(value.getShort());
        if (port == 0 && Arrays.equals(ip, new byte[ipLength])) {
            return Optional.empty();
        }
        try {
            return Optional.of(new InetSocketAddress(InetAddress.getByAddress(ip), port));
        } catch (UnknownHostException e) {
            throw new AssertionError("thrown for a wrong length only", e);
        }
    }

    private static void requireLength(long id, ByteBuffer value, int expected) throws TransportException {
        if (value.remaining() != expected) {
            throw error("transport parameter 0x%x: %d bytes (expected: %d)".formatted(id, value.remaining(), expected));
        }
    }

    private static void requireMinAckDelayBelowMax(TransportParameters parameters) throws TransportException {
        long maxMicros = parameters.get(IntegerParameter.MAX_ACK_DELAY) * MICROS_PER_MILLI;
        if (parameters.minAckDelayMicros().orElse(0) > maxMicros) {
            throw wrong(
                    "min_ack_delay", parameters.minAckDelayMicros().orElseThrow(), "0 to max_ack_delay, " + maxMicros);
        }
    }

    private static TransportException wrong(String name, long found, String expected) {
        return error("%s: %d (expected: %s)".formatted(name, found, expected));
    }

    private static TransportException error(String message) {
        return new TransportException(TransportError.TRANSPORT_PARAMETER_ERROR, message);
    }
}
