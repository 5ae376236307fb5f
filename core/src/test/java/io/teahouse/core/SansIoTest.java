package io.teahouse.core;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SansIoTest {
    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.teahouse.core");

    @Test
    void coreDoesNoIo() {
        assertThat(CORE).hasSizeGreaterThan(15);
        SansIoRules.all().forEach(rule -> rule.check(CORE));
    }

    @Test
    void coreLeavesTheProcesssProvidersAlone() {
        noClasses()
                .should()
                .callMethodWhere(target(nameMatching("(add|insert|remove)Provider.*")))
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bouncycastle.jce..", "org.bouncycastle.jcajce..")
                .check(CORE);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                OpensSockets.class,
                OpensChannels.class,
                StartsThreads.class,
                SharesExecutors.class,
                ReadsTheMonotonicClock.class,
                ReadsTheWallClock.class,
                KeepsAClock.class,
                ResolvesNames.class,
                ResolvesNamesInPassing.class,
                MakesRandomness.class,
                MakesSecrets.class,
            })
    void theRulesNotice(Class<?> offender) {
        var classes = new ClassFileImporter().importClasses(offender);

        assertThat(SansIoRules.all())
                .anySatisfy(rule ->
                        assertThat(rule.evaluate(classes).hasViolation()).isTrue());
    }

    static class OpensSockets {
        Socket socket = new Socket();
    }

    static class OpensChannels {
        void connect(SocketChannel channel) {}
    }

    static class StartsThreads {
        void start() {
            Thread.ofVirtual().unstarted(() -> {});
        }
    }

    static class SharesExecutors {
        ExecutorService executor = Executors.newCachedThreadPool();
    }

    static class ReadsTheMonotonicClock {
        long now() {
            return System.nanoTime();
        }
    }

    static class ReadsTheWallClock {
        Instant now() {
            return Instant.now();
        }
    }

    static class KeepsAClock {
        Clock clock = Clock.systemUTC();
    }

    static class ResolvesNames {
        InetAddress resolve(String name) throws UnknownHostException {
            return InetAddress.getByName(name);
        }
    }

    static class ResolvesNamesInPassing {
        InetSocketAddress resolve(String name) {
            return new InetSocketAddress(name, 443);
        }
    }

    static class MakesRandomness {
        Random random = new Random();
    }

    static class MakesSecrets {
        SecureRandom random = new SecureRandom();
    }
}
