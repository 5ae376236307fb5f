package io.teahouse.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerIdentity;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.CertificateMessage;
import io.teahouse.tls.message.ClientHello;
import io.teahouse.tls.message.EncryptedExtensions;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.Extensions;
import io.teahouse.tls.message.HandshakeCodec;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.HelloRetryRequest;
import io.teahouse.tls.message.NewSessionTicket;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.ServerHello;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.resumption.ClientTicket;
import io.teahouse.tls.resumption.ReplayGuard;
import io.teahouse.tls.resumption.TicketKeys;
import io.teahouse.tls.schedule.CipherSuite;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client comes back to our server. */
class ResumptionTest {
    private static final Instant LATER = Meeting.NOW.plusSeconds(3600);

    private final TicketKeys keys = new TicketKeys(TicketKeys.DEFAULT_LIFETIME);
    private final ReplayGuard guard = new ReplayGuard();

    private ServerConfig.Builder server() {
        return Meeting.endpointServer().tickets(keys, 2).earlyData(guard, Opaque.ofUtf8("limits"));
    }

    private List<ClientTicket> tickets(ClientConfig.Builder client) {
        var meeting = new Meeting(client.build(), server().build()).run();
        assertThat(meeting.client.tickets()).hasSize(2);
        return meeting.client.tickets();
    }

    private Meeting comeBack(
            ClientConfig.Builder client, ServerConfig.Builder server, ClientTicket ticket, Instant when) {
        return new Meeting(client.build(), server.build()).at(when).run(Optional.of(ticket));
    }

    @ParameterizedTest
    @EnumSource
    void aClientWithATicketIsKnownWithoutCertificatesAndItsEarlyDataCounts(CipherSuite suite) {
        var client = Meeting.endpointClient().suites(suite);
        var ticket = tickets(client).getFirst();
        assertThat(ticket.terms().allowsEarlyData()).isTrue();
        assertThat(ticket.terms().lifetime()).isEqualTo(Duration.ofDays(1));
        assertThat(ticket.memory().peerTransportParameters()).isEqualTo(Meeting.SERVER_PARAMETERS);

        var meeting = comeBack(client, server(), ticket, LATER);

        HandshakeTest.assertAgreement(meeting);
        assertThat(meeting.client.summary().resumed()).isTrue();
        assertThat(meeting.client.summary().earlyDataAccepted()).isTrue();
        assertThat(meeting.client.summary().peer())
                .isEqualTo(new PeerIdentity.Endpoint(Meeting.SERVER_KEY.endpointId()));
        assertThat(meeting.server.summary().peer())
                .isEqualTo(new PeerIdentity.Endpoint(Meeting.CLIENT_KEY.endpointId()));
        assertThat(meeting.server.sent()).noneMatch(CertificateMessage.class::isInstance);
        assertThat(meeting.client.sent()).noneMatch(CertificateMessage.class::isInstance);
        assertThat(meeting.client.writeSecret(EncryptionLevel.ZERO_RTT))
                .isPresent()
                .isEqualTo(meeting.server.readSecret(EncryptionLevel.ZERO_RTT));
        assertThat(meeting.client.all(HandshakeOutput.EarlyDataDecision.class))
                .containsExactly(new HandshakeOutput.EarlyDataDecision(true));
        assertThat(meeting.client.tickets()).as("new tickets").hasSize(2);
    }

    @Test
    void aTicketOfAResumedConnectionIsAsGoodAsTheFirst() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();
        for (int times = 1; times <= 3; times++) {
            var meeting = comeBack(
                    Meeting.endpointClient(), server(), ticket, Meeting.NOW.plus(Duration.ofHours(20L * times)));
            assertResumed(meeting, true);
            ticket = meeting.client.tickets().getLast();
        }
    }

    @Test
    void withCertificatesTheServerIsKnownByItsTicketToo() {
        var config = Meeting.certifiedServer("P-256").tickets(keys, 1).build();
        var first = new Meeting(Meeting.certifiedClient().build(), config).run();
        var ticket = first.client.tickets().getFirst();
        assertThat(ticket.terms().allowsEarlyData()).isFalse();

        var second =
                new Meeting(Meeting.certifiedClient().build(), config).at(LATER).run(Optional.of(ticket));

        HandshakeTest.assertAgreement(second);
        assertThat(second.client.summary().resumed()).isTrue();
        assertThat(second.client.summary().earlyDataAccepted()).isFalse();
        assertThat(second.client.summary().peer())
                .isEqualTo(first.client.summary().peer());
        assertThat(second.client.writeSecret(EncryptionLevel.ZERO_RTT)).isEmpty();
    }

    @Test
    void aTicketForAnotherNameIsLeftAside() {
        var config = Meeting.certifiedServer("P-256").tickets(keys, 1).build();
        var ticket = new Meeting(Meeting.certifiedClient().build(), config)
                .run()
                .client
                .tickets()
                .getFirst();

        var other = ClientConfig.builder(
                        PeerVerifier.certified(TestCertificates.ANCHORS, "other.example"), Meeting.PROTOCOLS)
                .build();
        var meeting = new Meeting(other, config).at(LATER).run(Optional.of(ticket));

        assertThat(((ClientHello) meeting.client.sent().getFirst()).extensions().has(Extension.PreSharedKeys.class))
                .isFalse();
        assertThat(meeting.client.failure).isPresent();
    }

    @Test
    void aTicketOfAnotherEndpointIsLeftAside() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();
        var other = Meeting.key(7);
        var client = ClientConfig.builder(PeerVerifier.endpoint(other.endpointId()), Meeting.PROTOCOLS)
                .credential(Credential.of(Meeting.CLIENT_KEY));
        var server = ServerConfig.builder(Credential.of(other), Meeting.PROTOCOLS)
                .verifier(PeerVerifier.anyEndpoint())
                .tickets(keys, 1);

        var meeting = comeBack(client, server, ticket, LATER);

        assertResumed(meeting, false);
        assertThat(meeting.client.summary().peer()).isEqualTo(new PeerIdentity.Endpoint(other.endpointId()));
    }

    @Test
    void aServerThatTakesAnotherClientNowMakesAFullHandshake() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();

        var meeting = comeBack(
                Meeting.endpointClient(),
                server().verifier(PeerVerifier.endpoint(Meeting.key(9).endpointId())),
                ticket,
                LATER);

        assertThat(meeting.server.failure)
                .hasValueSatisfying(failure -> assertThat(failure.alert()).isEqualTo(Alert.BAD_CERTIFICATE));
    }

    @Test
    void aServerThatHasLostItsKeysMakesAFullHandshake() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();

        var meeting = comeBack(
                Meeting.endpointClient(),
                Meeting.endpointServer()
                        .tickets(new TicketKeys(TicketKeys.DEFAULT_LIFETIME), 2)
                        .earlyData(guard, Opaque.ofUtf8("limits")),
                ticket,
                LATER);

        assertResumed(meeting, false);
        assertThat(meeting.client.all(HandshakeOutput.EarlyDataDecision.class))
                .containsExactly(new HandshakeOutput.EarlyDataDecision(false));
        assertThat(meeting.client.writeSecret(EncryptionLevel.ZERO_RTT)).isPresent();
        assertThat(meeting.server.readSecret(EncryptionLevel.ZERO_RTT)).isEmpty();
    }

    @Test
    void aServerWithoutTicketsMakesAFullHandshake() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();

        assertResumed(comeBack(Meeting.endpointClient(), Meeting.endpointServer(), ticket, LATER), false);
    }

    @Test
    void aTicketPastItsTimeIsNotShown() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();
        var meeting = comeBack(Meeting.endpointClient(), server(), ticket, Meeting.NOW.plus(Duration.ofDays(1)));

        assertResumed(meeting, false);
        assertThat(((ClientHello) meeting.client.sent().getFirst()).extensions().has(Extension.PreSharedKeys.class))
                .isFalse();
    }

    @Test
    void earlyDataIsNotTakenTwiceFromOneHello() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();
        var hellos = new ArrayList<HandshakeMessage>();
        var config = server().build();
        new Meeting(Meeting.endpointClient().build(), config)
                .at(LATER)
                .with(message -> {
                    hellos.add(message);
                    return message;
                })
                .run(Optional.of(ticket));

        var replay = new Meeting(Meeting.endpointClient().build(), config)
                .at(LATER.plusSeconds(1))
                .with(message -> message instanceof ClientHello ? hellos.getFirst() : message)
                .run();

        assertThat(replay.server.readSecret(EncryptionLevel.ZERO_RTT)).isEmpty();
    }

    /** By the server's clock, of a ticket that the client shows as an hour old. */
    @ParameterizedTest
    @ValueSource(longs = {-11, 11, 3600})
    void earlyDataThatIsTooOldOrFromTheFutureIsNotTaken(long secondsOff) {
        var ticket = tickets(Meeting.endpointClient()).getFirst();
        var client = Meeting.endpointClient().build();
        var machine = new ClientHandshake(client, Meeting.CLIENT_PARAMETERS, new SecureRandom());
        machine.start(Optional.of(ticket), LATER);
        var send = (HandshakeOutput.Send) machine.pollOutput().orElseThrow();
        var server = new ServerHandshake(server().build(), Meeting.SERVER_PARAMETERS, new SecureRandom());

        assertThat(accepts(server, send, LATER.plusSeconds(secondsOff))).isFalse();
        var onTime = new ServerHandshake(server().build(), Meeting.SERVER_PARAMETERS, new SecureRandom());
        assertThat(accepts(onTime, send, LATER.plusSeconds(9))).isTrue();
    }

    private static boolean accepts(ServerHandshake server, HandshakeOutput.Send hello, Instant when) {
        try {
            server.handleBytes(hello.level(), hello.bytes(), when);
        } catch (TlsException e) {
            throw new AssertionError(e);
        }
        boolean accepts = false;
        boolean resumes = false;
        for (var output = server.pollOutput(); output.isPresent(); output = server.pollOutput()) {
            accepts |= output.get() instanceof HandshakeOutput.ReadSecret secret
                    && secret.level() == EncryptionLevel.ZERO_RTT;
            resumes |= output.get() instanceof HandshakeOutput.Send send && isResumption(send.bytes());
        }
        assertThat(resumes).as("the ticket itself is good").isTrue();
        return accepts;
    }

    private static boolean isResumption(byte[] bytes) {
        try {
            return HandshakeCodec.decode(bytes) instanceof ServerHello hello
                    && hello.extensions().has(Extension.SelectedPsk.class);
        } catch (TlsException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void earlyDataDependsOnWhatTheServerSaysItDoes() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();

        var meeting = comeBack(
                Meeting.endpointClient(),
                Meeting.endpointServer().tickets(keys, 2).earlyData(guard, Opaque.ofUtf8("other limits")),
                ticket,
                LATER);

        assertResumed(meeting, true);
        assertThat(meeting.client.summary().earlyDataAccepted()).isFalse();
    }

    @Test
    void earlyDataOfAnotherProtocolIsNotTaken() {
        var both = List.of(Opaque.ofUtf8("teahouse/2"), Meeting.PROTOCOLS.getFirst());
        var ticket = tickets(Meeting.endpointClient()).getFirst();
        var client = ClientConfig.builder(PeerVerifier.endpoint(Meeting.SERVER_KEY.endpointId()), both)
                .credential(Credential.of(Meeting.CLIENT_KEY));
        var server = ServerConfig.builder(Credential.of(Meeting.SERVER_KEY), both)
                .verifier(PeerVerifier.anyEndpoint())
                .tickets(keys, 2)
                .earlyData(guard, Opaque.ofUtf8("limits"));

        var meeting = comeBack(client, server, ticket, LATER);

        assertResumed(meeting, true);
        assertThat(meeting.client.summary().protocol()).isEqualTo(both.getFirst());
        assertThat(meeting.client.summary().earlyDataAccepted()).isFalse();
    }

    @Test
    void aClientMayDoWithoutEarlyData() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();

        var meeting = comeBack(Meeting.endpointClient().withoutEarlyData(), server(), ticket, LATER);

        assertResumed(meeting, true);
        assertThat(meeting.client.writeSecret(EncryptionLevel.ZERO_RTT)).isEmpty();
        assertThat(meeting.client.all(HandshakeOutput.EarlyDataDecision.class)).isEmpty();
    }

    @Test
    void aClientThatWantsNoTicketsGetsNone() {
        var meeting = new Meeting(Meeting.endpointClient().withoutTickets().build(), server().build()).run();

        HandshakeTest.assertAgreement(meeting);
        assertThat(meeting.server.sent()).noneMatch(NewSessionTicket.class::isInstance);
    }

    @Test
    void aTicketSurvivesARequestToRetryAndEarlyDataDoesNot() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();

        var meeting = comeBack(Meeting.endpointClient(), server().groups(NamedGroup.SECP256R1), ticket, LATER);

        assertResumed(meeting, true);
        assertThat(meeting.server.sent().getFirst()).isInstanceOf(HelloRetryRequest.class);
        assertThat(meeting.client.summary().earlyDataAccepted()).isFalse();
        assertThat(meeting.client.all(HandshakeOutput.EarlyDataDecision.class))
                .containsExactly(new HandshakeOutput.EarlyDataDecision(false));
        assertThat(meeting.server.readSecret(EncryptionLevel.ZERO_RTT)).isEmpty();
    }

    @Test
    void aTicketGoesWithOtherSuitesOfItsHash() {
        var ticket = tickets(Meeting.endpointClient().suites(CipherSuite.AES_128_GCM_SHA256))
                .getFirst();

        var meeting = comeBack(
                Meeting.endpointClient().suites(CipherSuite.CHACHA20_POLY1305_SHA256, CipherSuite.AES_128_GCM_SHA256),
                server(),
                ticket,
                LATER);

        assertResumed(meeting, true);
        assertThat(meeting.client.summary().suite()).isEqualTo(CipherSuite.CHACHA20_POLY1305_SHA256);
        assertThat(meeting.client.summary().earlyDataAccepted())
                .as("early data")
                .isFalse();
    }

    @Test
    void aTicketWithAnotherHashThanTheSuiteIsLeftAside() {
        var ticket = tickets(Meeting.endpointClient().suites(CipherSuite.AES_128_GCM_SHA256))
                .getFirst();

        var meeting = comeBack(Meeting.endpointClient(), server(), ticket, LATER);

        assertResumed(meeting, false);
        assertThat(meeting.client.summary().suite()).isEqualTo(CipherSuite.AES_256_GCM_SHA384);
    }

    /** The request names the suite: the second hello has no room for a ticket that does not go with it. */
    @Test
    void aTicketWithAnotherHashIsNotShownAgainAfterARequestToRetry() {
        var ticket = tickets(Meeting.endpointClient().suites(CipherSuite.AES_128_GCM_SHA256))
                .getFirst();

        var meeting = comeBack(Meeting.endpointClient(), server().groups(NamedGroup.SECP256R1), ticket, LATER);

        assertResumed(meeting, false);
        var hellos = meeting.client.sent().stream()
                .filter(ClientHello.class::isInstance)
                .map(hello -> ((ClientHello) hello).extensions().has(Extension.PreSharedKeys.class))
                .toList();
        assertThat(hellos).containsExactly(true, false);
    }

    @Test
    void aWrongBinderIsAFailureAndNotAFullHandshake() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();
        UnaryOperator<HandshakeMessage> change = message -> message instanceof ClientHello hello
                ? changedPsk(
                        hello,
                        psks -> new Extension.PreSharedKeys(psks.identities(), List.of(Opaque.copyOf(new byte[48]))))
                : message;

        var meeting = new Meeting(Meeting.endpointClient().build(), server().build())
                .at(LATER)
                .with(change)
                .run(Optional.of(ticket));

        assertThat(meeting.server.failure)
                .hasValueSatisfying(failure -> assertThat(failure.alert()).isEqualTo(Alert.DECRYPT_ERROR));
    }

    @Test
    void aTicketWithoutModesIsAFailure() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();
        var meeting = new Meeting(Meeting.endpointClient().build(), server().build())
                .at(LATER)
                .with(message -> message instanceof ClientHello hello
                        ? new ClientHello(
                                hello.random(),
                                hello.legacySessionId(),
                                hello.cipherSuites(),
                                new Extensions(hello.extensions().all().stream()
                                        .filter(extension -> !(extension instanceof Extension.PskModes))
                                        .toList()))
                        : message)
                .run(Optional.of(ticket));

        assertThat(meeting.server.failure)
                .hasValueSatisfying(failure -> assertThat(failure.alert()).isEqualTo(Alert.MISSING_EXTENSION));
    }

    @Test
    void aServerThatTakesUpAnotherTicketThanTheOneIsRefused() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();
        var meeting = new Meeting(Meeting.endpointClient().build(), server().build())
                .at(LATER)
                .with(message -> message instanceof ServerHello hello
                        ? new ServerHello(
                                hello.random(),
                                hello.legacySessionIdEcho(),
                                hello.cipherSuite(),
                                new Extensions(hello.extensions().all().stream()
                                        .map(extension -> extension instanceof Extension.SelectedPsk
                                                ? new Extension.SelectedPsk(1)
                                                : extension)
                                        .toList()))
                        : message)
                .run(Optional.of(ticket));

        assertThat(meeting.client.failure)
                .hasValueSatisfying(failure -> assertThat(failure.alert()).isEqualTo(Alert.ILLEGAL_PARAMETER));
    }

    @Test
    void aServerThatTakesEarlyDataWithoutTheTicketIsRefused() {
        var ticket = tickets(Meeting.endpointClient()).getFirst();
        var forgetful = Meeting.endpointServer().tickets(new TicketKeys(TicketKeys.DEFAULT_LIFETIME), 1);
        var meeting = new Meeting(Meeting.endpointClient().build(), forgetful.build())
                .at(LATER)
                .with(message -> {
                    if (!(message instanceof EncryptedExtensions(var extensions))) {
                        return message;
                    }
                    var more = new ArrayList<>(extensions.all());
                    more.add(new Extension.EarlyData());
                    return new EncryptedExtensions(new Extensions(more));
                })
                .run(Optional.of(ticket));

        assertThat(meeting.client.failure)
                .hasValueSatisfying(failure -> assertThat(failure.alert()).isEqualTo(Alert.ILLEGAL_PARAMETER));
    }

    /** RFC 9001, section 4.6.1. */
    @Test
    void aTicketThatLimitsEarlyDataBreaksQuicsRules() {
        var meeting = new Meeting(Meeting.endpointClient().build(), server().build())
                .with(message -> message instanceof NewSessionTicket ticket
                        ? new NewSessionTicket(
                                ticket.lifetimeSeconds(),
                                ticket.ageAdd(),
                                ticket.nonce(),
                                ticket.ticket(),
                                Extensions.of(new Extension.EarlyDataLimit(16384)))
                        : message)
                .run();

        assertThat(meeting.client.failure)
                .hasValueSatisfying(
                        failure -> assertThat(failure.quicErrorCode()).isEqualTo(0x0a));
    }

    @Test
    void aTicketWithAnUnknownExtensionIsAsGoodAsAnother() {
        var meeting = new Meeting(Meeting.endpointClient().build(), server().build())
                .with(message -> message instanceof NewSessionTicket ticket
                        ? new NewSessionTicket(
                                ticket.lifetimeSeconds(),
                                ticket.ageAdd(),
                                ticket.nonce(),
                                ticket.ticket(),
                                Extensions.of(new Extension.Unknown(0xfafa, Opaque.EMPTY)))
                        : message)
                .run();

        assertThat(meeting.client.tickets())
                .hasSize(2)
                .noneMatch(ticket -> ticket.terms().allowsEarlyData());
    }

    @Test
    void aClientTakesNoEndOfTickets() {
        var copies = new ArrayList<HandshakeOutput>();
        var meeting = new Meeting(Meeting.endpointClient().build(), server().build()).run();
        var ticket = meeting.server.all(HandshakeOutput.Send.class).getLast();
        for (int count = 0; count < 20; count++) {
            try {
                meeting.client.machine.handleBytes(ticket.level(), ticket.bytes(), Meeting.NOW);
            } catch (TlsException e) {
                throw new AssertionError(e);
            }
        }
        for (var output = meeting.client.machine.pollOutput();
                output.isPresent();
                output = meeting.client.machine.pollOutput()) {
            copies.add(output.get());
        }

        assertThat(copies).hasSize(ClientEstablished.TICKETS_MAX - 2);
    }

    @Test
    void aTicketOfNoLifetimeIsNotKeptAndNoneLongerThanAWeek() {
        var meeting = new Meeting(Meeting.endpointClient().build(), server().build())
                .with(message -> message instanceof NewSessionTicket ticket
                        ? new NewSessionTicket(
                                ticket.nonce().equals(Opaque.copyOf(new byte[1])) ? 0 : 0xffff_ffffL,
                                ticket.ageAdd(),
                                ticket.nonce(),
                                ticket.ticket(),
                                ticket.extensions())
                        : message)
                .run();

        assertThat(meeting.client.tickets())
                .singleElement()
                .satisfies(ticket -> assertThat(ticket.terms().lifetime()).isEqualTo(Duration.ofDays(7)));
    }

    private static ClientHello changedPsk(ClientHello hello, UnaryOperator<Extension.PreSharedKeys> change) {
        return new ClientHello(
                hello.random(),
                hello.legacySessionId(),
                hello.cipherSuites(),
                new Extensions(hello.extensions().all().stream()
                        .map(extension ->
                                extension instanceof Extension.PreSharedKeys psks ? change.apply(psks) : extension)
                        .toList()));
    }

    private static void assertResumed(Meeting meeting, boolean resumed) {
        HandshakeTest.assertAgreement(meeting);
        assertThat(meeting.client.summary().resumed()).isEqualTo(resumed);
    }
}
