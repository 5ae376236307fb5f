package io.teahouse.quic.parameter;

import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.StatelessResetToken;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What one side says about itself in the handshake (RFC 9000, section 18.2; iroh QUIC spec, section 1.7).
 *
 * <p>{@link ParameterEncoder} and {@link ParameterDecoder} turn it into bytes and back, {@link HandshakeChecks}
 * compares it with what was seen otherwise. Immutable.
 */
public final class TransportParameters {
    /** Above this there are no path ids. */
    static final long MAX_PATH_ID = (1L << 32) - 1;

    static final int MAX_NAT_TRAVERSAL_ADDRESSES = 255;

    private final Map<IntegerParameter, Long> integers;
    private final Optional<ConnectionId> originalDestinationId;
    private final Optional<ConnectionId> initialSourceId;
    private final Optional<ConnectionId> retrySourceId;
    private final Optional<StatelessResetToken> statelessResetToken;
    private final Optional<PreferredAddress> preferredAddress;
    private final boolean activeMigrationDisabled;
    private final boolean quicBitGreased;
    private final OptionalLong minAckDelayMicros;
    private final OptionalLong initialMaxPathId;
    private final Optional<AddressDiscovery> addressDiscovery;
    private final OptionalInt natTraversalAddresses;

    private TransportParameters(Builder builder) {
        integers = new EnumMap<>(builder.integers);
        originalDestinationId = builder.originalDestinationId;
        initialSourceId = builder.initialSourceId;
        retrySourceId = builder.retrySourceId;
        statelessResetToken = builder.statelessResetToken;
        preferredAddress = builder.preferredAddress;
        activeMigrationDisabled = builder.activeMigrationDisabled;
        quicBitGreased = builder.quicBitGreased;
        minAckDelayMicros = builder.minAckDelayMicros;
        initialMaxPathId = builder.initialMaxPathId;
        addressDiscovery = builder.addressDiscovery;
        natTraversalAddresses = builder.natTraversalAddresses;
    }

    /**
     * {@return a builder of parameters that are all absent}
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@return the value of a number, which is that of its absence if it was not sent}
     *
     * @param parameter which one
     */
    public long get(IntegerParameter parameter) {
        return integers.getOrDefault(parameter, parameter.valueIfAbsent());
    }

    /**
     * {@return original_destination_connection_id, of a server: to whom the client's first packet went}
     */
    public Optional<ConnectionId> originalDestinationId() {
        return originalDestinationId;
    }

    /**
     * {@return initial_source_connection_id: which id the sender's Initial packets came from}
     */
    public Optional<ConnectionId> initialSourceId() {
        return initialSourceId;
    }

    /**
     * {@return retry_source_connection_id, of a server: which id its Retry packet came from}
     */
    public Optional<ConnectionId> retrySourceId() {
        return retrySourceId;
    }

    /**
     * {@return stateless_reset_token, of a server: that of the id that its Initial packets came from}
     */
    public Optional<StatelessResetToken> statelessResetToken() {
        return statelessResetToken;
    }

    /**
     * {@return preferred_address, of a server}
     */
    public Optional<PreferredAddress> preferredAddress() {
        return preferredAddress;
    }

    /**
     * {@return disable_active_migration: whether the sender does not bear a change of addresses}
     */
    public boolean isActiveMigrationDisabled() {
        return activeMigrationDisabled;
    }

    /**
     * {@return grease_quic_bit: whether the sender bears a fixed bit of 0 (RFC 9287)}
     */
    public boolean isQuicBitGreased() {
        return quicBitGreased;
    }

    /**
     * {@return min_ack_delay, in microseconds: how soon the sender can acknowledge; if it is there, the sender can be
     * asked for acknowledgements}
     */
    public OptionalLong minAckDelayMicros() {
        return minAckDelayMicros;
    }

    /**
     * {@return initial_max_path_id: the highest path id that the receiver may use; if it is there on both sides, there
     * may be several paths}
     */
    public OptionalLong initialMaxPathId() {
        return initialMaxPathId;
    }

    /**
     * {@return the sender's part in address discovery}
     */
    public Optional<AddressDiscovery> addressDiscovery() {
        return addressDiscovery;
    }

    /**
     * {@return how many addresses of the receiver the sender takes, 1 to 255, if it wants to get through NATs}
     */
    public OptionalInt natTraversalAddresses() {
        return natTraversalAddresses;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TransportParameters that
                && integers.equals(that.integers)
                && originalDestinationId.equals(that.originalDestinationId)
                && initialSourceId.equals(that.initialSourceId)
                && retrySourceId.equals(that.retrySourceId)
                && statelessResetToken.equals(that.statelessResetToken)
                && preferredAddress.equals(that.preferredAddress)
                && activeMigrationDisabled == that.activeMigrationDisabled
                && quicBitGreased == that.quicBitGreased
                && minAckDelayMicros.equals(that.minAckDelayMicros)
                && initialMaxPathId.equals(that.initialMaxPathId)
                && addressDiscovery.equals(that.addressDiscovery)
                && natTraversalAddresses.equals(that.natTraversalAddresses);
    }

    @Override
    public int hashCode() {
        return Objects.hash(integers, initialSourceId, initialMaxPathId);
    }

    /**
     * {@return the numbers that differ from those of absence, and the ids}
     */
    @Override
    public String toString() {
        return "TransportParameters" + integers + " initialSourceId=" + initialSourceId + " initialMaxPathId="
                + initialMaxPathId + " addressDiscovery=" + addressDiscovery + " natTraversalAddresses="
                + natTraversalAddresses;
    }

    /** Collects parameters; refuses values that are not allowed. Not thread-safe. */
    public static final class Builder {
        private final Map<IntegerParameter, Long> integers = new EnumMap<>(IntegerParameter.class);
        private Optional<ConnectionId> originalDestinationId = Optional.empty();
        private Optional<ConnectionId> initialSourceId = Optional.empty();
        private Optional<ConnectionId> retrySourceId = Optional.empty();
        private Optional<StatelessResetToken> statelessResetToken = Optional.empty();
        private Optional<PreferredAddress> preferredAddress = Optional.empty();
        private boolean activeMigrationDisabled;
        private boolean quicBitGreased;
        private OptionalLong minAckDelayMicros = OptionalLong.empty();
        private OptionalLong initialMaxPathId = OptionalLong.empty();
        private Optional<AddressDiscovery> addressDiscovery = Optional.empty();
        private OptionalInt natTraversalAddresses = OptionalInt.empty();

        private Builder() {}

        /**
         * Sets a number.
         *
         * @param parameter which one
         * @param value     one that is allowed for it
         * @return this
         */
        public Builder set(IntegerParameter parameter, long value) {
            require(parameter.allows(value), parameter.name(), value, parameter.range());
            if (value == parameter.valueIfAbsent()) {
                integers.remove(parameter);
            } else {
                integers.put(parameter, value);
            }
            return this;
        }

        /**
         * Sets original_destination_connection_id.
         *
         * @param id to whom the client's first packet went
         * @return this
         */
        public Builder originalDestinationId(ConnectionId id) {
            originalDestinationId = Optional.of(id);
            return this;
        }

        /**
         * Sets initial_source_connection_id.
         *
         * @param id which id the sender's Initial packets come from
         * @return this
         */
        public Builder initialSourceId(ConnectionId id) {
            initialSourceId = Optional.of(id);
            return this;
        }

        /**
         * Sets retry_source_connection_id.
         *
         * @param id which id the server's Retry packet came from
         * @return this
         */
        public Builder retrySourceId(ConnectionId id) {
            retrySourceId = Optional.of(id);
            return this;
        }

        /**
         * Sets stateless_reset_token.
         *
         * @param token that of the id that the server's Initial packets come from
         * @return this
         */
        public Builder statelessResetToken(StatelessResetToken token) {
            statelessResetToken = Optional.of(token);
            return this;
        }

        /**
         * Sets preferred_address.
         *
         * @param address the server's
         * @return this
         */
        public Builder preferredAddress(PreferredAddress address) {
            preferredAddress = Optional.of(address);
            return this;
        }

        /**
         * Sets disable_active_migration.
         *
         * @return this
         */
        public Builder disableActiveMigration() {
            activeMigrationDisabled = true;
            return this;
        }

        /**
         * Sets grease_quic_bit.
         *
         * @return this
         */
        public Builder greaseQuicBit() {
            quicBitGreased = true;
            return this;
        }

        /**
         * Sets min_ack_delay.
         *
         * @param micros in microseconds, not above max_ack_delay
         * @return this
         */
        public Builder minAckDelayMicros(long micros) {
            minAckDelayMicros = OptionalLong.of(micros);
            return this;
        }

        /**
         * Sets initial_max_path_id.
         *
         * @param pathId 0 to 2^32 - 1
         * @return this
         */
        public Builder initialMaxPathId(long pathId) {
            require(pathId >= 0 && pathId <= MAX_PATH_ID, "initialMaxPathId", pathId, "0 to " + MAX_PATH_ID);
            initialMaxPathId = OptionalLong.of(pathId);
            return this;
        }

        /**
         * Sets the part in address discovery.
         *
         * @param part the sender's
         * @return this
         */
        public Builder addressDiscovery(AddressDiscovery part) {
            addressDiscovery = Optional.of(part);
            return this;
        }

        /**
         * Announces NAT traversal.
         *
         * @param addresses how many of the receiver's are taken, 1 to 255
         * @return this
         */
        public Builder natTraversalAddresses(int addresses) {
            require(
                    addresses >= 1 && addresses <= MAX_NAT_TRAVERSAL_ADDRESSES,
                    "natTraversalAddresses",
                    addresses,
                    "1 to " + MAX_NAT_TRAVERSAL_ADDRESSES);
            natTraversalAddresses = OptionalInt.of(addresses);
            return this;
        }

        /**
         * {@return the parameters}
         */
        public TransportParameters build() {
            return new TransportParameters(this);
        }

        private static void require(boolean allowed, String name, long found, String expected) {
            if (!allowed) {
                throw new IllegalArgumentException("%s: %d (expected: %s)".formatted(name, found, expected));
            }
        }
    }
}
