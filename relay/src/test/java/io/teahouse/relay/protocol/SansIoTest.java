package io.teahouse.relay.protocol;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads the compiled classes of the packages that only turn bytes into values and back. */
class SansIoTest {
    private static final List<ArchRule> RULES = List.of(
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "java.net..",
                            "javax.net..",
                            "java.nio.channels..",
                            "java.nio.file..",
                            "io.netty.channel..",
                            "io.netty.handler.."),
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("java.util.concurrent..")
                    .orShould()
                    .dependOnClassesThat()
                    .haveNameMatching("java\\.lang\\.Thread(\\$.*)?"),
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .haveNameMatching("java\\.time\\.(Clock|InstantSource)")
                    .orShould()
                    .callMethodWhere(target(nameMatching("now|nanoTime|currentTimeMillis"))),
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .haveNameMatching("java\\.(util|security)\\..*Random.*")
                    .orShould()
                    .callMethodWhere(target(nameMatching("random"))));

    @Test
    void protocolAndWebSocketDoNoIo() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.teahouse.relay.protocol", "io.teahouse.relay.websocket");

        assertThat(classes.contain(FrameCodec.class)).isTrue();
        assertThat(classes.contain(KeepAlive.class)).isTrue();
        RULES.forEach(rule -> rule.check(classes));
    }

    @Test
    void neitherDoTheMachinesOfTheClient() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.teahouse.relay.client");
        var machines = classes.that(describe("machines", SansIoTest::isMarked));

        assertThat(machines.stream().map(JavaClass::getSimpleName))
                .contains("RelaySession", "ConnectRace", "LinkMachine");
        RULES.forEach(rule -> rule.check(machines));
    }

    private static boolean isMarked(JavaClass type) {
        return type.isAnnotatedWith("io.teahouse.relay.client.SansIo")
                || type.getEnclosingClass().filter(SansIoTest::isMarked).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                OpensChannels.class,
                NamesAddresses.class,
                StartsThreads.class,
                TakesLocks.class,
                ReadsTheMonotonicClock.class,
                ReadsTheWallClock.class,
                KeepsAClock.class,
                MakesRandomness.class,
            })
    void theRulesNotice(Class<?> offender) {
        var classes = new ClassFileImporter().importClasses(offender);

        assertThat(RULES)
                .anySatisfy(rule ->
                        assertThat(rule.evaluate(classes).hasViolation()).isTrue());
    }

    static class OpensChannels {
        void connect(SocketChannel channel) {}
    }

    static class NamesAddresses {
        void bind(InetSocketAddress address) {}
    }

    static class StartsThreads {
        void start() {
            Thread.ofVirtual().unstarted(() -> {});
        }
    }

    static class TakesLocks {
        ReentrantLock lock = new ReentrantLock();
    }

    static class ReadsTheMonotonicClock {
        long read() {
            return System.nanoTime();
        }
    }

    static class ReadsTheWallClock {
        Instant read() {
            return Instant.now();
        }
    }

    static class KeepsAClock {
        Clock clock = Clock.systemUTC();
    }

    static class MakesRandomness {
        Random random = new Random();
    }
}
