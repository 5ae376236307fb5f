package io.teahouse.quic.parameter;

import static io.teahouse.quic.Vectors.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.teahouse.core.bytes.VarInt;
import io.teahouse.quic.Vectors;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.quic.wire.StatelessResetToken;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.ByteRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransportParametersTest {
    private static final ConnectionId ID = ConnectionId.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    private static final ConnectionId OTHER_ID = ConnectionId.of(new byte[] {9});
    private static final StatelessResetToken TOKEN = StatelessResetToken.of(new byte[16]);

    private static TransportParameters decode(String hex, Role sender) throws TransportException {
        return ParameterDecoder.decode(ByteBuffer.wrap(Vectors.hex(hex)), sender);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "direct",
                "old_client_1_0_2",
                "plain_client",
                "plain_server",
                "qad_reference_relay",
                "qad_reference_endpoint",
                "retry",
                "several_direct_paths",
            })
    void whatIrohSaysIsReadAndSaidAgain(String recording) throws TransportException {
        for (JsonElement connection :
                Vectors.load("recordings/" + recording + ".json").getAsJsonArray("connections")) {
            var both = connection.getAsJsonObject().getAsJsonObject("transport_parameters");
            assertReadAndSaidAgain(both.getAsJsonArray("client").asList(), Role.CLIENT);
            assertReadAndSaidAgain(both.getAsJsonArray("server").asList(), Role.SERVER);
        }
    }

    private static void assertReadAndSaidAgain(List<JsonElement> recorded, Role sender) throws TransportException {
        var extension = new ByteArrayOutputStream();
        for (JsonElement element : recorded) {
            var one = element.getAsJsonObject();
            byte[] value = Vectors.bytes(one, "raw");
            var head = ByteBuffer.allocate(16);
            VarInt.write(Long.decode(Vectors.text(one, "id")), head);
            VarInt.write(value.length, head);
            extension.write(head.array(), 0, head.position());
            extension.write(value, 0, value.length);
        }

        var parameters = ParameterDecoder.decode(ByteBuffer.wrap(extension.toByteArray()), sender);

        for (JsonElement element : recorded) {
            assertValue(parameters, element.getAsJsonObject());
        }
        byte[] again = ParameterEncoder.encode(parameters, new Random(1));
        assertThat(ParameterDecoder.decode(ByteBuffer.wrap(again), sender)).isEqualTo(parameters);
    }

    private static void assertValue(TransportParameters parameters, JsonObject recorded) {
        long id = Long.decode(Vectors.text(recorded, "id"));
        String raw = Vectors.text(recorded, "raw");
        var integer = IntegerParameter.ofId(id);
        if (integer.isPresent()) {
            assertThat(parameters.get(integer.get()))
                    .as(integer.get().name())
                    .isEqualTo(recorded.get("value").getAsLong());
        }
        if (id == ParameterDecoder.INITIAL_SOURCE_ID) {
            assertThat(parameters.initialSourceId().orElseThrow()).hasToString(raw);
        }
        if (id == ParameterDecoder.ORIGINAL_DESTINATION_ID) {
            assertThat(parameters.originalDestinationId().orElseThrow()).hasToString(raw);
        }
        if (id == ParameterDecoder.NAT_TRAVERSAL) {
            assertThat(parameters.natTraversalAddresses()).hasValue(32);
        }
        if (id == ParameterDecoder.MIN_ACK_DELAY) {
            assertThat(parameters.minAckDelayMicros()).hasValue(1000);
        }
        if (id == ParameterDecoder.INITIAL_MAX_PATH_ID) {
            assertThat(parameters.initialMaxPathId()).hasValue(7);
        }
    }

    @Test
    void extensionsAreWrittenAsIrohWritesThem() {
        var parameters = TransportParameters.builder()
                .minAckDelayMicros(1000)
                .initialMaxPathId(7)
                .natTraversalAddresses(32)
                .addressDiscovery(AddressDiscovery.RECEIVE)
                .greaseQuicBit()
                .build();

        String written = hex(ParameterEncoder.encode(parameters, new Random(1)));

        assertThat(written)
                .contains("c0000000ff04de1b0243e8", "3e0107", "c0003d7f911204010120", "c00000009f81a1760101", "6ab200");
    }

    @Test
    void whatIsAbsentHasTheValueOfTheRfc() throws TransportException {
        var nothing = decode("", Role.CLIENT);

        assertThat(nothing.get(IntegerParameter.MAX_UDP_PAYLOAD_SIZE)).isEqualTo(65_527);
        assertThat(nothing.get(IntegerParameter.ACK_DELAY_EXPONENT)).isEqualTo(3);
        assertThat(nothing.get(IntegerParameter.MAX_ACK_DELAY)).isEqualTo(25);
        assertThat(nothing.get(IntegerParameter.ACTIVE_CONNECTION_ID_LIMIT)).isEqualTo(2);
        assertThat(nothing.get(IntegerParameter.INITIAL_MAX_DATA)).isZero();
        assertThat(nothing.initialMaxPathId()).isEmpty();
        // And is not written then.
        assertThat(TransportParameters.builder()
                        .set(IntegerParameter.MAX_ACK_DELAY, 20)
                        .set(IntegerParameter.MAX_ACK_DELAY, 25)
                        .build())
                .isEqualTo(nothing);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0a0115|ACK_DELAY_EXPONENT: 21 (expected: 0 to 20)",
                "0b0480004000|MAX_ACK_DELAY: 16384 (expected: 0 to 16383)",
                "0e0101|ACTIVE_CONNECTION_ID_LIMIT: 1 (expected: 2 to 2^62 - 1)",
                "0302444c|MAX_UDP_PAYLOAD_SIZE: 1100 (expected: 1200 to 2^62 - 1)",
                "0808d000000000000001|INITIAL_MAX_STREAMS_BIDI: 1152921504606846977"
                        + " (expected: 0 to 1152921504606846976)",
                "010105010105|transport parameter 0x1: twice (expected: once at most)",
                "0c000c00|transport parameter 0xc: twice (expected: once at most)",
                "01020505|transport parameter 0x1: 2 bytes (expected: one number)",
                "0100|transport parameter 0x1: 0 bytes (expected: one number)",
                "0c0100|transport parameter 0xc: 1 bytes (expected: 0)",
                "6ab20100|transport parameter 0x2ab2: 1 bytes (expected: 0)",
                "0105|transport parameters: end inside a parameter (expected: whole ones)",
                "01|transport parameters: end inside a parameter (expected: whole ones)",
                "1bffffffffffffffff|transport parameters: end inside a parameter (expected: whole ones)",
                "0f15000000000000000000000000000000000000000000|transport parameter 0xf: 21 bytes (expected: 0 to 20)",
                "c00000009f81a1760103|address discovery: 3 (expected: 0 to 2)",
                "c0003d7f911204010100|NAT traversal: 0 (expected: 1 to 255)",
                "c0003d7f91120401024020|transport parameter 0x3d7f91120401: 2 bytes (expected: 1)",
                "3e08c000000100000000|initial_max_path_id: 4294967296 (expected: 0 to 4294967295)",
                "c0000000ff04de1b04800061a9|min_ack_delay: 25001 (expected: 0 to max_ack_delay, 25000)",
            })
    void whatMustNotBeSaidIsAnError(String extension, String message) {
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> decode(extension, Role.SERVER))
                .withMessage(message)
                .matches(e -> e.code() == TransportError.TRANSPORT_PARAMETER_ERROR.code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"000101", "100101", "021000000000000000000000000000000000", "0d00"})
    void whatOnlyServersKnowNoClientSays(String extension) {
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> decode(extension, Role.CLIENT))
                .withMessageEndingWith("from a client (expected: from servers only)");
    }

    @Test
    void whatNobodyKnowsIsSkipped() throws TransportException {
        assertThat(decode("1b0201021b00" + "0f0109", Role.CLIENT).initialSourceId())
                .contains(OTHER_ID);
    }

    @Test
    void preferredAddressesAreReadAndWritten() throws TransportException {
        var ipv4 = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 443);
        var address = new PreferredAddress(Optional.of(ipv4), Optional.empty(), ID, TOKEN);
        var parameters = TransportParameters.builder().preferredAddress(address).build();

        byte[] written = ParameterEncoder.encode(parameters, new Random(1));

        assertThat(ParameterDecoder.decode(ByteBuffer.wrap(written), Role.SERVER)
                        .preferredAddress())
                .contains(address);
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> decode("0d2a" + "00".repeat(42), Role.SERVER))
                .withMessageStartingWith("preferred_address: connection id of 0 bytes");
    }

    @Test
    void orderAndOneMoreParameterAreLeftToChance() {
        var parameters = TransportParameters.builder()
                .initialSourceId(ID)
                .set(IntegerParameter.MAX_IDLE_TIMEOUT, 30_000)
                .build();

        var written = List.of(1L, 2L, 3L, 4L, 5L).stream()
                .map(seed -> hex(ParameterEncoder.encode(parameters, new Random(seed))))
                .distinct();

        assertThat(written).hasSizeGreaterThan(3);
    }

    @Property
    void whatIsWrittenIsRead(@ForAll("parameters") TransportParameters parameters, @ForAll long seed)
            throws TransportException {
        byte[] written = ParameterEncoder.encode(parameters, new Random(seed));

        assertThat(ParameterDecoder.decode(ByteBuffer.wrap(written), Role.SERVER))
                .isEqualTo(parameters);
    }

    @Property(tries = 3000)
    void anyBytesAreParametersOrAnError(@ForAll @Size(max = 60) List<@ByteRange(max = 63) Byte> bytes) {
        var extension = ByteBuffer.allocate(bytes.size());
        bytes.forEach(extension::put);

        try {
            ParameterDecoder.decode(extension.flip(), Role.SERVER);
        } catch (TransportException e) {
            assertThat(e.code()).isEqualTo(TransportError.TRANSPORT_PARAMETER_ERROR.code());
        }
    }

    @Provide
    Arbitrary<TransportParameters> parameters() {
        var numbers = Arbitraries.longs().between(0, (1L << 32) - 1);
        var parts = Arbitraries.of(AddressDiscovery.class);
        var counts = Arbitraries.integers().between(1, 255);
        return Combinators.combine(numbers, numbers, parts, counts)
                .as((first, second, part, count) -> TransportParameters.builder()
                        .set(IntegerParameter.INITIAL_MAX_DATA, first)
                        .set(IntegerParameter.MAX_IDLE_TIMEOUT, second)
                        .set(IntegerParameter.MAX_ACK_DELAY, first % (1 << 14))
                        .initialMaxPathId(second)
                        .addressDiscovery(part)
                        .natTraversalAddresses(count)
                        .originalDestinationId(ID)
                        .initialSourceId(ConnectionId.EMPTY)
                        .retrySourceId(OTHER_ID)
                        .statelessResetToken(TOKEN)
                        .disableActiveMigration()
                        .build());
    }

    @ParameterizedTest
    @CsvSource({
        "SEND, RECEIVE, true",
        "SEND, BOTH, true",
        "BOTH, RECEIVE, true",
        "BOTH, BOTH, true",
        "SEND, SEND, false",
        "RECEIVE, RECEIVE, false",
        "RECEIVE, BOTH, false",
        "BOTH, SEND, false",
    })
    void whoTellsWhomItsAddress(AddressDiscovery one, AddressDiscovery other, boolean reports) {
        assertThat(one.reportsTo(other)).isEqualTo(reports);
    }

    @Test
    void aSenderThatHidesBehindAnotherIdIsNotBelieved() throws TransportException {
        var parameters = TransportParameters.builder().initialSourceId(ID).build();

        HandshakeChecks.requireInitialSource(parameters, ID);
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> HandshakeChecks.requireInitialSource(parameters, OTHER_ID))
                .withMessage("initial_source_connection_id: 0102030405060708 (expected: 09, as seen)")
                .matches(e -> e.code() == TransportError.TRANSPORT_PARAMETER_ERROR.code());
    }

    @Test
    void aServerNamesTheIdsThatItsClientHasUsed() throws TransportException {
        var plain = TransportParameters.builder().originalDestinationId(ID).build();
        var afterRetry = TransportParameters.builder()
                .originalDestinationId(ID)
                .retrySourceId(OTHER_ID)
                .build();

        HandshakeChecks.requireDestinations(plain, ID, Optional.empty());
        HandshakeChecks.requireDestinations(afterRetry, ID, Optional.of(OTHER_ID));
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> HandshakeChecks.requireDestinations(plain, OTHER_ID, Optional.empty()));
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> HandshakeChecks.requireDestinations(plain, ID, Optional.of(OTHER_ID)))
                .withMessage("retry_source_connection_id: absent (expected: 09, as seen)");
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> HandshakeChecks.requireDestinations(afterRetry, ID, Optional.empty()));
    }

    @Test
    void severalPathsNeedConnectionIds() throws TransportException {
        var several = TransportParameters.builder().initialMaxPathId(7).build();
        var one = TransportParameters.builder().build();

        HandshakeChecks.requireIdsForPaths(several, Role.CLIENT, ID, OTHER_ID);
        HandshakeChecks.requireIdsForPaths(one, Role.CLIENT, ID, ConnectionId.EMPTY);
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> HandshakeChecks.requireIdsForPaths(several, Role.CLIENT, ID, ConnectionId.EMPTY))
                .matches(e -> e.code() == TransportError.PROTOCOL_VIOLATION.code());
    }

    @Test
    void whatEarlyDataCountedOnMustStillBeThere() throws TransportException {
        var remembered = TransportParameters.builder()
                .set(IntegerParameter.INITIAL_MAX_DATA, 1000)
                .set(IntegerParameter.MAX_IDLE_TIMEOUT, 30_000)
                .build();
        var less = TransportParameters.builder()
                .set(IntegerParameter.INITIAL_MAX_DATA, 999)
                .build();

        HandshakeChecks.requireNotLess(remembered, less);
        assertThatExceptionOfType(TransportException.class)
                .isThrownBy(() -> HandshakeChecks.requireNotLess(less, remembered))
                .withMessage("INITIAL_MAX_DATA: 999 (expected: 1000 at least, as remembered)");
    }

    @Test
    void whatMustNotBeSaidCannotBeBuilt() {
        var builder = TransportParameters.builder();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.set(IntegerParameter.MAX_UDP_PAYLOAD_SIZE, 1199))
                .withMessage("MAX_UDP_PAYLOAD_SIZE: 1199 (expected: 1200 to 2^62 - 1)");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.natTraversalAddresses(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.initialMaxPathId(1L << 32));
    }
}
