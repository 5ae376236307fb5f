package io.teahouse.relay.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import io.teahouse.relay.server.testing.TestCertificateAuthority;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counts the references to BoringSSL contexts: their memory must go with the last handler, and never before. */
class ContextInForceTest {
    private static final TestCertificateAuthority AUTHORITY = TestCertificateAuthority.create();
    private static final TlsContexts CONTEXTS = TlsContexts.ofThisMachine();

    @TempDir
    private Path directory;

    private ServerCertificate certificate;

    @BeforeEach
    void readCertificate() throws IOException {
        var files = AUTHORITY.issue(directory, "localhost");
        certificate = ServerCertificate.of(FileContents.read(files.chain()), FileContents.read(files.privateKey()));
    }

    @Test
    void aContextThatWasReplacedLivesAsLongAsItsHandlers() throws IOException {
        var old = CONTEXTS.make(certificate);
        var next = CONTEXTS.make(certificate);
        var inForce = new ContextInForce(old);
        var ofOld = newHandler(inForce);
        assertThat(references(old)).isEqualTo(2);

        inForce.replace(next);

        assertThat(references(old)).isEqualTo(1);
        var ofNext = newHandler(inForce);
        assertThat(references(next)).isEqualTo(2);
        release(ofOld);
        assertThat(references(old)).isZero();

        inForce.close();
        inForce.close();
        assertThat(references(next)).isEqualTo(1);
        release(ofNext);
        assertThat(references(next)).isZero();
    }

    @Test
    void aContextWithoutHandlersIsFreedWhenItIsReplaced() throws IOException {
        var old = CONTEXTS.make(certificate);
        try (var inForce = new ContextInForce(old)) {
            inForce.replace(CONTEXTS.make(certificate));

            assertThat(references(old)).isZero();
        }
    }

    @Test
    void afterTheEndNothingIsMadeOrKept() throws IOException {
        var old = CONTEXTS.make(certificate);
        var late = CONTEXTS.make(certificate);
        var inForce = new ContextInForce(old);
        inForce.close();

        inForce.replace(late);

        assertThat(references(old)).isZero();
        assertThat(references(late)).isZero();
        assertThatExceptionOfType(IllegalReferenceCountException.class).isThrownBy(() -> newHandler(inForce));
    }

    @Test
    void handlersAreMadeByManyWhileContextsAreReplaced() throws Exception {
        var contexts = new ArrayList<SslContext>();
        contexts.add(CONTEXTS.make(certificate));
        var done = new AtomicBoolean();
        try (var inForce = new ContextInForce(contexts.getFirst());
                var makers = Executors.newFixedThreadPool(4)) {
            Callable<Integer> maker = () -> {
                int made = 0;
                while (!done.get()) {
                    release(newHandler(inForce));
                    made++;
                }
                return made;
            };
            List<Future<Integer>> counts =
                    List.of(makers.submit(maker), makers.submit(maker), makers.submit(maker), makers.submit(maker));
            for (int i = 0; i < 500; i++) {
                var next = CONTEXTS.make(certificate);
                contexts.add(next);
                inForce.replace(next);
            }
            done.set(true);
            for (var count : counts) {
                assertThat(count.get()).isPositive();
            }
        }
        assertThat(contexts).allMatch(context -> references(context) == 0);
    }

    private static SslHandler newHandler(ContextInForce inForce) {
        return inForce.newHandler(UnpooledByteBufAllocator.DEFAULT);
    }

    /** As a handler does when it leaves its pipeline. */
    private static void release(SslHandler handler) {
        ReferenceCountUtil.release(handler.engine());
    }

    private static int references(SslContext context) {
        return ReferenceCountUtil.refCnt(context);
    }
}
