package io.teahouse.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.tls.certificate.Credential;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.ClientHello;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.HandshakeCodec;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.ServerHello;
import io.teahouse.tls.message.TlsException;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes, their levels, and what is no handshake at all. */
class MessageFlowTest {
    private final SecureRandom random = new SecureRandom();

    private ServerHandshake server() {
        return new ServerHandshake(Meeting.endpointServer().build(), Meeting.SERVER_PARAMETERS, random);
    }

    private static byte[] take(Handshake from, EncryptionLevel level) {
        var bytes = new ByteArrayOutputStream();
        for (var output = from.pollOutput(); output.isPresent(); output = from.pollOutput()) {
            if (output.get() instanceof HandshakeOutput.Send send && send.level() == level) {
                bytes.writeBytes(send.bytes());
            }
        }
        return bytes.toByteArray();
    }

    private byte[] hello() {
        var client = new ClientHandshake(Meeting.endpointClient().build(), Meeting.CLIENT_PARAMETERS, random);
        client.start(Optional.empty(), Meeting.NOW);
        return take(client, EncryptionLevel.INITIAL);
    }

    @Test
    void bytesMayComeOneByOne() throws Exception {
        var server = server();
        for (byte each : hello()) {
            assertThat(server.pollOutput()).isEmpty();
            server.handleBytes(EncryptionLevel.INITIAL, new byte[] {each}, Meeting.NOW);
        }
        assertThat(server.pollOutput()).isPresent();
    }

    @Test
    void nothingMayFollowTheLastMessageOfALevel() {
        byte[] hello = hello();
        byte[] more = Arrays.copyOf(hello, hello.length + 1);
        more[hello.length] = 1;

        isProtocolViolation(() -> server().handleBytes(EncryptionLevel.INITIAL, more, Meeting.NOW));
    }

    @Test
    void aLevelThatIsOverHasNothingMoreToSay() throws Exception {
        var server = server();
        server.handleBytes(EncryptionLevel.INITIAL, hello(), Meeting.NOW);

        isProtocolViolation(() -> server.handleBytes(EncryptionLevel.INITIAL, new byte[] {1}, Meeting.NOW));
    }

    @Test
    void noHandshakeBytesComeInEarlyPackets() {
        isProtocolViolation(() -> server().handleBytes(EncryptionLevel.ZERO_RTT, new byte[] {1}, Meeting.NOW));
    }

    /** RFC 9001, section 8.4. */
    @Test
    void noClientPretendsToSpeakAnOlderVersionOnQuic() throws Exception {
        var hello = (ClientHello) HandshakeCodec.decode(hello());
        var pretending =
                new ClientHello(hello.random(), Opaque.copyOf(new byte[32]), hello.cipherSuites(), hello.extensions());

        isProtocolViolation(
                () -> server().handleBytes(EncryptionLevel.INITIAL, HandshakeCodec.encode(pretending), Meeting.NOW));
    }

    @Test
    void packetsForWhichThereAreNoKeysCannotHaveBeenRead() {
        assertThatThrownBy(() -> server().handleBytes(EncryptionLevel.ONE_RTT, new byte[] {1}, Meeting.NOW))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aKeyUpdateIsOutOfPlaceOnQuic() {
        var meeting = new Meeting(
                        Meeting.endpointClient().build(),
                        Meeting.endpointServer().build())
                .run();
        byte[] keyUpdate = {24, 0, 0, 1, 0};

        for (var side : new Meeting.Side[] {meeting.client, meeting.server}) {
            assertThatThrownBy(() -> side.machine.handleBytes(EncryptionLevel.ONE_RTT, keyUpdate, Meeting.NOW))
                    .isInstanceOfSatisfying(
                            TlsException.class,
                            failure -> assertThat(failure.quicErrorCode()).isEqualTo(0x10a));
        }
    }

    @Test
    void whatHasFailedStaysFailed() {
        var server = server();
        byte[] wrong = {20, 0, 0, 0};
        assertThatThrownBy(() -> server.handleBytes(EncryptionLevel.INITIAL, wrong, Meeting.NOW))
                .isInstanceOf(TlsException.class)
                .hasMessage("finished (expected: client hello)");

        assertThatThrownBy(() -> server.handleBytes(EncryptionLevel.INITIAL, hello(), Meeting.NOW))
                .isInstanceOfSatisfying(
                        TlsException.class,
                        failure -> assertThat(failure.alert()).isEqualTo(Alert.UNEXPECTED_MESSAGE));
        assertThat(server.pollOutput()).isEmpty();
    }

    static Stream<Recordings.Connection> recordings() {
        return Recordings.all();
    }

    /** With the keys of our own server, so that it is not the recorded handshake; but what was said is understood. */
    @ParameterizedTest
    @MethodSource("recordings")
    void ourServerAnswersEveryRecordedClientHello(Recordings.Connection recording) throws Exception {
        var hello = (ClientHello) HandshakeCodec.decode(recording.message("client", "ClientHello"));
        var protocols = hello.extensions()
                .find(Extension.ApplicationProtocols.class)
                .orElseThrow()
                .names();
        var chain = TestCertificates.localhost("P-256");
        var config = hello.extensions().has(Extension.ServerCertificateTypes.class)
                ? ServerConfig.builder(Credential.of(Meeting.SERVER_KEY), protocols)
                        .verifier(PeerVerifier.anyEndpoint())
                : ServerConfig.builder(Credential.of(chain.certificates(), chain.key()), protocols);
        var server = new ServerHandshake(config.build(), Meeting.SERVER_PARAMETERS, random);

        server.handleBytes(EncryptionLevel.INITIAL, recording.message("client", "ClientHello"), Meeting.NOW);

        assertThat(HandshakeCodec.decode(take(server, EncryptionLevel.INITIAL)))
                .isInstanceOfSatisfying(
                        ServerHello.class,
                        answer -> assertThat(answer.cipherSuite())
                                .isEqualTo(hello.cipherSuites().getFirst()));
    }

    /** Whatever a client sends, the server fails by the rules or goes on, and never in another way. */
    @Property(tries = 500)
    void aHelloWithWrongBytesFailsByTheRules(@ForAll long seed) {
        var chance = new Random(seed);
        byte[] bytes = hello();
        int changes = 1 + chance.nextInt(3);
        for (int change = 0; change < changes; change++) {
            bytes[4 + chance.nextInt(bytes.length - 4)] = (byte) chance.nextInt(256);
        }
        try {
            server().handleBytes(EncryptionLevel.INITIAL, bytes, Meeting.NOW);
        } catch (TlsException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }

    /** The same for a client: everything that a server sends in its first flight, with something changed. */
    @Property(tries = 300)
    void aFlightWithWrongBytesFailsByTheRules(@ForAll long seed) throws TlsException {
        var chance = new Random(seed);
        var client = new ClientHandshake(Meeting.endpointClient().build(), Meeting.CLIENT_PARAMETERS, random);
        client.start(Optional.empty(), Meeting.NOW);
        var server = server();
        server.handleBytes(EncryptionLevel.INITIAL, take(client, EncryptionLevel.INITIAL), Meeting.NOW);
        var serverHello = new ByteArrayOutputStream();
        var rest = new ByteArrayOutputStream();
        for (var output = server.pollOutput(); output.isPresent(); output = server.pollOutput()) {
            if (output.get() instanceof HandshakeOutput.Send send) {
                (send.level() == EncryptionLevel.INITIAL ? serverHello : rest).writeBytes(send.bytes());
            }
        }
        byte[] bytes = (chance.nextInt(4) == 0 ? serverHello : rest).toByteArray();
        boolean isHello = bytes.length == serverHello.size();
        bytes[chance.nextInt(bytes.length)] ^= (byte) (1 + chance.nextInt(255));

        assertThatThrownBy(() -> {
                    client.handleBytes(
                            EncryptionLevel.INITIAL, isHello ? bytes : serverHello.toByteArray(), Meeting.NOW);
                    if (hasHandshakeKeys(client)) {
                        client.handleBytes(
                                EncryptionLevel.HANDSHAKE, isHello ? rest.toByteArray() : bytes, Meeting.NOW);
                    }
                    if (!client.isComplete()) {
                        throw new TlsException(Alert.DECODE_ERROR, "it waits for more than was sent");
                    }
                })
                .isInstanceOf(TlsException.class);
    }

    private static boolean hasHandshakeKeys(Handshake client) {
        boolean has = false;
        for (var output = client.pollOutput(); output.isPresent(); output = client.pollOutput()) {
            has |= output.get() instanceof HandshakeOutput.ReadSecret;
        }
        return has;
    }

    private static void isProtocolViolation(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        TlsException.class,
                        failure -> assertThat(failure.quicErrorCode()).isEqualTo(0x0a));
    }
}
