package io.teahouse.relay.server.limit;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Reads compiled classes: what limits rates, keeps timers and decides about queues and silence is told the time, and reaches
 * no socket and no thread.
 */
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
    void limitsDoNoIo() {
        check("io.teahouse.relay.server.limit", "TokenBucket");
    }

    @Test
    void timersDoNoIoSaveForTheClock() {
        check("io.teahouse.relay.server.time", "Timer", "TimerWheel");
    }

    @Test
    void theMachinesOfForwardingDoNoIo() {
        check(
                "io.teahouse.relay.server.forwarding",
                "WriteProgress",
                "TurnPacing",
                "SendQueue",
                "Backlog",
                "BacklogMemory",
                "WaitingFrame",
                "QueueLimits",
                "ServerFrames");
    }

    @Test
    void whenCertificatesAreOrderedIsDecidedWithoutIo() {
        check("io.teahouse.relay.server.acme", "RenewalSchedule", "Backoff");
    }

    /** Holds classes of a package, and those in them, to the rules; each of them must be there. */
    private static void check(String packageName, String... simpleNames) {
        var names =
                Arrays.stream(simpleNames).map(name -> packageName + "." + name).toList();
        var classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(packageName)
                .that(DescribedPredicate.describe(
                        "are machines", type -> names.contains(type.getName().replaceFirst("\\$.*", ""))));

        assertThat(classes).extracting(JavaClass::getName).containsAll(names);
        RULES.forEach(rule -> rule.check(classes));
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
