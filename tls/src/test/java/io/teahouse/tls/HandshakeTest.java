package io.teahouse.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.CertificateVerify;
import io.teahouse.tls.message.ClientHello;
import io.teahouse.tls.message.EncryptedExtensions;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.Extensions;
import io.teahouse.tls.message.HandshakeCodec;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.HelloRetryRequest;
import io.teahouse.tls.message.KeyShare;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.ServerHello;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.KeyLog;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client meets our server. */
class HandshakeTest {
    static Stream<Arguments> suitesAndGroups() {
        return Stream.of(CipherSuite.values())
                .flatMap(suite -> Stream.of(NamedGroup.values()).map(group -> Arguments.of(suite, group)));
    }

    @ParameterizedTest
    @MethodSource("suitesAndGroups")
    void endpointsShowEachOtherTheirKeys(CipherSuite suite, NamedGroup group) {
        var meeting = new Meeting(
                        Meeting.endpointClient()
                                .suites(suite)
                                .groups(List.of(group), List.of(group))
                                .build(),
                        Meeting.endpointServer().groups(NamedGroup.values()).build())
                .run();

        assertAgreement(meeting);
        var summary = meeting.client.summary();
        assertThat(summary.suite()).isEqualTo(suite);
        assertThat(summary.group()).isEqualTo(group);
        assertThat(summary.protocol()).isEqualTo(Meeting.PROTOCOLS.getFirst());
        assertThat(summary.peer()).isEqualTo(new PeerIdentity.Endpoint(Meeting.SERVER_KEY.endpointId()));
        assertThat(meeting.server.summary().peer())
                .isEqualTo(new PeerIdentity.Endpoint(Meeting.CLIENT_KEY.endpointId()));
        assertThat(summary.resumed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"P-256", "P-384", "RSA", "Ed25519"})
    void aServerShowsItsCertificate(String kindOfKey) {
        var meeting = new Meeting(
                        Meeting.certifiedClient().build(),
                        Meeting.certifiedServer(kindOfKey).build())
                .run();

        assertAgreement(meeting);
        assertThat(meeting.client.summary().peer())
                .isInstanceOfSatisfying(
                        PeerIdentity.Certified.class,
                        peer -> assertThat(peer.certificate()
                                        .getSubjectX500Principal()
                                        .getName())
                                .isEqualTo("CN=localhost"));
        assertThat(meeting.server.summary().peer()).isEqualTo(new PeerIdentity.Anonymous());
        assertThat(meeting.server.summary().serverName()).hasValue(Opaque.ofUtf8("localhost"));
    }

    @Test
    void aServerMayShowItsKeyToWhoShowsNone() {
        var meeting = new Meeting(
                        ClientConfig.builder(PeerVerifier.endpoint(Meeting.SERVER_KEY.endpointId()), Meeting.PROTOCOLS)
                                .build(),
                        ServerConfig.builder(Credential.of(Meeting.SERVER_KEY), Meeting.PROTOCOLS)
                                .build())
                .run();

        assertAgreement(meeting);
        assertThat(meeting.server.summary().peer()).isEqualTo(new PeerIdentity.Anonymous());
    }

    @Test
    void aClientMayShowItsKeyToAServerWithACertificate() {
        var meeting = new Meeting(
                        Meeting.certifiedClient()
                                .credential(Credential.of(Meeting.CLIENT_KEY))
                                .build(),
                        Meeting.certifiedServer("P-256")
                                .verifier(PeerVerifier.endpoint(Meeting.CLIENT_KEY.endpointId()))
                                .build())
                .run();

        assertAgreement(meeting);
        assertThat(meeting.server.summary().peer())
                .isEqualTo(new PeerIdentity.Endpoint(Meeting.CLIENT_KEY.endpointId()));
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatWantsAnotherGroupAsksForIt(NamedGroup wanted) {
        NamedGroup shared = wanted == NamedGroup.X25519 ? NamedGroup.SECP256R1 : NamedGroup.X25519;
        var meeting = new Meeting(
                        Meeting.endpointClient()
                                .groups(List.of(shared, wanted), List.of(shared))
                                .build(),
                        Meeting.endpointServer().groups(wanted).build())
                .run();

        assertAgreement(meeting);
        assertThat(meeting.client.summary().group()).isEqualTo(wanted);
        assertThat(meeting.server.sent().getFirst()).isInstanceOf(HelloRetryRequest.class);
        assertThat(meeting.client.sent().subList(0, 2)).allMatch(ClientHello.class::isInstance);
    }

    @Test
    void aClientMayLeaveTheChoiceOfAGroupToTheServer() {
        var meeting = new Meeting(
                        Meeting.endpointClient()
                                .groups(List.of(NamedGroup.SECP256R1, NamedGroup.X25519), List.of())
                                .build(),
                        Meeting.endpointServer().build())
                .run();

        assertAgreement(meeting);
        assertThat(meeting.client.summary().group()).isEqualTo(NamedGroup.X25519);
    }

    @Test
    void aShareThatIsThereIsTakenBeforeAGroupThatIsLikedBetter() {
        var meeting = new Meeting(
                        Meeting.endpointClient()
                                .groups(
                                        List.of(NamedGroup.X25519, NamedGroup.X25519_MLKEM768),
                                        List.of(NamedGroup.X25519))
                                .build(),
                        Meeting.endpointServer()
                                .groups(NamedGroup.X25519_MLKEM768, NamedGroup.X25519)
                                .build())
                .run();

        assertAgreement(meeting);
        assertThat(meeting.client.summary().group()).isEqualTo(NamedGroup.X25519);
    }

    @Test
    void theClientsOrderDecidesAboutSuitesAndTheServersAboutProtocols() {
        var a = Opaque.ofUtf8("a");
        var b = Opaque.ofUtf8("b");
        var meeting = new Meeting(
                        ClientConfig.builder(PeerVerifier.endpoint(Meeting.SERVER_KEY.endpointId()), List.of(a, b))
                                .suites(CipherSuite.CHACHA20_POLY1305_SHA256, CipherSuite.AES_128_GCM_SHA256)
                                .build(),
                        ServerConfig.builder(Credential.of(Meeting.SERVER_KEY), List.of(b, a))
                                .suites(CipherSuite.AES_128_GCM_SHA256, CipherSuite.CHACHA20_POLY1305_SHA256)
                                .build())
                .run();

        assertAgreement(meeting);
        assertThat(meeting.client.summary().suite()).isEqualTo(CipherSuite.CHACHA20_POLY1305_SHA256);
        assertThat(meeting.client.summary().protocol()).isEqualTo(b);
    }

    @Test
    void messagesComeInTheOrderOfTheRfcAndAtTheirLevels() {
        var meeting = new Meeting(
                        Meeting.endpointClient().build(),
                        Meeting.endpointServer().build())
                .run();

        assertThat(kinds(meeting.client))
                .containsExactly("ClientHello", "CertificateMessage", "CertificateVerify", "Finished");
        assertThat(kinds(meeting.server))
                .containsExactly(
                        "ServerHello",
                        "EncryptedExtensions",
                        "CertificateRequest",
                        "CertificateMessage",
                        "CertificateVerify",
                        "Finished");
        assertThat(meeting.server.all(HandshakeOutput.Send.class))
                .extracting(HandshakeOutput.Send::level)
                .containsExactly(
                        EncryptionLevel.INITIAL,
                        EncryptionLevel.HANDSHAKE,
                        EncryptionLevel.HANDSHAKE,
                        EncryptionLevel.HANDSHAKE,
                        EncryptionLevel.HANDSHAKE,
                        EncryptionLevel.HANDSHAKE);
    }

    /** What a server may do before it knows its client: write 1-RTT packets, and not read them (RFC 9001, section 5.7). */
    @Test
    void aServerReadsNoPacketsOfTheApplicationBeforeTheHandshakeIsComplete() {
        var meeting = new Meeting(
                        Meeting.endpointClient().build(),
                        Meeting.endpointServer().build())
                .with(message -> message instanceof CertificateVerify verify
                                && verify.signature().length() == 64
                        ? new CertificateVerify(verify.scheme(), Opaque.copyOf(new byte[64]))
                        : message)
                .run();

        assertThat(meeting.server.writeSecret(EncryptionLevel.ONE_RTT)).isPresent();
        assertThat(meeting.server.readSecret(EncryptionLevel.ONE_RTT)).isEmpty();
        assertThat(meeting.client.readSecret(EncryptionLevel.ONE_RTT)).isEmpty();
        assertThat(meeting.client.machine.isComplete()).isFalse();
    }

    /** What iroh's clients and servers send (iroh QUIC spec, sections 1.2 and 1.3), apart from what means nothing there. */
    @Test
    void anEndpointSaysWhatIrohsEndpointsSay() {
        var meeting = new Meeting(
                        Meeting.endpointClient().build(),
                        Meeting.endpointServer().build())
                .run();
        var recorded = Recordings.all()
                .filter(connection -> connection.name().startsWith("direct "))
                .findFirst()
                .orElseThrow();

        var hello = (ClientHello) meeting.client.sent().getFirst();
        var recordedHello = (ClientHello) decode(recorded.message("client", "ClientHello"));
        assertThat(hello.cipherSuites()).isEqualTo(recordedHello.cipherSuites());
        assertThat(constant(hello.extensions().all()))
                .isEqualTo(constant(recordedHello.extensions().all()));
        var encrypted = (EncryptedExtensions) meeting.server.sent().get(1);
        var recordedEncrypted = (EncryptedExtensions) decode(recorded.message("server", "EncryptedExtensions"));
        assertThat(constant(encrypted.extensions().all()))
                .isEqualTo(constant(recordedEncrypted.extensions().all()));
        assertThat(meeting.server.sent().get(2)).isEqualTo(decode(recorded.message("server", "CertificateRequest")));
    }

    private static List<String> kinds(Meeting.Side side) {
        return side.sent().stream()
                .map(message -> message.getClass().getSimpleName())
                .toList();
    }

    private static Set<Extension> constant(List<Extension> extensions) {
        var constant = new HashSet<>(extensions);
        constant.removeIf(extension -> extension instanceof Extension.Unknown
                || extension instanceof Extension.KeyShares
                || extension instanceof Extension.ApplicationProtocols
                || extension instanceof Extension.TransportParameters);
        return constant;
    }

    private static HandshakeMessage decode(byte[] bytes) {
        try {
            return HandshakeCodec.decode(bytes);
        } catch (TlsException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theOrderOfExtensionsIsAnothersEachTime() {
        var orders = new HashSet<List<Integer>>();
        for (int round = 0; round < 5; round++) {
            var meeting = new Meeting(
                            Meeting.endpointClient().build(),
                            Meeting.endpointServer().build())
                    .run();
            var hello = (ClientHello) meeting.client.sent().getFirst();
            orders.add(hello.extensions().all().stream().map(Extension::type).toList());
        }
        assertThat(orders).hasSizeGreaterThan(1);
    }

    @Test
    void theKeyLogNamesEverySecretOnceAndIsTheSameOnBothSides() {
        var client = new ArrayList<String>();
        var server = new ArrayList<String>();
        new Meeting(
                        Meeting.endpointClient()
                                .keyLog(KeyLog.toLines(client::add))
                                .build(),
                        Meeting.endpointServer()
                                .keyLog(KeyLog.toLines(server::add))
                                .build())
                .run();

        assertThat(client).hasSize(5).containsExactlyInAnyOrderElementsOf(server);
        assertThat(client)
                .extracting(line -> line.split(" ", -1)[0])
                .containsExactlyInAnyOrder(
                        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                        "CLIENT_TRAFFIC_SECRET_0",
                        "SERVER_TRAFFIC_SECRET_0",
                        "EXPORTER_SECRET");
    }

    @Test
    void nothingIsExportedBeforeTheHandshakeIsCompleteNorAfterItIsClosed() {
        var meeting = new Meeting(
                Meeting.endpointClient().build(), Meeting.endpointServer().build());
        assertThatThrownBy(() -> meeting.server.machine.exportKeyingMaterial("EXPORTER-x", new byte[0], 32))
                .isInstanceOf(IllegalStateException.class);

        meeting.run();
        meeting.server.machine.exportKeyingMaterial("EXPORTER-x", new byte[0], 32);
        meeting.server.machine.close();
        meeting.server.machine.close();

        assertThatThrownBy(() -> meeting.server.machine.exportKeyingMaterial("EXPORTER-x", new byte[0], 32))
                .isInstanceOf(IllegalStateException.class);
    }

    /** RFC 8701: values that mean nothing, to find out who cannot bear them. */
    @Test
    void aServerPassesOverGrease() throws TlsException {
        var client =
                new ClientHandshake(Meeting.endpointClient().build(), Meeting.CLIENT_PARAMETERS, new SecureRandom());
        client.start(Optional.empty(), Meeting.NOW);
        var send = (HandshakeOutput.Send) client.pollOutput().orElseThrow();
        var hello = (ClientHello) decode(send.bytes());
        var greased = new ArrayList<Extension>();
        greased.add(new Extension.Unknown(0x2a2a, Opaque.EMPTY));
        for (Extension extension : hello.extensions().all()) {
            greased.add(
                    switch (extension) {
                        case Extension.SupportedVersions(var versions) ->
                            new Extension.SupportedVersions(with(0x3a3a, versions));
                        case Extension.SupportedGroups(var groups) ->
                            new Extension.SupportedGroups(with(0x4a4a, groups));
                        case Extension.SignatureAlgorithms(var schemes) ->
                            new Extension.SignatureAlgorithms(with(0x5a5a, schemes));
                        case Extension.ApplicationProtocols(var names) ->
                            new Extension.ApplicationProtocols(with(Opaque.copyOf(new byte[] {0x6a, 0x6a}), names));
                        case Extension.PskModes(var modes) -> new Extension.PskModes(with(0x0b, modes));
                        case Extension.ServerCertificateTypes(var types) ->
                            new Extension.ServerCertificateTypes(with(0xe0, types));
                        case Extension.KeyShares(var shares) ->
                            new Extension.KeyShares(with(new KeyShare(0x4a4a, Opaque.copyOf(new byte[1])), shares));
                        default -> extension;
                    });
        }
        greased.add(new Extension.Unknown(0xfafa, Opaque.copyOf(new byte[1])));
        var server =
                new ServerHandshake(Meeting.endpointServer().build(), Meeting.SERVER_PARAMETERS, new SecureRandom());

        server.handleBytes(
                EncryptionLevel.INITIAL,
                HandshakeCodec.encode(new ClientHello(
                        hello.random(),
                        hello.legacySessionId(),
                        with(0x1a1a, hello.cipherSuites()),
                        new Extensions(greased))),
                Meeting.NOW);

        assertThat(server.pollOutput())
                .hasValue(new HandshakeOutput.PeerTransportParameters(Meeting.CLIENT_PARAMETERS));
        var answer = (HandshakeOutput.Send) server.pollOutput().orElseThrow();
        assertThat(((ServerHello) decode(answer.bytes())).cipherSuite())
                .isEqualTo(CipherSuite.AES_256_GCM_SHA384.code());
    }

    private static <T> List<T> with(T first, List<T> others) {
        var all = new ArrayList<T>();
        all.add(first);
        all.addAll(others);
        return List.copyOf(all);
    }

    @Test
    void whatNobodyHasTakenIsWipedWithTheMachine() {
        var hello =
                new ClientHandshake(Meeting.endpointClient().build(), Meeting.CLIENT_PARAMETERS, new SecureRandom());
        hello.start(Optional.empty(), Meeting.NOW);
        var server =
                new ServerHandshake(Meeting.endpointServer().build(), Meeting.SERVER_PARAMETERS, new SecureRandom());
        var send = (HandshakeOutput.Send) hello.pollOutput().orElseThrow();
        assertThatCode(() -> server.handleBytes(send.level(), send.bytes(), Meeting.NOW))
                .doesNotThrowAnyException();

        server.close();

        assertThat(server.pollOutput()).isEmpty();
        assertThatThrownBy(() -> server.handleBytes(send.level(), send.bytes(), Meeting.NOW))
                .isInstanceOf(IllegalStateException.class);
    }

    static void assertAgreement(Meeting meeting) {
        assertThat(meeting.client.failure).isEmpty();
        assertThat(meeting.server.failure).isEmpty();
        assertThat(meeting.client.machine.isComplete()).isTrue();
        assertThat(meeting.server.machine.isComplete()).isTrue();
        for (var level : List.of(EncryptionLevel.HANDSHAKE, EncryptionLevel.ONE_RTT)) {
            assertThat(meeting.client.readSecret(level)).isPresent().isEqualTo(meeting.server.writeSecret(level));
            assertThat(meeting.client.writeSecret(level)).isPresent().isEqualTo(meeting.server.readSecret(level));
        }
        assertThat(meeting.client.machine.exportKeyingMaterial("EXPORTER-x", new byte[] {1}, 40))
                .isEqualTo(meeting.server.machine.exportKeyingMaterial("EXPORTER-x", new byte[] {1}, 40));
        assertThat(meeting.client.all(HandshakeOutput.PeerTransportParameters.class))
                .containsExactly(new HandshakeOutput.PeerTransportParameters(Meeting.SERVER_PARAMETERS));
        assertThat(meeting.server.all(HandshakeOutput.PeerTransportParameters.class))
                .containsExactly(new HandshakeOutput.PeerTransportParameters(Meeting.CLIENT_PARAMETERS));
        var client = meeting.client.summary();
        var server = meeting.server.summary();
        assertThat(client.suite()).isEqualTo(server.suite());
        assertThat(client.group()).isEqualTo(server.group());
        assertThat(client.protocol()).isEqualTo(server.protocol());
        assertThat(client.resumed()).isEqualTo(server.resumed());
        assertThat(client.earlyDataAccepted()).isEqualTo(server.earlyDataAccepted());
    }
}
