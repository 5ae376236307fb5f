package io.teahouse.quic;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
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
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads the compiled classes: which package may know which, and that only one of them does I/O. */
class ArchitectureTest {
    private static final JavaClasses QUIC = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.teahouse.quic");

    /** All but the package whose task that is. */
    private static final JavaClasses MACHINE = QUIC.that(not(resideInAPackage("io.teahouse.quic.io..")));

    /** Each package, and those that it may know. */
    private static final Map<String, List<String>> KNOWS = Map.ofEntries(
            Map.entry("wire", List.of()),
            Map.entry("range", List.of()),
            Map.entry("crypto", List.of("wire")),
            Map.entry("parameter", List.of("wire")),
            Map.entry("packet", List.of("wire", "crypto")),
            Map.entry("frame", List.of("wire", "crypto")),
            Map.entry("stream", List.of("wire", "range", "parameter", "frame")),
            Map.entry("recovery", List.of("wire", "range", "frame")),
            Map.entry("congestion", List.of()),
            Map.entry("traversal", List.of("wire", "frame")),
            Map.entry("qlog", List.of("wire", "frame", "parameter")),
            Map.entry("path", List.of("wire", "range", "crypto", "frame", "recovery", "congestion")));

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
        SANS_IO.forEach(rule -> rule.check(MACHINE));
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.teahouse.quic.io..", "java.lang.foreign..")
                .check(MACHINE);
    }

    @Test
    void packagesPointOneWay() {
        var layers = layeredArchitecture().consideringOnlyDependenciesInLayers();
        for (String name : KNOWS.keySet()) {
            layers = layers.layer(name).definedBy("io.teahouse.quic." + name);
        }
        for (var entry : KNOWS.entrySet()) {
            String[] known = entry.getValue().toArray(String[]::new);
            layers = known.length == 0
                    ? layers.whereLayer(entry.getKey()).mayNotAccessAnyLayer()
                    : layers.whereLayer(entry.getKey()).mayOnlyAccessLayers(known);
        }
        layers.check(QUIC);
    }

    @Test
    void everyPackageHasItsPlace() {
        assertThat(QUIC.stream().map(type -> type.getPackageName().replaceFirst("io\\.teahouse\\.quic\\.?", "")))
                .isSubsetOf(Stream.concat(Stream.of("", "io"), KNOWS.keySet().stream())
                        .toList());
    }

    @Test
    void onlyCoreAndTlsAndTheJdkAreKnown() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.crypto..",
                        "jdk.net",
                        "io.teahouse.core.bytes",
                        "io.teahouse.quic..",
                        "io.teahouse.tls..",
                        "org.jspecify..")
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
