package io.teahouse.relay.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.teahouse.core.EndpointId;
import io.teahouse.core.SecretKey;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.access.AccessControl.Decision;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import io.teahouse.relay.server.time.MonotonicClock;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Asks services of every kind who may come in; what goes over the wire is what the reference sends (iroh relay spec, section 6). */
@Timeout(60)
@Execution(ExecutionMode.SAME_THREAD) // they look at the log
class CalloutRuleTest {
    private static final EndpointId ID = newId();
    private static final String YES = ScriptedService.answer(200, "true");
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final Duration LONG = Duration.ofSeconds(30);

    /** The logging framework forgets what is set at a logger, unless somebody keeps hold of it. */
    private static final Logger LOGGER = Logger.getLogger(CalloutRule.class.getName());

    private final AtomicLong nanos = new AtomicLong();

    @BeforeAll
    static void keepTheConsoleQuiet() {
        LOGGER.setUseParentHandlers(false);
    }

    @AfterAll
    static void letOthersSeeTheLog() {
        LOGGER.setUseParentHandlers(true);
    }

    // ---- the request ---------------------------------------------------------------------------------------------

    @Test
    void theRequestIsTheReferencesToTheByte() throws Exception {
        try (var service = ScriptedService.start(_ -> YES)) {
            var callout = HttpCallout.of(service.url("/may?x=%20y&z"));

            assertThat(decide(callout, ID)).isEqualTo(Decision.allow());
            assertThat(decide(withToken(callout, "a token"), ID)).isEqualTo(Decision.allow());

            String id = "x-iroh-endpoint-id: %1$s\r\nx-iroh-nodeid: %1$s\r\n".formatted(ID);
            String rest = "accept: */*\r\nhost: localhost:%d\r\n\r\n".formatted(service.port());
            assertThat(ID.toString()).hasSize(64);
            assertThat(service.requests())
                    .containsExactly(
                            "POST /may?x=%20y&z HTTP/1.1\r\n" + id + rest,
                            "POST /may?x=%20y&z HTTP/1.1\r\n" + id + "authorization: Bearer a token\r\n" + rest);
        }
    }

    @Test
    void theClientsAddressIsToldWhereThatIsWanted() throws Exception {
        try (var service = ScriptedService.start(_ -> YES)) {
            var callout = new HttpCallout(service.url("/"), Optional.empty(), LONG, Duration.ZERO, false, 1, true);

            rule(callout).onConnect(request(ID, "192.0.2.7"));
            rule(callout).onConnect(request(ID, "fe80::7%1"));

            assertThat(service.requests().getFirst()).endsWith("\r\nx-teahouse-client-ip: 192.0.2.7\r\n\r\n");
            assertThat(service.requests().getLast()).endsWith("\r\nx-teahouse-client-ip: fe80:0:0:0:0:0:0:7\r\n\r\n");
        }
    }

    // ---- the answer ----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ntrue",
                "HTTP/1.1 200 OK\r\n\r\ntrue\0",
                "HTTP/1.0 200\r\n\r\ntrue\0",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\ntru\r\n1;x=y\r\ne\r\n0\r\nz: 1\r\n\r\n",
                "HTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue",
            })
    void status200WithTrueLetsIn(String answer) throws Exception {
        assertThat(decideBy(answer, false)).isEqualTo(Decision.allow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\ntrue\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfalse",
                "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nTrue",
                "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n\"true\"",
                "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
                "HTTP/1.1 201 Created\r\ncontent-length: 4\r\n\r\ntrue",
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 302 Found\r\nlocation: /yes\r\ncontent-length: 4\r\n\r\ntrue",
                "HTTP/1.1 403 Forbidden\r\ncontent-length: 4\r\n\r\ntrue",
                "HTTP/1.1 404 Not Found\r\n\r\ntrue\0",
            })
    void everythingElseThatIsAnAnswerDenies(String answer) throws Exception {
        assertThat(decideBy(answer, false)).isEqualTo(Decision.deny(Denial.SERVICE));
        assertThat(decideBy(answer, true)).isEqualTo(Decision.deny(Denial.SERVICE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 500 Oh\r\ncontent-length: 4\r\n\r\ntrue",
                "HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n",
                "\0",
                "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ntru\0",
                "HTTP/1.1 200 OK\r\ncontent-len\0",
                "HTTP/2 200\r\n\r\ntrue\0",
                "220 mail.example ESMTP\r\n",
            })
    void whatIsNoAnswerDeniesUnlessTheRelayFailsOpen(String answer) throws Exception {
        assertThat(decideBy(answer, false)).isEqualTo(Decision.deny(Denial.SERVICE_FAILED));
        assertThat(decideBy(answer, true)).isEqualTo(Decision.allow());
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        try (var target = ScriptedService.start(_ -> YES);
                var service = ScriptedService.start(_ ->
                        "HTTP/1.1 307 There\r\nlocation: %s\r\ncontent-length: 0\r\n\r\n".formatted(target.url("/")))) {
            assertThat(decide(HttpCallout.of(service.url("/")), ID)).isEqualTo(Decision.deny(Denial.SERVICE));
            assertThat(target.connections()).isZero();
            assertThat(service.requests()).hasSize(1);
        }
    }

    @Test
    void aServiceThatDoesNotAnswerIsWaitedForNoLongerThanSaid() throws Exception {
        var never = new CountDownLatch(1);
        try (var service = ScriptedService.start(_ -> {
            never.await();
            return YES;
        })) {
            assertThat(decide(callout(service, SHORT, false, 1), ID)).isEqualTo(Decision.deny(Denial.SERVICE_FAILED));
            assertThat(decide(callout(service, SHORT, true, 1), ID)).isEqualTo(Decision.allow());
        } finally {
            never.countDown();
        }
    }

    @Test
    void aServiceThatNeverFinishesIsWaitedForNoLongerThanSaid() throws Exception {
        try (var service = ScriptedService.start(_ -> "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ntru")) {
            var rule = rule(callout(service, SHORT, false, 1));
            // More than once: each of them has to give its place back.
            for (int i = 0; i < 3; i++) {
                assertThat(rule.onConnect(request(ID, "192.0.2.1"))).isEqualTo(Decision.deny(Denial.SERVICE_FAILED));
            }
        }
    }

    @Test
    void nobodyThereDeniesUnlessTheRelayFailsOpen() throws Exception {
        URI url;
        try (var service = ScriptedService.start(_ -> YES)) {
            url = service.url("/");
        }
        var callout = HttpCallout.of(url);
        assertThat(decide(callout, ID)).isEqualTo(Decision.deny(Denial.SERVICE_FAILED));
        assertThat(decide(new HttpCallout(url, Optional.empty(), LONG, Duration.ZERO, true, 1, false), ID))
                .isEqualTo(Decision.allow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 999999999999999999\r\n\r\n",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffff\r\n",
            })
    void ofALongBodyTheBeginningIsEnough(String head) throws Exception {
        try (var service = ScriptedService.start(_ -> head + "true".repeat(1 << 20))) {
            assertThat(decide(callout(service, LONG, true, 1), ID)).isEqualTo(Decision.deny(Denial.SERVICE));
        }
    }

    @Test
    void aHeadWithoutEndIsNoAnswer() throws Exception {
        try (var service = ScriptedService.start(_ -> "HTTP/1.1 200 OK\r\n" + "a: b\r\n".repeat(1 << 16))) {
            assertThat(decide(callout(service, LONG, false, 1), ID)).isEqualTo(Decision.deny(Denial.SERVICE_FAILED));
        }
    }

    // ---- connections to the service ------------------------------------------------------------------------------

    @Test
    void oneConnectionServesManyRequestsAndIsReplacedWhenTheServiceClosesIt() throws Exception {
        try (var service = ScriptedService.start(_ -> YES)) {
            var rule = rule(HttpCallout.of(service.url("/")));
            for (int i = 0; i < 3; i++) {
                assertThat(rule.onConnect(request(newId(), "192.0.2.1"))).isEqualTo(Decision.allow());
            }
            assertThat(service.connections()).isEqualTo(1);

            service.hangUp();

            assertThat(rule.onConnect(request(newId(), "192.0.2.1"))).isEqualTo(Decision.allow());
            assertThat(service.connections()).isEqualTo(2);
        }
    }

    @Test
    void aConnectionOnWhichTheServiceHangsIsGivenUpAndAskedOnNoOther() throws Exception {
        var asked = new AtomicInteger();
        var never = new CountDownLatch(1);
        try (var service = ScriptedService.start(_ -> {
            if (asked.incrementAndGet() == 2) {
                never.await();
            }
            return YES;
        })) {
            var rule = rule(callout(service, Duration.ofSeconds(2), false, 1));
            assertThat(rule.onConnect(request(ID, "192.0.2.1"))).isEqualTo(Decision.allow());
            assertThat(rule.onConnect(request(ID, "192.0.2.1"))).isEqualTo(Decision.deny(Denial.SERVICE_FAILED));
            assertThat(rule.onConnect(request(ID, "192.0.2.1"))).isEqualTo(Decision.allow());
            assertThat(service.requests()).hasSize(3);
            assertThat(service.connections()).isEqualTo(2);
        } finally {
            never.countDown();
        }
    }

    @Test
    void whatAServiceSaysUnaskedIsNoAnswerForTheNextClient() throws Exception {
        try (var service = ScriptedService.start(
                request -> request.contains(ID.toString()) ? YES + YES : ScriptedService.answer(200, "false"))) {
            var rule = rule(HttpCallout.of(service.url("/")));
            assertThat(rule.onConnect(request(ID, "192.0.2.1"))).isEqualTo(Decision.allow());
            assertThat(rule.onConnect(request(newId(), "192.0.2.1"))).isEqualTo(Decision.deny(Denial.SERVICE));
            assertThat(service.connections()).isEqualTo(2);
        }
    }

    @Test
    void connectionsThatACrowdLeftOverAreClosed() throws Exception {
        var together = new CyclicBarrier(4);
        try (var service = ScriptedService.start(request -> {
            if (!request.contains(ID.toString())) {
                together.await();
            }
            return YES;
        })) {
            var rule = rule(callout(service, LONG, false, 4));
            var askers = new ArrayList<FutureTask<Decision>>();
            for (int i = 0; i < 4; i++) {
                askers.add(inBackground(() -> rule.onConnect(request(newId(), "192.0.2.1"))));
            }
            for (var asker : askers) {
                asker.get(30, TimeUnit.SECONDS);
            }
            assertThat(service.open()).isEqualTo(4);

            nanos.addAndGet(TimeUnit.SECONDS.toNanos(3));
            rule.onConnect(request(ID, "192.0.2.1"));

            while (service.open() > 1) {
                LockSupport.parkNanos(1_000_000); // this class has a time limit
            }
        }
    }

    @Test
    void aConnectionThatWasIdleForLongIsNotUsedAgain() throws Exception {
        try (var service = ScriptedService.start(_ -> YES)) {
            var rule = rule(HttpCallout.of(service.url("/")));
            rule.onConnect(request(newId(), "192.0.2.1"));

            nanos.addAndGet(TimeUnit.SECONDS.toNanos(3));

            assertThat(rule.onConnect(request(newId(), "192.0.2.1"))).isEqualTo(Decision.allow());
            assertThat(service.connections()).isEqualTo(2);
        }
    }

    @Test
    void noMoreRequestsAreUnderWayThanAllowedAndTheRestWait() throws Exception {
        var permits = new Semaphore(0);
        var most = new AtomicInteger();
        var under = new AtomicInteger();
        try (var service = ScriptedService.start(_ -> {
            most.accumulateAndGet(under.incrementAndGet(), Math::max);
            permits.acquire();
            under.decrementAndGet();
            return YES;
        })) {
            var rule = rule(callout(service, LONG, false, 2));
            var askers = new ArrayList<FutureTask<Decision>>();
            for (int i = 0; i < 6; i++) {
                askers.add(inBackground(() -> rule.onConnect(request(newId(), "192.0.2.1"))));
            }
            permits.release(6);
            for (var asker : askers) {
                assertThat(asker.get(30, TimeUnit.SECONDS)).isEqualTo(Decision.allow());
            }
            assertThat(most.get()).isBetween(1, 2);
            assertThat(service.requests()).hasSize(6);
        }
    }

    @Test
    void whoIsInterruptedLeavesItsPlaceToOthers() throws Exception {
        var hangs = new CountDownLatch(1);
        var asked = new CountDownLatch(1);
        try (var service = ScriptedService.start(_ -> {
            if (asked.getCount() == 0) {
                return YES;
            }
            asked.countDown();
            hangs.await();
            return YES;
        })) {
            var rule = rule(callout(service, LONG, false, 1));
            var ended = new FutureTask<>(() -> {
                assertThatThrownBy(() -> rule.onConnect(request(newId(), "192.0.2.1")))
                        .isInstanceOf(InterruptedException.class);
                return true;
            });
            var asker = Thread.ofVirtual().start(ended);
            asked.await();

            asker.interrupt();

            assertThat(ended.get(30, TimeUnit.SECONDS)).isTrue();
            assertThat(rule.onConnect(request(newId(), "192.0.2.1"))).isEqualTo(Decision.allow());
        } finally {
            hangs.countDown();
        }
    }

    // ---- what is remembered --------------------------------------------------------------------------------------

    @Test
    void withoutACacheEachConnectionIsAskedAbout() throws Exception {
        try (var service = ScriptedService.start(_ -> YES)) {
            var rule = rule(HttpCallout.of(service.url("/")));
            rule.onConnect(request(ID, "192.0.2.1"));
            rule.onConnect(request(ID, "192.0.2.1"));
            assertThat(service.requests()).hasSize(2);
        }
    }

    @Test
    void aYesIsRememberedForAsLongAsSaidAndANoIsNot() throws Exception {
        var other = newId();
        try (var service = ScriptedService.start(
                request -> request.contains(ID.toString()) ? YES : ScriptedService.answer(200, "false"))) {
            var rule = rule(
                    new HttpCallout(service.url("/"), Optional.empty(), LONG, Duration.ofSeconds(5), false, 1, false));
            for (int i = 0; i < 2; i++) {
                assertThat(rule.onConnect(request(ID, "192.0.2." + i))).isEqualTo(Decision.allow());
                assertThat(rule.onConnect(request(other, "192.0.2." + i))).isEqualTo(Decision.deny(Denial.SERVICE));
            }
            assertThat(service.requests()).hasSize(3);

            nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));

            rule.onConnect(request(ID, "192.0.2.1"));
            assertThat(service.requests()).hasSize(4);
        }
    }

    @Test
    void aServiceThatIsToldAddressesIsAskedAboutEach() throws Exception {
        try (var service = ScriptedService.start(_ -> YES)) {
            var rule = rule(
                    new HttpCallout(service.url("/"), Optional.empty(), LONG, Duration.ofSeconds(5), false, 1, true));
            for (var ip : List.of("192.0.2.1", "192.0.2.2", "192.0.2.1")) {
                rule.onConnect(request(ID, ip));
            }
            assertThat(service.requests()).hasSize(2);
        }
    }

    @Test
    void thoseWhoAreInStayWhenItTakesOver() {
        var rule = rule(HttpCallout.of(URI.create("http://localhost:1/")));
        assertThat(rule.mayStay(ID, Optional.empty(), Optional.empty())).isTrue();
        assertThat(rule.mayBlock()).isTrue();
    }

    // ---- the log -------------------------------------------------------------------------------------------------

    @Test
    void failuresAreToldOnceInAWhileWithTheNumberOfThoseLeftOutAndNoSecret() throws Exception {
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        var handler = collectingInto(lines);
        LOGGER.addHandler(handler);
        try (var service = ScriptedService.start(_ -> ScriptedService.answer(503, ""))) {
            var rule = rule(withToken(HttpCallout.of(service.url("/?key=hunter2")), "hunter3"));
            for (int i = 0; i < 4; i++) {
                rule.onConnect(request(ID, "192.0.2.1"));
            }
            String start = "WARNING access callout: http://localhost:%d: status 503, the client is denied"
                    .formatted(service.port());
            assertThat(lines).containsExactly(start);

            nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));

            rule.onConnect(request(ID, "192.0.2.1"));
            assertThat(lines).containsExactly(start, start + " (and 3 more since the last such line)");
        } finally {
            LOGGER.removeHandler(handler);
        }
    }

    private static Handler collectingInto(Queue<String> lines) {
        return new Handler() {
            @Override
            public void publish(LogRecord record) {
                lines.add(record.getLevel() + " " + record.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    // ---- TLS -----------------------------------------------------------------------------------------------------

    @Test
    void overTlsTheServiceHasToProveThatItIsTheOne(@TempDir Path folder) throws Exception {
        var authority = TestCertificateAuthority.create();
        var trusting = authority.clientContext().getSocketFactory();
        try (var service = ScriptedService.overTls(tlsListener(authority.issue(folder, "localhost")), _ -> YES)) {
            var callout = HttpCallout.of(service.url("/"));
            var elsewhere = HttpCallout.of(URI.create("https://127.0.0.1:%d/".formatted(service.port())));

            assertThat(rule(callout, trusting).onConnect(request(ID, "192.0.2.1")))
                    .isEqualTo(Decision.allow());
            assertThat(rule(elsewhere, trusting).onConnect(request(ID, "192.0.2.1")))
                    .isEqualTo(Decision.deny(Denial.SERVICE_FAILED));
            assertThat(AccessControl.callout(callout).onConnect(request(ID, "192.0.2.1")))
                    .isEqualTo(Decision.deny(Denial.SERVICE_FAILED));
            assertThat(service.requests()).hasSize(1);
        }
    }

    @Test
    void aServiceThatHangsInItsTlsHandshakeIsWaitedForNoLongerThanSaid() throws Exception {
        try (var mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            var url = URI.create("https://localhost:%d/".formatted(mute.getLocalPort()));
            var rule = rule(new HttpCallout(url, Optional.empty(), SHORT, Duration.ZERO, false, 1, false));
            for (int i = 0; i < 3; i++) {
                assertThat(rule.onConnect(request(ID, "192.0.2.1"))).isEqualTo(Decision.deny(Denial.SERVICE_FAILED));
            }
        }
    }

    private static ServerSocket tlsListener(TestCertificateAuthority.ServerFiles files) throws Exception {
        try (var in = new FileInputStream(files.chain().toFile())) {
            var chain = CertificateFactory.getInstance("X.509").generateCertificates(in);
            var encodedKey = Base64.getMimeDecoder()
                    .decode(Files.readString(files.privateKey()).replaceAll("-----.*-----", ""));
            var key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encodedKey));
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setKeyEntry("service", key, new char[0], chain.toArray(new Certificate[0]));
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context.getServerSocketFactory().createServerSocket(0, 10, InetAddress.getLoopbackAddress());
        }
    }

    // --------------------------------------------------------------------------------------------------------------

    private static <T> FutureTask<T> inBackground(Callable<T> work) {
        var task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    private static HttpCallout withToken(HttpCallout callout, String token) {
        return new HttpCallout(
                callout.url(),
                Optional.of(token),
                callout.timeout(),
                callout.cacheFor(),
                callout.failOpen(),
                callout.maxConcurrent(),
                callout.sendClientIp());
    }

    private static HttpCallout callout(ScriptedService service, Duration timeout, boolean failOpen, int maxConcurrent) {
        return new HttpCallout(
                service.url("/"), Optional.empty(), timeout, Duration.ZERO, failOpen, maxConcurrent, false);
    }

    private Decision decideBy(String answer, boolean failOpen) throws Exception {
        try (var service = ScriptedService.start(_ -> answer)) {
            return decide(callout(service, LONG, failOpen, 1), ID);
        }
    }

    private Decision decide(HttpCallout callout, EndpointId id) throws Exception {
        return rule(callout).onConnect(request(id, "192.0.2.1"));
    }

    private CalloutRule rule(HttpCallout callout) {
        return rule(callout, (SSLSocketFactory) SSLSocketFactory.getDefault());
    }

    private CalloutRule rule(HttpCallout callout, SSLSocketFactory tls) {
        return new CalloutRule(callout, () -> tls, new MonotonicClock(nanos::get));
    }

    private static ConnectRequest request(EndpointId id, String ip) throws IOException {
        return new ConnectRequest(
                1,
                id,
                ProtocolVersion.V2,
                "/relay",
                List.of(),
                List.of(),
                Optional.of("the client's own"),
                new InetSocketAddress(InetAddress.ofLiteral(ip), 1234));
    }

    private static EndpointId newId() {
        return SecretKey.generate(new SecureRandom()).endpointId();
    }
}
