package io.teahouse.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ClientTicket;
import io.teahouse.tls.resumption.ReplayGuard;
import io.teahouse.tls.resumption.TicketKeys;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.TrafficSecret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tech.kwik.agent15.NewSessionTicket;
import tech.kwik.agent15.ProtectionKeysType;
import tech.kwik.agent15.TlsConstants;
import tech.kwik.agent15.TlsProtocolException;
import tech.kwik.agent15.engine.ClientMessageSender;
import tech.kwik.agent15.engine.ServerMessageSender;
import tech.kwik.agent15.engine.TlsClientEngine;
import tech.kwik.agent15.engine.TlsClientEngineFactory;
import tech.kwik.agent15.engine.TlsEngine;
import tech.kwik.agent15.engine.TlsMessageParser;
import tech.kwik.agent15.engine.TlsServerEngine;
import tech.kwik.agent15.engine.TlsServerEngineFactory;
import tech.kwik.agent15.engine.TlsStatusEventHandler;
import tech.kwik.agent15.extension.ApplicationLayerProtocolNegotiationExtension;
import tech.kwik.agent15.extension.EarlyDataExtension;
import tech.kwik.agent15.extension.Extension;
import tech.kwik.agent15.handshake.CertificateMessage;
import tech.kwik.agent15.handshake.CertificateVerifyMessage;
import tech.kwik.agent15.handshake.ClientHello;
import tech.kwik.agent15.handshake.EncryptedExtensions;
import tech.kwik.agent15.handshake.FinishedMessage;
import tech.kwik.agent15.handshake.NewSessionTicketMessage;
import tech.kwik.agent15.handshake.ServerHello;

/** Our machines meet another TLS for QUIC: messages as they are, transport parameters, tickets and early data. */
class QuicTlsMeetingTest {
    private static final Opaque PROTOCOL = Opaque.ofUtf8("teahouse/1");
    private static final char[] PASSWORD = "secret".toCharArray();
    private static final String ALIAS = "own";
    private static final List<TlsConstants.SignatureScheme> SCHEMES =
            List.of(TlsConstants.SignatureScheme.ecdsa_secp256r1_sha256);

    private TestCertificates.Chain chain;
    private Instant now;

    /** They look at their own clock, so that this is the real time. */
    @BeforeEach
    void setUp() {
        now = Instant.now();
        var pair = TestCertificates.key("P-256");
        var certificate = new TestCertificates.Request("localhost", pair)
                .names("localhost")
                .between(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(1)))
                .by("localhost", pair);
        chain = new TestCertificates.Chain(List.of(certificate), pair.getPrivate());
    }

    /** What they say, at our levels, and what they hear of. */
    private static final class Theirs implements ClientMessageSender, ServerMessageSender, TlsStatusEventHandler {
        private final List<HandshakeOutput.Send> said = new ArrayList<>();
        private final List<NewSessionTicket> tickets = new ArrayList<>();
        private final TlsMessageParser parser = new TlsMessageParser();
        private boolean isFinished;
        private boolean takesEarlyData;

        private void say(EncryptionLevel level, byte[] bytes) {
            said.add(new HandshakeOutput.Send(level, bytes));
        }

        void hear(HandshakeOutput.Send send, TlsEngine engine) throws TlsProtocolException, IOException {
            parser.parseAndProcessHandshakeMessage(
                    ByteBuffer.wrap(send.bytes()),
                    engine,
                    switch (send.level()) {
                        case INITIAL, ZERO_RTT -> ProtectionKeysType.None;
                        case HANDSHAKE -> ProtectionKeysType.Handshake;
                        case ONE_RTT -> ProtectionKeysType.Application;
                    });
        }

        @Override
        public void send(ClientHello message) {
            say(EncryptionLevel.INITIAL, message.getBytes());
        }

        @Override
        public void send(ServerHello message) {
            say(EncryptionLevel.INITIAL, message.getBytes());
        }

        @Override
        public void send(EncryptedExtensions message) {
            say(EncryptionLevel.HANDSHAKE, message.getBytes());
        }

        @Override
        public void send(CertificateMessage message) {
            say(EncryptionLevel.HANDSHAKE, message.getBytes());
        }

        @Override
        public void send(CertificateVerifyMessage message) {
            say(EncryptionLevel.HANDSHAKE, message.getBytes());
        }

        @Override
        public void send(FinishedMessage message) {
            say(EncryptionLevel.HANDSHAKE, message.getBytes());
        }

        @Override
        public void send(NewSessionTicketMessage message) {
            say(EncryptionLevel.ONE_RTT, message.getBytes());
        }

        @Override
        public void earlySecretsKnown() {}

        @Override
        public void handshakeSecretsKnown() {}

        @Override
        public void handshakeFinished() {
            isFinished = true;
        }

        @Override
        public void newSessionTicketReceived(NewSessionTicket ticket) {
            tickets.add(ticket);
        }

        @Override
        public void extensionsReceived(List<Extension> extensions) {
            takesEarlyData |= extensions.stream().anyMatch(EarlyDataExtension.class::isInstance);
        }

        @Override
        public boolean isEarlyDataAccepted() {
            return takesEarlyData;
        }
    }

    /** quic_transport_parameters with one unknown parameter. */
    private static final class Parameters extends Extension {
        @Override
        public byte[] getBytes() {
            return new byte[] {0, 57, 0, 3, 0x1b, 1, 7};
        }
    }

    private static final Opaque THEIR_PARAMETERS = Opaque.copyOf(new byte[] {0x1b, 1, 7});

    /** Carries messages to and fro; returns what has come out of our machine. */
    private List<HandshakeOutput> converse(Handshake ours, Theirs theirs, TlsEngine engine) throws Exception {
        var outputs = new ArrayList<HandshakeOutput>();
        boolean isQuiet = false;
        while (!isQuiet) {
            isQuiet = true;
            for (var output = ours.pollOutput(); output.isPresent(); output = ours.pollOutput()) {
                outputs.add(output.get());
                if (output.get() instanceof HandshakeOutput.Send send) {
                    theirs.hear(send, engine);
                    isQuiet = false;
                }
            }
            var said = List.copyOf(theirs.said);
            theirs.said.clear();
            for (var send : said) {
                ours.handleBytes(send.level(), send.bytes(), now);
                isQuiet = false;
            }
        }
        assertThat(ours.isComplete()).isTrue();
        assertThat(theirs.isFinished).isTrue();
        return outputs;
    }

    private static void assertSameSecrets(List<HandshakeOutput> outputs, boolean weAreClient, TlsEngine engine) {
        var suite = summary(outputs).suite();
        var client = weAreClient ? writeSecrets(outputs) : readSecrets(outputs);
        var server = weAreClient ? readSecrets(outputs) : writeSecrets(outputs);
        assertThat(client)
                .contains(new TrafficSecret(suite, engine.getClientHandshakeTrafficSecret()))
                .contains(new TrafficSecret(suite, engine.getClientApplicationTrafficSecret()));
        assertThat(server)
                .contains(new TrafficSecret(suite, engine.getServerHandshakeTrafficSecret()))
                .contains(new TrafficSecret(suite, engine.getServerApplicationTrafficSecret()));
        if (summary(outputs).earlyDataAccepted()) {
            assertThat(client).contains(new TrafficSecret(suite, engine.getClientEarlyTrafficSecret()));
        }
    }

    private static List<TrafficSecret> readSecrets(List<HandshakeOutput> outputs) {
        return outputs.stream()
                .filter(HandshakeOutput.ReadSecret.class::isInstance)
                .map(output -> ((HandshakeOutput.ReadSecret) output).secret())
                .toList();
    }

    private static List<TrafficSecret> writeSecrets(List<HandshakeOutput> outputs) {
        return outputs.stream()
                .filter(HandshakeOutput.WriteSecret.class::isInstance)
                .map(output -> ((HandshakeOutput.WriteSecret) output).secret())
                .toList();
    }

    private static HandshakeSummary summary(List<HandshakeOutput> outputs) {
        return outputs.stream()
                .filter(HandshakeOutput.Completed.class::isInstance)
                .map(output -> ((HandshakeOutput.Completed) output).summary())
                .findFirst()
                .orElseThrow();
    }

    // Their client.

    private TlsClientEngine theirClient(Theirs theirs, CipherSuite suite) {
        var engine = TlsClientEngineFactory.createClientEngine(theirs, theirs);
        engine.setServerName("localhost");
        engine.setCompatibilityMode(false);
        engine.addSupportedCiphers(List.of(theirName(suite)));
        engine.add(new ApplicationLayerProtocolNegotiationExtension("teahouse/1"));
        engine.add(new Parameters());
        engine.setTrustManager(new TrustsAll());
        return engine;
    }

    private ServerConfig ourServer(TicketKeys keys, ReplayGuard guard) {
        return ServerConfig.builder(Credential.of(chain.certificates(), chain.key()), List.of(PROTOCOL))
                .tickets(keys, 2)
                .earlyData(guard, Opaque.EMPTY)
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void theirClientMeetsOurServerAndComesBackWithEarlyData(CipherSuite suite) throws Exception {
        var config = ourServer(new TicketKeys(TicketKeys.DEFAULT_LIFETIME), new ReplayGuard());
        var first = new Theirs();
        var engine = theirClient(first, suite);
        engine.startHandshake(TlsConstants.NamedGroup.x25519, SCHEMES);
        var outputs =
                converse(new ServerHandshake(config, Meeting.SERVER_PARAMETERS, new SecureRandom()), first, engine);
        assertSameSecrets(outputs, false, engine);
        assertThat(outputs).contains(new HandshakeOutput.PeerTransportParameters(THEIR_PARAMETERS));
        assertThat(summary(outputs).resumed()).isFalse();
        assertThat(first.tickets).hasSize(2);
        assertThat(first.tickets.getFirst().hasEarlyDataExtension()).isTrue();

        var second = new Theirs();
        var again = theirClient(second, suite);
        again.setNewSessionTicket(first.tickets.getFirst());
        again.add(new EarlyDataExtension());
        again.startHandshake(TlsConstants.NamedGroup.x25519, SCHEMES);
        outputs = converse(new ServerHandshake(config, Meeting.SERVER_PARAMETERS, new SecureRandom()), second, again);

        assertThat(summary(outputs).resumed()).isTrue();
        assertThat(summary(outputs).earlyDataAccepted()).isTrue();
        assertThat(second.takesEarlyData).as("told to take early data").isTrue();
        assertSameSecrets(outputs, false, again);
    }

    // Their server.

    private TlsServerEngineFactory theirServers() throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        store.setKeyEntry(ALIAS, chain.key(), PASSWORD, chain.certificates().toArray(Certificate[]::new));
        return new TlsServerEngineFactory(store, ALIAS, PASSWORD);
    }

    private List<HandshakeOutput> meetTheirServer(
            TlsServerEngineFactory servers, Optional<ClientTicket> ticket, boolean takesEarlyData) throws Exception {
        var theirs = new Theirs();
        TlsServerEngine engine = servers.createServerEngine(theirs, theirs);
        engine.addSupportedCiphers(List.of(theirName(CipherSuite.AES_128_GCM_SHA256)));
        engine.setSelectedApplicationLayerProtocol("teahouse/1");
        engine.addServerExtensions(new ApplicationLayerProtocolNegotiationExtension("teahouse/1"));
        engine.addServerExtensions(new Parameters());
        engine.setSessionData(new byte[] {1});
        engine.setSessionDataVerificationCallback(_ -> takesEarlyData);
        theirs.takesEarlyData = takesEarlyData;
        var anchors = Set.of(new TrustAnchor(chain.certificates().getFirst(), null));
        var config = ClientConfig.builder(PeerVerifier.certified(anchors, "localhost"), List.of(PROTOCOL))
                .suites(CipherSuite.AES_128_GCM_SHA256)
                .build();
        var client = new ClientHandshake(config, Meeting.CLIENT_PARAMETERS, new SecureRandom());
        client.start(ticket, now);

        var outputs = converse(client, theirs, engine);

        assertSameSecrets(outputs, true, engine);
        assertThat(outputs).contains(new HandshakeOutput.PeerTransportParameters(THEIR_PARAMETERS));
        return outputs;
    }

    @Test
    void ourClientMeetsTheirServerAndComesBack() throws Exception {
        var servers = theirServers();
        var first = meetTheirServer(servers, Optional.empty(), false);
        assertThat(summary(first).resumed()).isFalse();
        ClientTicket ticket = first.stream()
                .filter(HandshakeOutput.TicketReceived.class::isInstance)
                .map(output -> ((HandshakeOutput.TicketReceived) output).ticket())
                .findFirst()
                .orElseThrow();

        var second = meetTheirServer(servers, Optional.of(ticket), true);

        assertThat(summary(second).resumed()).isTrue();
        assertThat(summary(second).earlyDataAccepted()).isTrue();
    }

    private static TlsConstants.CipherSuite theirName(CipherSuite suite) {
        return TlsConstants.CipherSuite.valueOf("TLS_" + suite.name());
    }

    /** Whom they trust is not what is tested here. */
    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] certificates, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] certificates, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
