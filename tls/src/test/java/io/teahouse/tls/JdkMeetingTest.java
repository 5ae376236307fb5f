package io.teahouse.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ClientTicket;
import io.teahouse.tls.resumption.TicketKeys;
import io.teahouse.tls.schedule.CipherSuite;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our machines meet the JDK's, which nobody here wrote, in records of TLS over TCP. */
class JdkMeetingTest {
    private static final Opaque PROTOCOL = Opaque.ofUtf8("teahouse/1");
    private static final char[] PASSWORD = "secret".toCharArray();

    /** The JDK looks at its own clock, so that this is the real time. */
    private static Instant now;

    private static TestCertificates.Chain chain;
    private static SSLContext context;

    @BeforeAll
    static void setUp() throws Exception {
        now = Instant.now();
        chain = selfSigned("P-256");
        context = context(chain);
    }

    private static TestCertificates.Chain selfSigned(String kindOfKey) {
        var pair = TestCertificates.key(kindOfKey);
        var certificate = new TestCertificates.Request("localhost", pair)
                .names("localhost")
                .between(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(1)))
                .by("localhost", pair);
        return new TestCertificates.Chain(List.of(certificate), pair.getPrivate());
    }

    private static SSLContext context(TestCertificates.Chain chain) throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        store.setKeyEntry("own", chain.key(), PASSWORD, chain.certificates().toArray(Certificate[]::new));
        store.setCertificateEntry("trusted", chain.certificates().getFirst());
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, PASSWORD);
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        var made = SSLContext.getInstance("TLS");
        made.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return made;
    }

    private static SSLEngine engine(SSLContext from, boolean isClient, String suite, String... groups) {
        var engine = from.createSSLEngine("localhost", 4433);
        engine.setUseClientMode(isClient);
        var parameters = new SSLParameters(new String[] {suite}, new String[] {"TLSv1.3"});
        parameters.setApplicationProtocols(new String[] {"teahouse/1"});
        parameters.setEndpointIdentificationAlgorithm(isClient ? "HTTPS" : null);
        if (groups.length > 0) {
            parameters.setNamedGroups(groups);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    private static ClientConfig.Builder client(TestCertificates.Chain trusted) {
        X509Certificate anchor = trusted.certificates().getFirst();
        return ClientConfig.builder(
                        PeerVerifier.certified(Set.of(new TrustAnchor(anchor, null)), "localhost"), List.of(PROTOCOL))
                .withoutQuic();
    }

    private static ServerConfig.Builder server(TestCertificates.Chain own) {
        return ServerConfig.builder(Credential.of(own.certificates(), own.key()), List.of(PROTOCOL))
                .withoutQuic();
    }

    private static TlsRecords startClient(ClientConfig config, Optional<ClientTicket> ticket) {
        var machine = new ClientHandshake(config, Opaque.EMPTY, new SecureRandom());
        machine.start(ticket, now);
        var records = new TlsRecords(machine);
        records.pump();
        return records;
    }

    private static TlsRecords startServer(ServerConfig config) {
        return new TlsRecords(new ServerHandshake(config, Opaque.EMPTY, new SecureRandom()));
    }

    static Stream<Arguments> suitesAndGroups() {
        return Stream.of(CipherSuite.values())
                .flatMap(suite -> Stream.of(NamedGroup.X25519, NamedGroup.SECP256R1, NamedGroup.SECP384R1)
                        .map(group -> Arguments.of(suite, group)));
    }

    @ParameterizedTest
    @MethodSource("suitesAndGroups")
    void ourClientMeetsTheJdksServer(CipherSuite suite, NamedGroup group) throws Exception {
        var ours = startClient(
                client(chain)
                        .suites(suite)
                        .groups(List.of(group), List.of(group))
                        .build(),
                Optional.empty());
        var theirs = engine(context, false, "TLS_" + suite.name());

        converse(ours, theirs);

        assertThat(ours.summary().suite()).isEqualTo(suite);
        assertThat(ours.summary().group()).isEqualTo(group);
    }

    @ParameterizedTest
    @MethodSource("suitesAndGroups")
    void ourServerMeetsTheJdksClient(CipherSuite suite, NamedGroup group) throws Exception {
        var ours = startServer(server(chain).suites(suite).groups(group).build());
        var theirs = engine(context, true, "TLS_" + suite.name(), jdkName(group));

        converse(ours, theirs);

        assertThat(ours.summary().suite()).isEqualTo(suite);
        assertThat(ours.summary().group()).isEqualTo(group);
    }

    @ParameterizedTest
    @ValueSource(strings = {"P-384", "RSA", "Ed25519"})
    void certificatesOfAllKindsAreTakenByBothSides(String kindOfKey) throws Exception {
        var own = selfSigned(kindOfKey);
        var theirContext = context(own);

        converse(
                startClient(client(own).build(), Optional.empty()),
                engine(theirContext, false, "TLS_AES_128_GCM_SHA256"));
        converse(startServer(server(own).build()), engine(theirContext, true, "TLS_AES_128_GCM_SHA256"));
    }

    @Test
    void ourClientIsAskedForAnotherGroup() throws Exception {
        var ours = startClient(client(chain).build(), Optional.empty());

        converse(ours, engine(context, false, "TLS_AES_256_GCM_SHA384", "secp384r1"));

        assertThat(ours.summary().group()).isEqualTo(NamedGroup.SECP384R1);
    }

    @Test
    void ourServerAsksForAnotherGroup() throws Exception {
        var ours = startServer(server(chain).groups(NamedGroup.SECP384R1).build());

        converse(ours, engine(context, true, "TLS_AES_256_GCM_SHA384", "x25519", "secp384r1"));

        assertThat(ours.summary().group()).isEqualTo(NamedGroup.SECP384R1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"})
    void ourClientComesBackToTheJdksServer(String suite) throws Exception {
        var theirContext = context(chain);
        var first = startClient(client(chain).build(), Optional.empty());
        converse(first, engine(theirContext, false, suite));
        ClientTicket ticket = first.outputs.stream()
                .filter(HandshakeOutput.TicketReceived.class::isInstance)
                .map(output -> ((HandshakeOutput.TicketReceived) output).ticket())
                .findFirst()
                .orElseThrow();

        var second = startClient(client(chain).build(), Optional.of(ticket));
        converse(second, engine(theirContext, false, suite));

        assertThat(second.summary().resumed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"})
    void theJdksClientComesBackToOurServer(String suite) throws Exception {
        var theirContext = context(chain);
        var config = server(chain)
                .tickets(new TicketKeys(TicketKeys.DEFAULT_LIFETIME), 2)
                .build();
        var first = startServer(config);
        converse(first, engine(theirContext, true, suite));
        assertThat(first.summary().resumed()).isFalse();

        var second = startServer(config);
        converse(second, engine(theirContext, true, suite));

        assertThat(second.summary().resumed()).isTrue();
    }

    @Test
    void theJdksClientComesBackAndIsAskedForAnotherGroup() throws Exception {
        var theirContext = context(chain);
        var keys = new TicketKeys(TicketKeys.DEFAULT_LIFETIME);
        converse(
                startServer(server(chain).tickets(keys, 2).build()),
                engine(theirContext, true, "TLS_AES_256_GCM_SHA384"));

        var second = startServer(
                server(chain).tickets(keys, 2).groups(NamedGroup.SECP384R1).build());
        converse(second, engine(theirContext, true, "TLS_AES_256_GCM_SHA384"));

        assertThat(second.summary().group()).isEqualTo(NamedGroup.SECP384R1);
        assertThat(second.summary().resumed()).isTrue();
    }

    /** Shakes hands, exports keying material on both sides, and sends something each way. */
    private static void converse(TlsRecords ours, SSLEngine theirs) throws Exception {
        theirs.beginHandshake();
        exchange(ours, theirs, ByteBuffer.allocate(0));
        assertThat(ours.machine.isComplete()).isTrue();
        assertThat(theirs.getApplicationProtocol()).isEqualTo("teahouse/1");
        assertThat(((ExtendedSSLSession) theirs.getSession())
                        .exportKeyingMaterialData("EXPORTER-teahouse", new byte[] {1, 2}, 40))
                .isEqualTo(ours.machine.exportKeyingMaterial("EXPORTER-teahouse", new byte[] {1, 2}, 40));

        ours.send("from us".getBytes(UTF_8));
        String heard = exchange(ours, theirs, ByteBuffer.wrap("from them".getBytes(UTF_8)));

        assertThat(heard).isEqualTo("from us");
        assertThat(ours.received.toString(UTF_8)).isEqualTo("from them");
    }

    /** Carries records to and fro until neither side has any; returns what the JDK's side has heard. */
    private static String exchange(TlsRecords ours, SSLEngine theirs, ByteBuffer theirData) throws Exception {
        var heard = new StringBuilder();
        var toThem = ByteBuffer.allocate(0);
        boolean isQuiet = false;
        while (!isQuiet) {
            isQuiet = true;
            for (Runnable task = theirs.getDelegatedTask(); task != null; task = theirs.getDelegatedTask()) {
                task.run();
                isQuiet = false;
            }
            byte[] fromUs = ours.takeOutput();
            toThem = ByteBuffer.allocate(toThem.remaining() + fromUs.length)
                    .put(toThem)
                    .put(fromUs)
                    .flip();
            if (toThem.hasRemaining() && theirs.getHandshakeStatus() != HandshakeStatus.NEED_WRAP) {
                var plain = ByteBuffer.allocate(1 << 16);
                int before = toThem.remaining();
                theirs.unwrap(toThem, plain);
                heard.append(UTF_8.decode(plain.flip()));
                isQuiet &= before == toThem.remaining();
            }
            var status = theirs.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_WRAP || theirData.hasRemaining()) {
                var records = ByteBuffer.allocate(1 << 16);
                theirs.wrap(theirData, records);
                ours.handleBytes(Arrays.copyOf(records.array(), records.position()), now);
                isQuiet &= records.position() == 0;
            }
        }
        return heard.toString();
    }

    private static String jdkName(NamedGroup group) {
        return switch (group) {
            case X25519 -> "x25519";
            case SECP256R1 -> "secp256r1";
            case SECP384R1 -> "secp384r1";
            case X25519_MLKEM768 -> throw new IllegalArgumentException("not in this JDK");
        };
    }
}
