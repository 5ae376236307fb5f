package io.teahouse.core.ticket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.teahouse.core.EndpointAddress;
import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.RelayUrl;
import io.teahouse.core.SecretKey;
import io.teahouse.core.TransportAddress;
import io.teahouse.core.Vectors;
import io.teahouse.core.bytes.Base32;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTicketTest {
    private static final EndpointId ID =
            SecretKey.fromBytes(new byte[SecretKey.LENGTH]).endpointId();

    static Stream<JsonObject> addressesGiveTheRecordedTickets() {
        return Vectors.ADDRESSING.cases("tickets");
    }

    @ParameterizedTest
    @MethodSource
    void addressesGiveTheRecordedTickets(JsonObject recorded) throws FormatException {
        var addresses = new ArrayList<TransportAddress>();
        if (!recorded.get("relay").isJsonNull()) {
            addresses.add(new TransportAddress.Relay(RelayUrl.parse(Vectors.text(recorded, "relay"))));
        }
        texts(recorded, "addrs_in").forEach(text -> addresses.add(ip(text)));
        var address = EndpointAddress.of(
                EndpointId.parse(Vectors.text(recorded, "endpoint_id")), addresses.toArray(TransportAddress[]::new));

        assertThat(PostcardAddress.write(address)).isEqualTo(Vectors.bytes(recorded, "bytes"));
        assertThat(new EndpointTicket(address)).hasToString(Vectors.text(recorded, "ticket"));
    }

    @ParameterizedTest
    @MethodSource("addressesGiveTheRecordedTickets")
    void recordedTicketsGiveTheirAddresses(JsonObject recorded) throws FormatException {
        var ticket = EndpointTicket.parse(Vectors.text(recorded, "ticket"));

        assertThat(ticket.endpointId()).hasToString(Vectors.text(recorded, "endpoint_id"));
        assertThat(ips(ticket)).isEqualTo(texts(recorded, "parsed_addrs"));
        assertThat(firstRelay(ticket)).isEqualTo(textOrNone(recorded, "parsed_relay"));
    }

    static Stream<JsonObject> foreignTicketsAreReadAsRecorded() {
        return Vectors.ADDRESSING.cases("ticket_parse");
    }

    @ParameterizedTest
    @MethodSource
    void foreignTicketsAreReadAsRecorded(JsonObject recorded) throws FormatException {
        String text = Vectors.text(recorded, "input");
        if (!recorded.get("ok").getAsBoolean()) {
            assertThatThrownBy(() -> EndpointTicket.parse(text)).isInstanceOf(FormatException.class);
            return;
        }
        var ticket = EndpointTicket.parse(text);

        assertThat(ticket).hasToString(Vectors.text(recorded, "reencoded"));
        assertThat(ips(ticket)).isEqualTo(texts(recorded, "addrs"));
        // Of several, the recording shows the first one on the wire and a ticket the first one in order.
        assertThat(ticket.address().relays().stream().map(RelayUrl::toString))
                .containsAll(
                        textOrNone(recorded, "relay").isEmpty() ? List.of() : List.of(textOrNone(recorded, "relay")));
    }

    @Test
    void anAddressOfAnotherTransportIsKept() throws FormatException {
        var address = EndpointAddress.of(ID, new TransportAddress.Custom(-2, new byte[] {1, 2, 3}));

        assertThat(EndpointTicket.parse(new EndpointTicket(address).toString()).address())
                .isEqualTo(address);
    }

    @Test
    void anIpv4AddressInIpv6IsKept() throws FormatException {
        String mapped = "0101" + "00000000000000000000ffff01020304" + "05";
        var ticket = read("00" + ID + "01" + mapped);

        assertThat(ips(ticket)).containsExactly("[::ffff:102:304]:5");
        assertThat(HexFormat.of().formatHex(PostcardAddress.write(ticket.address())))
                .endsWith(mapped);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing behind the id
                "ffffffffffffffffff01", // more addresses than bytes
                "0100ffffffff0f", // a URL longer than everything
                "01000b68747470733a2f2f782fff", // a URL that is no UTF-8
                "0103", // an unknown kind
                "01040968747470733a2f2f78", // another, before what would be a relay
                "01ffffffff0f", // a kind beyond what an int holds
                "010102", // an unknown family
                "010100010203", // an address cut short
                "010100010203048080", // a port cut short
                "0102ffffffffffffffffff0200", // a transport of more than 64 bits
                "01020105aa", // data cut short
            })
    void whatIsNoAddressIsRefused(String behindTheId) {
        assertThatThrownBy(() -> read("00" + ID + behindTheId))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("ticket: ");
    }

    @Property
    void everyAddressReadsBackFromItsTicket(@ForAll("addresses") List<TransportAddress> addresses)
            throws FormatException {
        var address = EndpointAddress.of(ID, addresses.toArray(TransportAddress[]::new));

        assertThat(EndpointTicket.parse(new EndpointTicket(address).toString()).address())
                .isEqualTo(address);
    }

    @Provide
    Arbitrary<List<TransportAddress>> addresses() {
        Arbitrary<TransportAddress> relays =
                Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(200).map(EndpointTicketTest::relay);
        Arbitrary<TransportAddress> ips = Arbitraries.of("10.0.0.1", "255.255.255.255", "::1", "fe80::1")
                .flatMap(host -> Arbitraries.integers().between(0, 65535).map(port -> ip(host, port)));
        Arbitrary<TransportAddress> customs = Arbitraries.longs()
                .flatMap(id -> Arbitraries.bytes()
                        .array(byte[].class)
                        .ofMaxSize(300)
                        .map(data -> new TransportAddress.Custom(id, data)));
        return Arbitraries.oneOf(relays, ips, customs).list().ofMaxSize(10);
    }

    @Property
    void everyTextGivesATicketOrAFormatException(@ForAll String text) {
        assertThatReadsBackOrIsRefused(text);
        assertThatReadsBackOrIsRefused("endpoint" + text);
    }

    @Property
    void anyBytesBehindAnIdGiveATicketOrAFormatException(@ForAll byte[] bytes) {
        assertThatReadsBackOrIsRefused("00" + ID + HexFormat.of().formatHex(bytes), bytes.length);
    }

    @Property
    void anyChangeOfAByteGivesATicketOrAFormatException(@ForAll byte other, @ForAll int where) {
        Vectors.ADDRESSING.cases("tickets").forEach(recorded -> {
            byte[] bytes = Vectors.bytes(recorded, "bytes");
            bytes[Math.floorMod(where, bytes.length)] = other;
            assertThatReadsBackOrIsRefused(HexFormat.of().formatHex(bytes), bytes.length);
        });
    }

    private static void assertThatReadsBackOrIsRefused(String hex, int length) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThat(bytes).hasSizeGreaterThanOrEqualTo(length);
        assertThatReadsBackOrIsRefused("endpoint" + Base32.RFC4648.encode(bytes));
    }

    private static void assertThatReadsBackOrIsRefused(String text) {
        try {
            var ticket = EndpointTicket.parse(text);
            assertThat(EndpointTicket.parse(ticket.toString())).isEqualTo(ticket);
        } catch (FormatException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static EndpointTicket read(String hex) throws FormatException {
        return EndpointTicket.parse(
                "endpoint" + Base32.RFC4648.encode(HexFormat.of().parseHex(hex)));
    }

    private static TransportAddress relay(String host) {
        try {
            return new TransportAddress.Relay(RelayUrl.parse("https://" + host));
        } catch (FormatException e) {
            throw new AssertionError(e);
        }
    }

    private static TransportAddress ip(String text) {
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, colon).replace("[", "").replace("]", "");
        return ip(host, Integer.parseInt(text.substring(colon + 1)));
    }

    private static TransportAddress ip(String host, int port) {
        return new TransportAddress.Ip(new InetSocketAddress(InetAddress.ofLiteral(host), port));
    }

    private static List<String> ips(EndpointTicket ticket) {
        return ticket.address().addresses().stream()
                .filter(TransportAddress.Ip.class::isInstance)
                .map(address -> address.toString().substring("ip:".length()))
                .toList();
    }

    private static String firstRelay(EndpointTicket ticket) {
        return ticket.address().relays().stream()
                .map(RelayUrl::toString)
                .findFirst()
                .orElse("");
    }

    private static List<String> texts(JsonObject recorded, String member) {
        return recorded.getAsJsonArray(member).asList().stream()
                .map(JsonElement::getAsString)
                .toList();
    }

    private static String textOrNone(JsonObject recorded, String member) {
        return recorded.get(member).isJsonNull() ? "" : Vectors.text(recorded, member);
    }
}
