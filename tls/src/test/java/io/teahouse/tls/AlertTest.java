package io.teahouse.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.SecretKey;
import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.certificate.RawPublicKey;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.CertificateMessage;
import io.teahouse.tls.message.CertificateRequest;
import io.teahouse.tls.message.CertificateVerify;
import io.teahouse.tls.message.ClientHello;
import io.teahouse.tls.message.EncryptedExtensions;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.Extensions;
import io.teahouse.tls.message.Finished;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.HelloRetryRequest;
import io.teahouse.tls.message.KeyShare;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.ServerHello;
import io.teahouse.tls.schedule.CipherSuite;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** For each thing that can be wrong with a message: which alert the other side is told. */
class AlertTest {
    /** One row: somebody changes messages, and somebody notices. */
    record Row(String what, UnaryOperator<HandshakeMessage> change, Alert alert) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Row> clientHellos() {
        return Stream.of(
                hello(
                        "TLS 1.2 only",
                        replaced(new Extension.SupportedVersions(List.of(0x0303))),
                        Alert.PROTOCOL_VERSION),
                hello("no versions", without(Extension.SupportedVersions.class), Alert.PROTOCOL_VERSION),
                hello("an initial cookie", with(new Extension.Cookie(Opaque.ofUtf8("c"))), Alert.ILLEGAL_PARAMETER),
                hello("no groups", without(Extension.SupportedGroups.class), Alert.MISSING_EXTENSION),
                hello("no key share", without(Extension.KeyShares.class), Alert.MISSING_EXTENSION),
                hello(
                        "unknown groups only",
                        all -> replaced(new Extension.KeyShares(List.of()))
                                .apply(replaced(new Extension.SupportedGroups(List.of(0x0a0a)))
                                        .apply(all)),
                        Alert.HANDSHAKE_FAILURE),
                hello(
                        "a share of a group that is not supported",
                        replaced(new Extension.SupportedGroups(List.of(0x17))),
                        Alert.ILLEGAL_PARAMETER),
                hello(
                        "a share of the wrong length",
                        replaced(new Extension.KeyShares(List.of(new KeyShare(0x1d, Opaque.ofUtf8("short"))))),
                        Alert.ILLEGAL_PARAMETER),
                hello(
                        "a share of small order",
                        replaced(new Extension.KeyShares(List.of(new KeyShare(0x1d, Opaque.copyOf(new byte[32]))))),
                        Alert.ILLEGAL_PARAMETER),
                hello("no protocols", without(Extension.ApplicationProtocols.class), Alert.NO_APPLICATION_PROTOCOL),
                hello(
                        "other protocols",
                        replaced(new Extension.ApplicationProtocols(List.of(Opaque.ofUtf8("h3")))),
                        Alert.NO_APPLICATION_PROTOCOL),
                hello("no transport parameters", without(Extension.TransportParameters.class), Alert.MISSING_EXTENSION),
                hello("no signature schemes", without(Extension.SignatureAlgorithms.class), Alert.MISSING_EXTENSION),
                hello(
                        "other signature schemes",
                        replaced(new Extension.SignatureAlgorithms(List.of(0x0403))),
                        Alert.HANDSHAKE_FAILURE),
                hello(
                        "no raw public key of the server",
                        without(Extension.ServerCertificateTypes.class),
                        Alert.UNSUPPORTED_CERTIFICATE),
                hello(
                        "no raw public key of the client",
                        without(Extension.ClientCertificateTypes.class),
                        Alert.UNSUPPORTED_CERTIFICATE),
                hello(
                        "certificates of the client only",
                        replaced(new Extension.ClientCertificateTypes(List.of(0))),
                        Alert.UNSUPPORTED_CERTIFICATE),
                hello("early data without a ticket", with(new Extension.EarlyData()), Alert.ILLEGAL_PARAMETER),
                new Row(
                        "unknown suites only",
                        message -> message instanceof ClientHello hello
                                ? new ClientHello(
                                        hello.random(), hello.legacySessionId(), List.of(0x1304), hello.extensions())
                                : message,
                        Alert.HANDSHAKE_FAILURE));
    }

    @ParameterizedTest
    @MethodSource("clientHellos")
    void aServerToldOfAWrongClientHelloAnswersWithTheAlert(Row row) {
        var meeting = new Meeting(
                        Meeting.endpointClient().build(),
                        Meeting.endpointServer().build())
                .with(row.change())
                .run();

        assertThat(meeting.server.failure).hasValueSatisfying(failure -> {
            assertThat(failure.alert()).as(failure.getMessage()).isEqualTo(row.alert());
            assertThat(failure.quicErrorCode()).isEqualTo(0x100 + row.alert().code());
        });
        assertThat(meeting.server.sent()).isEmpty();
    }

    static Stream<Row> serverMessages() {
        return Stream.of(
                changed(
                        ServerHello.class,
                        "other extensions first of all",
                        _ -> new EncryptedExtensions(Extensions.NONE),
                        Alert.UNEXPECTED_MESSAGE),
                serverHello("no version", without(Extension.SelectedVersion.class), Alert.PROTOCOL_VERSION),
                serverHello("TLS 1.2", replaced(new Extension.SelectedVersion(0x0303)), Alert.ILLEGAL_PARAMETER),
                serverHello("no share", without(Extension.SelectedKeyShare.class), Alert.MISSING_EXTENSION),
                serverHello(
                        "a share of another group",
                        replaced(new Extension.SelectedKeyShare(new KeyShare(0x17, Opaque.copyOf(new byte[65])))),
                        Alert.ILLEGAL_PARAMETER),
                serverHello(
                        "a share of small order",
                        replaced(new Extension.SelectedKeyShare(new KeyShare(0x1d, Opaque.copyOf(new byte[32])))),
                        Alert.ILLEGAL_PARAMETER),
                serverHello("a ticket taken up", with(new Extension.SelectedPsk(0)), Alert.UNSUPPORTED_EXTENSION),
                serverHello("an unknown extension", with(unknown()), Alert.UNSUPPORTED_EXTENSION),
                changed(
                        ServerHello.class,
                        "a suite nobody offered",
                        hello -> new ServerHello(
                                hello.random(), hello.legacySessionIdEcho(), 0x1304, hello.extensions()),
                        Alert.ILLEGAL_PARAMETER),
                changed(
                        ServerHello.class,
                        "a session id",
                        hello -> new ServerHello(
                                hello.random(), Opaque.ofUtf8("id"), hello.cipherSuite(), hello.extensions()),
                        Alert.ILLEGAL_PARAMETER),
                changed(
                        ServerHello.class,
                        "a request to retry with nothing to change",
                        hello -> new HelloRetryRequest(
                                Opaque.EMPTY,
                                hello.cipherSuite(),
                                Extensions.of(new Extension.SelectedVersion(0x0304))),
                        Alert.ILLEGAL_PARAMETER),
                changed(
                        ServerHello.class,
                        "a request for a share that was sent",
                        hello -> new HelloRetryRequest(
                                Opaque.EMPTY,
                                hello.cipherSuite(),
                                Extensions.of(
                                        new Extension.SelectedVersion(0x0304), new Extension.RequestedGroup(0x1d))),
                        Alert.ILLEGAL_PARAMETER),
                changed(
                        ServerHello.class,
                        "a request for a group that nobody offered",
                        hello -> new HelloRetryRequest(
                                Opaque.EMPTY,
                                hello.cipherSuite(),
                                Extensions.of(
                                        new Extension.SelectedVersion(0x0304), new Extension.RequestedGroup(0x11ec))),
                        Alert.ILLEGAL_PARAMETER),
                encrypted("no protocol", without(Extension.ApplicationProtocols.class), Alert.NO_APPLICATION_PROTOCOL),
                encrypted(
                        "another protocol",
                        replaced(new Extension.ApplicationProtocols(List.of(Opaque.ofUtf8("h3")))),
                        Alert.ILLEGAL_PARAMETER),
                encrypted(
                        "two protocols",
                        replaced(new Extension.ApplicationProtocols(
                                List.of(Meeting.PROTOCOLS.getFirst(), Opaque.ofUtf8("h3")))),
                        Alert.ILLEGAL_PARAMETER),
                encrypted("no parameters", without(Extension.TransportParameters.class), Alert.MISSING_EXTENSION),
                encrypted("early data", with(new Extension.EarlyData()), Alert.UNSUPPORTED_EXTENSION),
                encrypted("a name that nobody gave", with(new Extension.ServerNameUsed()), Alert.UNSUPPORTED_EXTENSION),
                encrypted("an unknown extension", with(unknown()), Alert.UNSUPPORTED_EXTENSION),
                encrypted(
                        "no type of the server's certificate",
                        without(Extension.SelectedServerCertificateType.class),
                        Alert.UNSUPPORTED_CERTIFICATE),
                encrypted(
                        "a certificate of the server",
                        replaced(new Extension.SelectedServerCertificateType(0)),
                        Alert.ILLEGAL_PARAMETER),
                encrypted(
                        "a certificate of the client",
                        replaced(new Extension.SelectedClientCertificateType(0)),
                        Alert.ILLEGAL_PARAMETER),
                changed(
                        CertificateRequest.class,
                        "a request with a context",
                        request -> new CertificateRequest(Opaque.ofUtf8("c"), request.extensions()),
                        Alert.ILLEGAL_PARAMETER),
                changed(
                        CertificateRequest.class,
                        "a request without schemes",
                        _ -> new CertificateRequest(Opaque.EMPTY, Extensions.NONE),
                        Alert.MISSING_EXTENSION),
                changed(
                        CertificateMessage.class,
                        "a second request",
                        _ -> new CertificateRequest(
                                Opaque.EMPTY, Extensions.of(new Extension.SignatureAlgorithms(List.of(0x0807)))),
                        Alert.UNEXPECTED_MESSAGE),
                certificate("a context", Opaque.ofUtf8("c"), Alert.ILLEGAL_PARAMETER, SERVERS_ENTRY),
                certificate("no entries", Opaque.EMPTY, Alert.DECODE_ERROR),
                certificate("two entries", Opaque.EMPTY, Alert.BAD_CERTIFICATE, SERVERS_ENTRY, SERVERS_ENTRY),
                certificate("another endpoint", Opaque.EMPTY, Alert.BAD_CERTIFICATE, entry(Meeting.key(9))),
                certificate(
                        "another kind of key",
                        Opaque.EMPTY,
                        Alert.UNSUPPORTED_CERTIFICATE,
                        new CertificateMessage.Entry(Opaque.ofUtf8("key"), Extensions.NONE)),
                certificate(
                        "an extension of the entry",
                        Opaque.EMPTY,
                        Alert.UNSUPPORTED_EXTENSION,
                        new CertificateMessage.Entry(SERVERS_ENTRY.data(), Extensions.of(unknown()))),
                changed(
                        CertificateVerify.class,
                        "a scheme that was not offered",
                        verify -> new CertificateVerify(0x0403, verify.signature()),
                        Alert.ILLEGAL_PARAMETER),
                changed(
                        CertificateVerify.class,
                        "a wrong signature",
                        verify -> new CertificateVerify(verify.scheme(), flipped(verify.signature())),
                        Alert.DECRYPT_ERROR),
                changed(
                        CertificateVerify.class,
                        "a short signature",
                        verify -> new CertificateVerify(verify.scheme(), Opaque.ofUtf8("short")),
                        Alert.DECRYPT_ERROR),
                changed(
                        CertificateVerify.class,
                        "no proof of the certificate",
                        _ -> new Finished(Opaque.copyOf(new byte[48])),
                        Alert.UNEXPECTED_MESSAGE),
                changed(
                        Finished.class,
                        "a wrong Finished",
                        finished -> new Finished(flipped(finished.verifyData())),
                        Alert.DECRYPT_ERROR),
                changed(
                        Finished.class,
                        "a short Finished",
                        _ -> new Finished(Opaque.copyOf(new byte[32])),
                        Alert.DECRYPT_ERROR));
    }

    @ParameterizedTest
    @MethodSource("serverMessages")
    void aClientToldSomethingWrongAnswersWithTheAlert(Row row) {
        var meeting = new Meeting(
                        Meeting.endpointClient().build(),
                        Meeting.endpointServer().build())
                .with(row.change())
                .run();

        assertThat(meeting.client.failure)
                .hasValueSatisfying(failure ->
                        assertThat(failure.alert()).as(failure.getMessage()).isEqualTo(row.alert()));
        assertThat(meeting.client.machine.isComplete()).isFalse();
        assertThat(meeting.server.machine.isComplete()).isFalse();
    }

    static Stream<Row> clientMessages() {
        return Stream.of(
                fromClient(
                        CertificateMessage.class,
                        "no entries",
                        _ -> new CertificateMessage(Opaque.EMPTY, List.of()),
                        Alert.CERTIFICATE_REQUIRED),
                fromClient(
                        CertificateMessage.class,
                        "a context",
                        certificate -> new CertificateMessage(Opaque.ofUtf8("c"), certificate.entries()),
                        Alert.ILLEGAL_PARAMETER),
                fromClient(
                        CertificateMessage.class,
                        "no Certificate",
                        _ -> new Finished(Opaque.copyOf(new byte[48])),
                        Alert.UNEXPECTED_MESSAGE),
                fromClient(
                        CertificateMessage.class,
                        "somebody else's key",
                        _ -> new CertificateMessage(Opaque.EMPTY, List.of(entry(Meeting.key(9)))),
                        Alert.DECRYPT_ERROR),
                fromClient(
                        CertificateVerify.class,
                        "a wrong signature",
                        verify -> new CertificateVerify(verify.scheme(), flipped(verify.signature())),
                        Alert.DECRYPT_ERROR),
                fromClient(
                        CertificateVerify.class,
                        "a scheme that was not offered",
                        verify -> new CertificateVerify(0x0804, verify.signature()),
                        Alert.ILLEGAL_PARAMETER),
                fromClient(
                        Finished.class,
                        "a wrong Finished",
                        finished -> new Finished(flipped(finished.verifyData())),
                        Alert.DECRYPT_ERROR),
                fromClient(
                        Finished.class,
                        "another message in its place",
                        _ -> new CertificateVerify(0x0807, Opaque.EMPTY),
                        Alert.UNEXPECTED_MESSAGE));
    }

    @ParameterizedTest
    @MethodSource("clientMessages")
    void aServerToldSomethingWrongAnswersWithTheAlert(Row row) {
        var meeting = new Meeting(
                        Meeting.endpointClient().build(),
                        Meeting.endpointServer().build())
                .with(row.change())
                .run();

        assertThat(meeting.client.failure).isEmpty();
        assertThat(meeting.server.failure)
                .hasValueSatisfying(failure ->
                        assertThat(failure.alert()).as(failure.getMessage()).isEqualTo(row.alert()));
        assertThat(meeting.server.machine.isComplete()).isFalse();
    }

    static Stream<Row> secondHellos() {
        return Stream.of(
                second(
                        "the same share again",
                        hello -> mapped(
                                hello,
                                replaced(new Extension.KeyShares(
                                        List.of(new KeyShare(0x1d, Opaque.copyOf(new byte[32]))))))),
                second("no share", hello -> mapped(hello, replaced(new Extension.KeyShares(List.of())))),
                second("a share more than asked for", hello -> {
                    var shares = new ArrayList<>(hello.extensions()
                            .find(Extension.KeyShares.class)
                            .orElseThrow()
                            .shares());
                    shares.add(new KeyShare(0x1d, Opaque.copyOf(new byte[32])));
                    return mapped(hello, replaced(new Extension.KeyShares(shares)));
                }),
                second("early data", hello -> mapped(hello, with(new Extension.EarlyData()))),
                second("a cookie", hello -> mapped(hello, with(new Extension.Cookie(Opaque.ofUtf8("c"))))),
                second("another extension", hello -> mapped(hello, with(unknown()))),
                second(
                        "other parameters",
                        hello -> mapped(hello, replaced(new Extension.TransportParameters(Opaque.ofUtf8("p"))))),
                second(
                        "another random value",
                        hello -> new ClientHello(
                                flipped(hello.random()),
                                hello.legacySessionId(),
                                hello.cipherSuites(),
                                hello.extensions())),
                second(
                        "other suites",
                        hello -> new ClientHello(
                                hello.random(),
                                hello.legacySessionId(),
                                List.of(CipherSuite.AES_256_GCM_SHA384.code()),
                                hello.extensions())));
    }

    @ParameterizedTest
    @MethodSource("secondHellos")
    void aClientChangesNothingButWhatItIsAskedFor(Row row) {
        var meeting = new Meeting(
                        Meeting.endpointClient().build(),
                        Meeting.endpointServer().groups(NamedGroup.SECP256R1).build())
                .with(row.change())
                .run();

        assertThat(meeting.server.failure)
                .hasValueSatisfying(failure ->
                        assertThat(failure.alert()).as(failure.getMessage()).isEqualTo(Alert.ILLEGAL_PARAMETER));
    }

    @ParameterizedTest
    @MethodSource("retries")
    void aServerAsksOnceAndKeepsToItsChoice(Row row) {
        var meeting = new Meeting(
                        Meeting.endpointClient().build(),
                        Meeting.endpointServer().groups(NamedGroup.SECP256R1).build())
                .with(row.change())
                .run();

        assertThat(meeting.client.failure)
                .hasValueSatisfying(failure ->
                        assertThat(failure.alert()).as(failure.getMessage()).isEqualTo(row.alert()));
    }

    static Stream<Row> retries() {
        return Stream.of(
                changed(
                        ServerHello.class,
                        "a second request to retry",
                        hello -> new HelloRetryRequest(
                                Opaque.EMPTY,
                                hello.cipherSuite(),
                                Extensions.of(
                                        new Extension.SelectedVersion(0x0304), new Extension.RequestedGroup(0x18))),
                        Alert.UNEXPECTED_MESSAGE),
                changed(
                        ServerHello.class,
                        "another suite than before",
                        hello -> new ServerHello(hello.random(), Opaque.EMPTY, 0x1301, hello.extensions()),
                        Alert.ILLEGAL_PARAMETER));
    }

    @Test
    void aClientThatIsAskedAndHasNoKeyIsRefused() {
        var meeting = new Meeting(
                        ClientConfig.builder(PeerVerifier.endpoint(Meeting.SERVER_KEY.endpointId()), Meeting.PROTOCOLS)
                                .build(),
                        ServerConfig.builder(Credential.of(Meeting.SERVER_KEY), Meeting.PROTOCOLS)
                                .verifier(PeerVerifier.anyEndpoint())
                                .build())
                .run();

        assertThat(meeting.server.failure)
                .hasValueSatisfying(failure -> assertThat(failure.alert()).isEqualTo(Alert.UNSUPPORTED_CERTIFICATE));
    }

    // What changes messages.

    private static final CertificateMessage.Entry SERVERS_ENTRY = entry(Meeting.SERVER_KEY);

    private static CertificateMessage.Entry entry(SecretKey key) {
        return new CertificateMessage.Entry(RawPublicKey.encode(key.endpointId()), Extensions.NONE);
    }

    private static Extension unknown() {
        return new Extension.Unknown(0xfafa, Opaque.EMPTY);
    }

    private static UnaryOperator<Extensions> without(Class<? extends Extension> form) {
        return extensions -> new Extensions(extensions.all().stream()
                .filter(extension -> !form.isInstance(extension))
                .toList());
    }

    private static UnaryOperator<Extensions> with(Extension added) {
        return extensions -> {
            var all = new ArrayList<>(extensions.all());
            all.addFirst(added);
            return new Extensions(all);
        };
    }

    private static UnaryOperator<Extensions> replaced(Extension by) {
        return extensions -> new Extensions(extensions.all().stream()
                .map(extension -> extension.type() == by.type() ? by : extension)
                .toList());
    }

    private static ClientHello mapped(ClientHello hello, UnaryOperator<Extensions> change) {
        return new ClientHello(
                hello.random(), hello.legacySessionId(), hello.cipherSuites(), change.apply(hello.extensions()));
    }

    private static Row hello(String what, UnaryOperator<Extensions> change, Alert alert) {
        return changed(ClientHello.class, what, hello -> mapped(hello, change), alert);
    }

    private static Row serverHello(String what, UnaryOperator<Extensions> change, Alert alert) {
        return changed(
                ServerHello.class,
                "ServerHello: " + what,
                hello -> new ServerHello(
                        hello.random(),
                        hello.legacySessionIdEcho(),
                        hello.cipherSuite(),
                        change.apply(hello.extensions())),
                alert);
    }

    private static Row encrypted(String what, UnaryOperator<Extensions> change, Alert alert) {
        return changed(
                EncryptedExtensions.class,
                "EncryptedExtensions: " + what,
                message -> new EncryptedExtensions(change.apply(message.extensions())),
                alert);
    }

    private static Row certificate(String what, Opaque context, Alert alert, CertificateMessage.Entry... entries) {
        return changed(
                CertificateMessage.class,
                "Certificate: " + what,
                _ -> new CertificateMessage(context, List.of(entries)),
                alert);
    }

    private static Row second(String what, UnaryOperator<ClientHello> change) {
        var hellos = new ArrayList<HandshakeMessage>();
        return new Row(
                what,
                message -> {
                    if (!(message instanceof ClientHello hello)) {
                        return message;
                    }
                    hellos.add(hello);
                    return hellos.size() == 2 ? change.apply(hello) : hello;
                },
                Alert.ILLEGAL_PARAMETER);
    }

    /** The first message of a kind, which is the server's where both send it. */
    private static <M extends HandshakeMessage> Row changed(
            Class<M> kind, String what, Function<M, HandshakeMessage> change, Alert alert) {
        return nth(kind, what, change, alert, 1);
    }

    /** The second one of a kind, which is the client's. */
    private static <M extends HandshakeMessage> Row fromClient(
            Class<M> kind, String what, Function<M, HandshakeMessage> change, Alert alert) {
        return nth(kind, what, change, alert, 2);
    }

    private static <M extends HandshakeMessage> Row nth(
            Class<M> kind, String what, Function<M, HandshakeMessage> change, Alert alert, int place) {
        var seen = new ArrayList<HandshakeMessage>();
        return new Row(
                what,
                message -> {
                    if (!kind.isInstance(message)) {
                        return message;
                    }
                    seen.add(message);
                    return seen.size() == place ? change.apply(kind.cast(message)) : message;
                },
                alert);
    }

    private static Opaque flipped(Opaque value) {
        byte[] bytes = value.toArray();
        bytes[bytes.length / 2] ^= 1;
        return Opaque.copyOf(bytes);
    }
}
