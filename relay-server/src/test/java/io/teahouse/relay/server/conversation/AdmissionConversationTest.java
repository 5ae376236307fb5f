package io.teahouse.relay.server.conversation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.FrameCodec;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.protocol.RelayFrame;
import io.teahouse.relay.server.RelayServer;
import io.teahouse.relay.server.RelayServerConfig.Timeouts;
import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.AccessControl.Decision;
import io.teahouse.relay.server.access.ConnectRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lets access control decide, in every way it can, and sees who gets in (iroh relay spec, sections 3.4 and 5). */
@Conversation
@EveryTransport
class AdmissionConversationTest {
    private static final SecretKey KEY = ScriptedClient.newKey();
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(300);

    private static RelayServer start(AccessControl access) throws IOException {
        return RelayServer.builder()
                .access(access)
                .metrics(Counters.ADDRESS)
                .timeouts(new Timeouts(LONG, LONG, LONG, LONG))
                .start();
    }

    private static void expectDenied(ScriptedClient client, String reason) throws IOException {
        var message = client.nextMessage();
        byte[] words = reason.getBytes(UTF_8);
        // The length in the form of LEB128: seven bits a byte, the lowest first.
        byte[] head = words.length < 128
                ? new byte[] {3, (byte) words.length}
                : new byte[] {3, (byte) (words.length | 0x80), (byte) (words.length >>> 7)};
        assertThat(message).isEqualTo(Bytes.join(head, words));
        var rest = client.readToEnd();
        assertThat(rest).hasSize(1);
        assertThat(rest.getFirst().isClose()).isTrue();
        assertThat(rest.getFirst().closeCode()).isEqualTo(1008);
        // What fits into a close frame of what was said, cut between characters.
        var payload = rest.getFirst().payload();
        assertThat(reason).startsWith(new String(payload, 2, payload.length - 2, UTF_8));
    }

    private static ScriptedClient proved(RelayServer relay) throws IOException {
        var client = ScriptedClient.connect(relay);
        client.upgrade(ProtocolVersion.V2);
        client.answerChallenge(ScriptedClient.newKey());
        return client;
    }

    // ---- what is decided -----------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientThatIsDeniedHearsTheReasonWordForWord(boolean mayBlock) throws IOException {
        for (var reason : new String[] {"", "no", "caf\u00e9 \u2615 closed", "long: " + "\u2615".repeat(200)}) {
            var access = RecordingAccess.of(mayBlock, _ -> Decision.deny(reason));
            try (var relay = start(access);
                    var client = proved(relay)) {
                expectDenied(client, reason);

                assertThat(Counters.of(relay).get("handshakes_failed", "denied"))
                        .isEqualTo(1);
                assertThat(relay.connectedEndpoints()).isZero();
            }
            assertThat(access.asked()).hasSize(1);
            assertThat(access.ended()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientThatIsDeniedWithoutReasonIsNotAuthorized(boolean mayBlock) throws IOException {
        try (var relay = start(RecordingAccess.of(mayBlock, _ -> Decision.deny()));
                var client = proved(relay)) {
            expectDenied(client, "not authorized");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whateverAccessControlThrowsIsADenialAndHarmsNobodyElse(boolean mayBlock) throws IOException {
        var good = ScriptedClient.newKey();
        var failures = Map.<String, Throwable>of(
                "checked", new IOException("thrown by a test"),
                "unchecked", new IllegalStateException("thrown by a test"),
                "interrupt", new InterruptedException("thrown by a test"),
                "nothing", new NullPointerException("not thrown, but met"),
                "error", new StackOverflowError("thrown by a test"));
        var access = RecordingAccess.of(mayBlock, request -> {
            var failure = failures.get(request.authToken().orElse(""));
            if (failure instanceof NullPointerException) {
                return nothing();
            }
            if (failure != null) {
                throw sneaky(failure);
            }
            return Decision.allow();
        });
        try (var relay = start(access);
                var witness = ScriptedClient.admitted(relay, good)) {
            for (var name : failures.keySet()) {
                try (var client = ScriptedClient.connect(relay)) {
                    client.upgrade(ProtocolVersion.V2, "Authorization: Bearer " + name);
                    client.answerChallenge(ScriptedClient.newKey());

                    expectDenied(client, "not authorized");
                }
            }
            witness.expectQuietAndAlive();
            assertThat(Counters.of(relay).get("handshakes_failed", "denied")).isEqualTo(failures.size());
        }
        assertThat(access.ended()).hasSize(1);
    }

    /** What no access control written with care returns. */
    @SuppressWarnings("NullAway")
    private static Decision nothing() {
        return null;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> Exception sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void listsLetInWhomTheyName() throws IOException {
        var named = ScriptedClient.newKey();
        try (var onlyNamed = start(AccessControl.allowlist(Set.of(named.endpointId())));
                var allButNamed = start(AccessControl.denylist(Set.of(named.endpointId())))) {
            ScriptedClient.admitted(onlyNamed, named).close();
            ScriptedClient.admitted(allButNamed, ScriptedClient.newKey()).close();
            try (var denied = proved(onlyNamed)) {
                expectDenied(denied, "not authorized");
            }
            try (var denied = ScriptedClient.connect(allButNamed)) {
                denied.upgrade(ProtocolVersion.V1);
                denied.answerChallenge(named);
                expectDenied(denied, "not authorized");
            }
        }
    }

    // ---- what access control is told -----------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theRequestIsToldAsItCame(boolean mayBlock) throws IOException {
        var access = RecordingAccess.of(mayBlock, _ -> Decision.allow());
        var key = ScriptedClient.newKey();
        try (var relay = start(access);
                var client = ScriptedClient.connect(relay)) {
            var target = "/relay?b=2&a=1&a=%C3%A9+x&&flag&=v&token=from-query";
            var reply = client.exchange(ScriptedClient.upgradeRequest(
                    target, ProtocolVersion.V1, "X-Mixed-Case: One", "x-mixed-case: two", "Authorization: Basic zzz"));
            assertThat(reply.status()).isEqualTo(101);
            client.answerChallenge(key);
            assertThat(client.nextMessage()).containsExactly(2);

            ConnectRequest request = access.asked().getFirst();
            assertThat(request.endpointId()).isEqualTo(key.endpointId());
            assertThat(request.protocolVersion()).isEqualTo(ProtocolVersion.V1);
            assertThat(request.uri()).isEqualTo(target);
            assertThat(request.query())
                    .containsExactly(
                            Map.entry("b", "2"),
                            Map.entry("a", "1"),
                            Map.entry("a", "\u00e9 x"),
                            Map.entry("flag", ""),
                            Map.entry("", "v"),
                            Map.entry("token", "from-query"));
            assertThat(request.headers())
                    .containsSubsequence(
                            Map.entry("Host", "localhost"),
                            Map.entry("Upgrade", "websocket"),
                            Map.entry("X-Mixed-Case", "One"),
                            Map.entry("x-mixed-case", "two"));
            assertThat(request.authToken()).contains("from-query");
            assertThat(request.remoteAddress()).isEqualTo(client.wire().localAddress());
            assertThat(request.toString()).doesNotContain("from-query").doesNotContain("zzz");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "/relay; Bearer tok; ; tok",
                "/relay; bEaReR tok; ; tok",
                "/relay; Bearer a b; ; a b",
                "/relay?token=q; Bearer tok; ; tok",
                "/relay?token=q; Basic x; Bearer tok; tok",
                "/relay?token=q; Basic x; ; q",
                "/relay?token=q; Bearer; ; q",
                "/relay?token=q; Bearerx y; ; q",
                "/relay; Bearer one; Bearer two; one",
                "/relay?%74oken=%74ok; ; ; tok",
                "/relay?token=a+b; ; ; a b",
                "/relay?token=one&token=two; ; ; one",
                "/relay?x=y; ; ; ",
                "/relay?Token=q; ; ; ",
                "/relay?token=q; Bearer \u00e9; ; "
            })
    void theTokenIsThatOfTheFirstBearerHeaderElseThatOfTheQuery(
            String target, String first, String second, String token) throws IOException {
        var access = RecordingAccess.direct(_ -> Decision.allow());
        try (var relay = start(access);
                var client = ScriptedClient.connect(relay)) {
            var headers = Arrays.asList(first, second).stream()
                    .filter(value -> value != null)
                    .map(value -> "Authorization: " + value)
                    .toArray(String[]::new);
            client.exchange(ScriptedClient.upgradeRequest(target, ProtocolVersion.V2, headers));
            client.answerChallenge(ScriptedClient.newKey());
            assertThat(client.nextMessage()).containsExactly(2);

            assertThat(access.asked().getFirst().authToken()).isEqualTo(Optional.ofNullable(token));
        }
    }

    @Test
    void everyConnectionHasANumberOfItsOwnAlsoAcrossRelays() throws IOException {
        var access = RecordingAccess.direct(_ -> Decision.allow());
        var key = ScriptedClient.newKey();
        try (var one = start(access);
                var two = start(access)) {
            for (int i = 0; i < 3; i++) {
                ScriptedClient.admitted(one, key).close();
                ScriptedClient.admitted(two, key).close();
            }
        }
        assertThat(access.asked()).extracting(ConnectRequest::connectionId).doesNotHaveDuplicates();
        assertThat(access.ended()).hasSize(6);
    }

    // ---- while it is decided -------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void framesRightBehindTheProofAreHandledBehindTheConfirmation(boolean mayBlock) throws IOException {
        var key = ScriptedClient.newKey();
        try (var relay = start(RecordingAccess.of(mayBlock, _ -> Decision.allow()));
                var client = ScriptedClient.connect(relay)) {
            client.upgrade(ProtocolVersion.V2);
            var auth = ScriptedClient.authFor(key, client.nextMessage());
            var datagram = ScriptedClient.datagram(key.endpointId(), Bytes.numbered(8, 2000));
            client.wire()
                    .write(Bytes.join(
                            WebSocketFrame.masked(WebSocketFrame.BINARY, auth),
                            WebSocketFrame.masked(WebSocketFrame.BINARY, FrameCodec.encode(new RelayFrame.Ping(5))),
                            WebSocketFrame.masked(WebSocketFrame.PING, new byte[] {6}),
                            WebSocketFrame.masked(false, WebSocketFrame.BINARY, Arrays.copyOf(datagram, 50))));
            client.wire()
                    .write(WebSocketFrame.masked(
                            true, WebSocketFrame.CONTINUATION, Arrays.copyOfRange(datagram, 50, datagram.length)));

            assertThat(client.nextMessage()).containsExactly(2);
            // The pong of WebSocket and that of the relay protocol need not be in the order of their pings.
            var pongs = Stream.of(client.nextFrame(), client.nextFrame());
            assertThat(pongs)
                    .extracting(WebSocketFrame::toString)
                    .containsExactlyInAnyOrder("frame 10: 06", "frame 2: 0a0000000000000005");
            assertThat(client.nextDatagram(key.endpointId())).isEqualTo(Bytes.numbered(8, 2000));
        }
    }

    @Test
    void aDecisionThatBlocksHoldsUpNobodyElse() throws IOException {
        var decided = new CountDownLatch(1);
        var slowKey = ScriptedClient.newKey();
        var access = RecordingAccess.blocking(request -> {
            if (request.endpointId().equals(slowKey.endpointId())) {
                decided.await();
            }
            return Decision.allow();
        });
        try (var relay = start(access);
                var slow = ScriptedClient.connect(relay)) {
            slow.upgrade(ProtocolVersion.V2);
            slow.answerChallenge(slowKey);
            Await.until("access control is asked", () -> !access.asked().isEmpty());

            try (var other = ScriptedClient.admitted(relay, ScriptedClient.newKey())) {
                other.expectQuietAndAlive();
                // Not let in yet, so not there.
                other.sendDatagram(slowKey.endpointId(), "too early");
                other.expectQuietAndAlive();
            }
            decided.countDown();

            assertThat(slow.nextMessage()).containsExactly(2);
            slow.expectQuietAndAlive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"closes", "resets"})
    void aClientThatLeavesWhileItIsDecidedIsGoneOnceIfItWasAllowed(String how) throws IOException {
        var decided = new CountDownLatch(1);
        var access = RecordingAccess.blocking(_ -> {
            awaitDeafly(decided);
            return Decision.allow();
        });
        try (var relay = start(access)) {
            try (var client = proved(relay)) {
                Await.until("access control is asked", () -> !access.asked().isEmpty());
                if (how.equals("resets")) {
                    client.wire().reset();
                }
            }
            assertThat(access.ended()).isEmpty();

            decided.countDown();

            Await.until("access control is told", () -> !access.ended().isEmpty());
            Await.until("nobody is connected", () -> relay.connectedEndpoints() == 0);
        }
        var request = access.asked().getFirst();
        assertThat(access.ended())
                .containsExactly(new RecordingAccess.Ended(request.endpointId(), request.connectionId()));
    }

    @Test
    void aClientThatLeavesAndWasDeniedWasNeverThere() throws IOException {
        var decided = new CountDownLatch(1);
        var access = RecordingAccess.blocking(_ -> {
            awaitDeafly(decided);
            return Decision.deny();
        });
        try (var relay = start(access)) {
            try (var client = proved(relay)) {
                Await.until("access control is asked", () -> !access.asked().isEmpty());
                client.wire().reset();
            }
            decided.countDown();
        }
        assertThat(access.ended()).isEmpty();
    }

    /** Waits whatever happens, as code does that knows no interrupts. */
    private static void awaitDeafly(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                if (!latch.await(Wire.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new AssertionError("nobody let this decision be made");
                }
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aDecisionThatTakesTooLongIsInterruptedAndTheClientClosed() throws Exception {
        var interrupted = new CountDownLatch(1);
        var access = RecordingAccess.blocking(_ -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return Decision.allow();
        });
        try (var relay = RelayServer.builder()
                        .access(access)
                        .timeouts(new Timeouts(SHORT, LONG, LONG, LONG))
                        .start();
                var client = proved(relay)) {
            client.expectClosed(1008);

            assertThat(interrupted.await(Wire.PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .isTrue();
            // It did allow the client, though too late.
            Await.until("access control is told", () -> !access.ended().isEmpty());
        }
        assertThat(access.ended()).hasSize(1);
    }

    @Test
    void aDecisionIsInterruptedWhenTheRelayCloses() throws Exception {
        var interrupted = new CountDownLatch(1);
        var access = RecordingAccess.blocking(_ -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return Decision.allow();
        });
        var relay = start(access);
        try (var client = proved(relay)) {
            Await.until("access control is asked", () -> !access.asked().isEmpty());

            relay.close();

            assertThat(interrupted.await(Wire.PATIENCE.toMillis(), TimeUnit.MILLISECONDS))
                    .isTrue();
            client.expectClosed(1001);
            Await.until("access control is told", () -> !access.ended().isEmpty());
            assertThat(access.ended()).hasSize(1);
        } finally {
            relay.close();
        }
    }

    // ---- from the loop that shakes hands to the one that forwards -------------------------------------------------

    /** However far a client has come when it is gone, the end of one that was allowed is told once, and nothing is left. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoLeavesWhileItIsLetInLeavesNothingBehind(boolean mayBlock) throws IOException {
        int clients = 200;
        var access = RecordingAccess.of(mayBlock, _ -> Decision.allow());
        try (var relay = start(access)) {
            for (int i = 0; i < clients; i++) {
                proved(relay).hangUp();
            }
            Await.until(
                    "every connection is over",
                    () -> Counters.of(relay).get("http_connections_closed") == clients
                            && access.ended().size() == access.asked().size());
            assertThat(relay.connectedEndpoints()).isZero();
            assertThat(Counters.of(relay).get("accepts"))
                    .isEqualTo(Counters.of(relay).get("disconnects"));
            assertThat(access.ended()).doesNotHaveDuplicates();
        }
    }

    @Test
    void whatAClientSendsBehindItsProofIsForwardedInOrder() throws IOException {
        try (var relay = start(AccessControl.everyone());
                var receiver = ScriptedClient.admitted(relay, KEY)) {
            for (int i = 0; i < 50; i++) {
                var sender = ScriptedClient.newKey();
                try (var client = ScriptedClient.connect(relay)) {
                    client.upgrade(ProtocolVersion.V2);
                    client.answerChallenge(sender);
                    client.sendDatagram(KEY.endpointId(), "first");
                    client.sendDatagram(KEY.endpointId(), "second");
                    receiver.expectDatagram(sender.endpointId(), "first");
                    receiver.expectDatagram(sender.endpointId(), "second");
                }
                receiver.expect(new RelayFrame.EndpointGone(sender.endpointId()));
            }
        }
    }
}
