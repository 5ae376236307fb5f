package io.teahouse.quic.parameter;

import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.wire.ConnectionId;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Writes {@link TransportParameters} in any order and with one more that means nothing, so that no peer comes to rely
 * on more than the rules (RFC 9000, section 18.1).
 *
 * <p>Thread-safe: no state.
 */
public final class ParameterEncoder {
    /** Numbers of this form are kept free for what means nothing. */
    private static final int RESERVED_STEP = 31;

    private static final int RESERVED_OFFSET = 27;
    private static final long RESERVED_COUNT = (VarInt.MAX - RESERVED_OFFSET) / RESERVED_STEP;
    private static final int RESERVED_LENGTH_BOUND = 16;

    private static final int IPV4_LENGTH = 4;
    private static final int IPV6_LENGTH = 16;

    private ParameterEncoder() {}

    /**
     * {@return the body of the TLS extension}
     *
     * @param parameters what to say; numbers whose absence says the same are left out
     * @param random     for the order and for what means nothing
     */
    public static byte[] encode(TransportParameters parameters, RandomGenerator random) {
        var written = new ArrayList<ByteBuffer>();
        for (IntegerParameter parameter : IntegerParameter.values()) {
            if (parameters.get(parameter) != parameter.valueIfAbsent()) {
                written.add(number(parameter.id(), parameters.get(parameter)));
            }
        }
        ids(parameters, written);
        extensions(parameters, written);
        written.add(reserved(random));
        Collections.shuffle(written, random);

        var body = ByteBuffer.allocate(
                written.stream().mapToInt(ByteBuffer::remaining).sum());
        written.forEach(body::put);
        return body.array();
    }

    private static void ids(TransportParameters parameters, List<ByteBuffer> written) {
        id(ParameterDecoder.ORIGINAL_DESTINATION_ID, parameters.originalDestinationId(), written);
        id(ParameterDecoder.INITIAL_SOURCE_ID, parameters.initialSourceId(), written);
        id(ParameterDecoder.RETRY_SOURCE_ID, parameters.retrySourceId(), written);
        parameters
                .statelessResetToken()
                .ifPresent(token -> written.add(parameter(ParameterDecoder.STATELESS_RESET_TOKEN, token.toBytes())));
        parameters
                .preferredAddress()
                .ifPresent(address -> written.add(parameter(ParameterDecoder.PREFERRED_ADDRESS, bytes(address))));
    }

    private static void extensions(TransportParameters parameters, List<ByteBuffer> written) {
        if (parameters.isActiveMigrationDisabled()) {
            written.add(parameter(ParameterDecoder.DISABLE_ACTIVE_MIGRATION, new byte[0]));
        }
        if (parameters.isQuicBitGreased()) {
            written.add(parameter(ParameterDecoder.GREASE_QUIC_BIT, new byte[0]));
        }
        parameters.minAckDelayMicros().ifPresent(micros -> written.add(number(ParameterDecoder.MIN_ACK_DELAY, micros)));
        parameters
                .initialMaxPathId()
                .ifPresent(pathId -> written.add(number(ParameterDecoder.INITIAL_MAX_PATH_ID, pathId)));
        parameters
                .addressDiscovery()
                .ifPresent(part -> written.add(number(ParameterDecoder.ADDRESS_DISCOVERY, part.code())));
        parameters
                .natTraversalAddresses()
                .ifPresent(addresses ->
                        written.add(parameter(ParameterDecoder.NAT_TRAVERSAL, new byte[] {(byte) addresses})));
    }

    private static ByteBuffer reserved(RandomGenerator random) {
        var filling = new byte[random.nextInt(RESERVED_LENGTH_BOUND)];
        random.nextBytes(filling);
        return parameter(RESERVED_STEP * random.nextLong(RESERVED_COUNT) + RESERVED_OFFSET, filling);
    }

    private static byte[] bytes(PreferredAddress address) {
        byte[] id = address.id().toBytes();
        byte[] token = address.resetToken().toBytes();
        var bytes = ByteBuffer.allocate(IPV4_LENGTH + IPV6_LENGTH + 2 * Short.BYTES + 1 + id.length + token.length);
        address(address.ipv4(), IPV4_LENGTH, bytes);
        address(address.ipv6(), IPV6_LENGTH, bytes);
        return bytes.put((byte) id.length).put(id).put(token).array();
    }

    private static void address(Optional<InetSocketAddress> address, int ipLength, ByteBuffer out) {
        out.put(address.map(known -> known.getAddress().getAddress()).orElseGet(() -> new byte[ipLength]));
        out.putShort(address.map(InetSocketAddress::getPort).orElse(0).shortValue());
    }

    private static void id(long parameterId, Optional<ConnectionId> id, List<ByteBuffer> written) {
        id.ifPresent(value -> written.add(parameter(parameterId, value.toBytes())));
    }

    private static ByteBuffer number(long parameterId, long value) {
        var bytes = ByteBuffer.allocate(VarInt.size(value));
        VarInt.write(value, bytes);
        return parameter(parameterId, bytes.array());
    }

    private static ByteBuffer parameter(long parameterId, byte[] value) {
        var parameter = ByteBuffer.allocate(VarInt.size(parameterId) + VarInt.size(value.length) + value.length);
        VarInt.write(parameterId, parameter);
        VarInt.write(value.length, parameter);
        return parameter.put(value).flip();
    }
}
