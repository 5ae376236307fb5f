package io.teahouse.tls.message;

import static io.teahouse.tls.Recordings.RFC_8448;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.tls.Recordings;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class HandshakeCodecTest {
    private static final HexFormat HEX = HexFormat.of();

    static Stream<byte[]> knownMessages() {
        return Stream.of(
                        Recordings.all()
                                .flatMap(connection -> connection.messages().stream())
                                .map(Recordings.Message::bytes),
                        Recordings.list(RFC_8448.getAsJsonObject("full"), "messages").stream(),
                        Recordings.list(RFC_8448.getAsJsonObject("retried"), "messages").stream(),
                        Stream.of(Recordings.bytes(RFC_8448.getAsJsonObject("resumed"), "client_hello")))
                .flatMap(messages -> messages);
    }

    @ParameterizedTest
    @MethodSource("knownMessages")
    void whatWasRecordedIsReadAndWrittenAsItWas(byte[] message) throws Exception {
        HandshakeMessage decoded = HandshakeCodec.decode(message);

        assertThat(HEX.formatHex(HandshakeCodec.encode(decoded))).isEqualTo(HEX.formatHex(message));
    }

    @ParameterizedTest
    @MethodSource("knownMessages")
    void noPartOfAMessageIsAMessage(byte[] message) {
        for (int length = 0; length < message.length; length++) {
            byte[] part = Arrays.copyOf(message, length);
            assertThatThrownBy(() -> HandshakeCodec.decode(part)).isInstanceOf(TlsException.class);
        }
    }

    @Test
    void aClientHelloOfIrohIsUnderstoodInEveryPart() throws Exception {
        var recorded = Recordings.all()
                .filter(connection -> connection.name().startsWith("direct "))
                .findFirst()
                .orElseThrow();

        var hello = (ClientHello) HandshakeCodec.decode(recorded.message("client", "ClientHello"));

        assertThat(hello.cipherSuites()).containsExactly(0x1302, 0x1301, 0x1303);
        assertThat(hello.legacySessionId()).isEqualTo(Opaque.EMPTY);
        var extensions = hello.extensions();
        assertThat(extensions.find(Extension.SupportedVersions.class))
                .hasValue(new Extension.SupportedVersions(List.of(0x0304)));
        assertThat(extensions.find(Extension.SupportedGroups.class))
                .hasValue(new Extension.SupportedGroups(List.of(0x1d, 0x17, 0x18)));
        assertThat(extensions.find(Extension.SignatureAlgorithms.class))
                .hasValue(new Extension.SignatureAlgorithms(List.of(0x0807)));
        assertThat(extensions.find(Extension.ClientCertificateTypes.class))
                .hasValue(new Extension.ClientCertificateTypes(List.of(2)));
        assertThat(extensions.find(Extension.ServerCertificateTypes.class))
                .hasValue(new Extension.ServerCertificateTypes(List.of(2)));
        assertThat(extensions.find(Extension.PskModes.class)).hasValue(new Extension.PskModes(List.of(1)));
        assertThat(extensions.find(Extension.ApplicationProtocols.class))
                .hasValue(new Extension.ApplicationProtocols(List.of(Opaque.ofUtf8("teahouse/echo/1"))));
        assertThat(extensions
                        .find(Extension.TransportParameters.class)
                        .orElseThrow()
                        .value()
                        .length())
                .isEqualTo(110);
        assertThat(extensions.find(Extension.KeyShares.class).orElseThrow().shares())
                .singleElement()
                .satisfies(share -> {
                    assertThat(share.group()).isEqualTo(0x1d);
                    assertThat(share.value().length()).isEqualTo(32);
                });
        // status_request, extended_master_secret and ec_point_formats, which mean nothing here
        assertThat(extensions.all().stream()
                        .filter(Extension.Unknown.class::isInstance)
                        .map(Extension::type))
                .containsExactlyInAnyOrder(5, 23, 11);
    }

    @Test
    void theRequestToTryAgainIsToldFromAServerHelloByItsRandomValue() throws Exception {
        var retry = HandshakeCodec.decode(
                Recordings.list(RFC_8448.getAsJsonObject("retried"), "messages").get(1));

        assertThat(retry).isInstanceOfSatisfying(HelloRetryRequest.class, request -> {
            assertThat(request.extensions().find(Extension.RequestedGroup.class))
                    .hasValue(new Extension.RequestedGroup(0x17));
            assertThat(request.extensions().has(Extension.Cookie.class)).isTrue();
        });
    }

    private static final String RANDOM = "00".repeat(32);

    /** Each row: a message with one thing wrong, and what the peer is told. */
    @ParameterizedTest
    @CsvSource({
        "key update,                       18 000001 00,                                       unexpected_message",
        "end of early data,                05 000000,                                          unexpected_message",
        "message hash,                     fe 000000,                                          unexpected_message",
        "hello request,                    00 000000,                                          unexpected_message",
        "too long for a Finished,          14 000041 (00*65),                                  decode_error",
        "more than the length says,        14 000020 (00*33),                                  decode_error",
        "legacy version 1.1,               01 00002b 0302 R 00 0002 1301 01 00 0000,           protocol_version",
        "no extensions at all,             01 000029 0303 R 00 0002 1301 01 00,                protocol_version",
        "session id of 33 bytes,           01 00004c 0303 R 21 (00*33) 0002 1301 01 00 0000,   decode_error",
        "no cipher suites,                 01 000029 0303 R 00 0000 01 00 0000,                decode_error",
        "half a cipher suite,              01 00002a 0303 R 00 0001 13 01 00 0000,             decode_error",
        "with compression,                 01 00002c 0303 R 00 0002 1301 02 0001 0000,         illegal_parameter",
        "bytes behind the extensions,      01 00002c 0303 R 00 0002 1301 01 00 0000 00,        decode_error",
        "an extension twice,               08 00000a 0008 ffee 0000 ffee 0000,                 illegal_parameter",
        "cookie where none may be,         08 000009 0007 002c 0003 0001 00,                   illegal_parameter",
        "key share where none may be,      08 000006 0004 0033 0000,                           illegal_parameter",
        "two protocols of no length,       08 00000a 0008 0010 0004 0002 0000,                 decode_error",
        "early data with a value,          08 000007 0005 002a 0001 00,                        decode_error",
        "server name used with a value,    08 000007 0005 0000 0001 00,                        decode_error",
        "certificate type of two bytes,    08 000008 0006 0014 0002 0202,                      decode_error",
        "early data of a ticket too short, 04 000014 00000001 00000001 00 0001 aa 0006 002a 0002 0000, decode_error",
        "ticket of no length,              04 00000d 00000001 00000001 00 0000 0000,           decode_error",
        "certificate of no length,         0b 000009 00 000005 000000 0000,                    decode_error",
    })
    void whatIsWrongWithAMessageGivesTheAlertOfTheRfc(String what, String message, String alert) {
        assertThatThrownBy(() -> HandshakeCodec.decode(parse(message)))
                .isInstanceOfSatisfying(
                        TlsException.class,
                        failure ->
                                assertThat(failure.alert().toString()).as(what).isEqualTo(alert));
    }

    /** Each row: an extension of ClientHello with one thing wrong, and what the peer is told. */
    @ParameterizedTest
    @CsvSource({
        "pre-shared key not the last,    0029 002f 000a 0004 aaaaaaaa 00000000 0021 20 (00*32) fafa 0000, illegal_parameter",
        "fewer binders than identities,  0029 0036 0011 0001 aa 00000000 0004 bbbbbbbb 00000000 0021 20 (00*32), illegal_parameter",
        "binder of 31 bytes,             0029 002d 0007 0001 aa 00000000 0022 1f (00*31) 0100, decode_error",
        "two shares for a group,         0033 000c 000a 001d 0001 aa 001d 0001 bb, illegal_parameter",
        "share of no length,             0033 0006 0004 001d 0000,           decode_error",
        "no groups,                      000a 0002 0000,                     decode_error",
        "half a group,                   000a 0003 0001 1d,                  decode_error",
        "no signature schemes,           000d 0002 0000,                     decode_error",
        "no versions,                    002b 0001 00,                       decode_error",
        "no psk modes,                   002d 0001 00,                       decode_error",
        "no certificate types,           0014 0001 00,                       decode_error",
        "empty cookie,                   002c 0002 0000,                     decode_error",
        "protocol name of no length,     0010 0003 0001 00,                  decode_error",
        "name of an unknown type,        0000 0006 0004 01 0001 61,          decode_error",
        "name of no length,              0000 0005 0003 00 0000,             decode_error",
    })
    void whatIsWrongWithAnExtensionGivesTheAlertOfTheRfc(String what, String extension, String alert) {
        byte[] bytes = parse(extension);
        var out = new WireWriter();
        out.writeU8(1);
        out.writeVector(3, body -> {
            body.write(parse("0303 R 00 0002 1301 01 00"));
            body.writeVector(2, list -> list.write(bytes));
        });

        assertThatThrownBy(() -> HandshakeCodec.decode(out.toArray()))
                .isInstanceOfSatisfying(
                        TlsException.class,
                        failure ->
                                assertThat(failure.alert().toString()).as(what).isEqualTo(alert));
    }

    @Test
    void aChainIsNotEndless() {
        var entry = new CertificateMessage.Entry(Opaque.copyOf(new byte[] {1}), Extensions.NONE);
        var entries = java.util.Collections.nCopies(CertificateMessage.ENTRIES_MAX + 1, entry);
        byte[] message = HandshakeCodec.encode(new CertificateMessage(Opaque.EMPTY, entries));

        assertThatThrownBy(() -> HandshakeCodec.decode(message))
                .isInstanceOf(TlsException.class)
                .hasMessage("certificate: more than 10 in a chain (expected: at most that)");
    }

    @Test
    void aFailureSaysInWhichFieldItIs() {
        assertThatThrownBy(() -> HandshakeCodec.decode(parse("01 000029 0303 R 00 0000 01 00 0000")))
                .hasMessage("client hello: cipher suites: 0 bytes (expected: 2 to 65535)");
    }

    /** Hex with R for 32 bytes of nothing and (00*n) for n of them. */
    private static byte[] parse(String text) {
        var hex = new StringBuilder();
        for (String part : text.trim().split(" ", -1)) {
            if (part.equals("R")) {
                hex.append(RANDOM);
            } else if (part.startsWith("(00*")) {
                hex.append("00".repeat(Integer.parseInt(part.substring(4, part.length() - 1))));
            } else {
                hex.append(part);
            }
        }
        return HEX.parseHex(hex);
    }
}
