package io.teahouse.quic;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.teahouse.quic.frame.FrameDecoder;
import java.nio.channels.DatagramChannel;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads the compiled classes: which package may know which, and that none of them does I/O. */
class ArchitectureTest {
    private static final JavaClasses QUIC = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.teahouse.quic");

    private static final List<ArchRule> SANS_IO = List.of(
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("java.nio.channels..", "java.nio.file..", "java.util.concurrent..")
                    .orShould()
                    .dependOnClassesThat()
                    .haveNameMatching("java\\.(lang\\.Thread(\\$.*)?|net\\..*Socket|time\\.(Clock|InstantSource))"),
            noClasses().should().callMethodWhere(target(nameMatching("now|nanoTime|currentTimeMillis|random"))),
            noClasses().should().dependOnClassesThat().haveNameMatching("java\\.(util|security)\\.(Secure)?Random"));

    @Test
    void nothingDoesIoOrKnowsTheTimeOrThrowsDice() {
        assertThat(QUIC.contain(FrameDecoder.class)).isTrue();
        SANS_IO.forEach(rule -> rule.check(QUIC));
    }

    @Test
    void packagesPointOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("wire")
                .definedBy("io.teahouse.quic.wire")
                .layer("crypto")
                .definedBy("io.teahouse.quic.crypto")
                .layer("parameter")
                .definedBy("io.teahouse.quic.parameter")
                .layer("packet")
                .definedBy("io.teahouse.quic.packet")
                .layer("frame")
                .definedBy("io.teahouse.quic.frame")
                .whereLayer("wire")
                .mayNotAccessAnyLayer()
                .whereLayer("crypto")
                .mayOnlyAccessLayers("wire")
                .whereLayer("parameter")
                .mayOnlyAccessLayers("wire")
                .whereLayer("packet")
                .mayOnlyAccessLayers("wire", "crypto")
                .whereLayer("frame")
                .mayOnlyAccessLayers("wire", "crypto")
                .check(QUIC);
    }

    @Test
    void onlyCoreAndTheJdkAreKnown() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "javax.crypto..", "io.teahouse.core.bytes", "io.teahouse.quic..", "org.jspecify..")
                .check(QUIC);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                OpensChannels.class,
                StartsThreads.class,
                TakesLocks.class,
                ReadsTheMonotonicClock.class,
                ReadsTheWallClock.class,
                MakesRandomness.class,
                MakesSecrets.class,
            })
    void theRulesNotice(Class<?> offender) {
        var classes = new ClassFileImporter().importClasses(offender);

        assertThat(SANS_IO)
                .anySatisfy(rule ->
                        assertThat(rule.evaluate(classes).hasViolation()).isTrue());
    }

    static class OpensChannels {
        void connect(DatagramChannel channel) {}
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

    static class MakesRandomness {
        Random random = new Random();
    }

    static class MakesSecrets {
        SecureRandom random = new SecureRandom();
    }
}
