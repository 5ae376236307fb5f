package io.teahouse.endpoint;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

/** Reads the compiled classes: sockets, threads and clocks are in packages called {@code io} only. */
class ArchitectureTest {
    private static final JavaClasses ENDPOINT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.teahouse.endpoint");

    private static final JavaClasses MACHINES = ENDPOINT.that(DescribedPredicate.describe(
            "machines", (JavaClass type) -> !type.getPackageName().endsWith(".io")));

    @Test
    void machinesDoNoIo() {
        assertThat(MACHINES).hasSizeGreaterThan(5);
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.nio.channels..", "java.nio.file..", "java.util.concurrent..", "io.teahouse.quic.io..")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.Thread")
                .check(MACHINES);
    }

    @Test
    void machinesAreToldTheTime() {
        noClasses()
                .should()
                .callMethodWhere(target(nameMatching("nanoTime|currentTimeMillis|now")))
                .check(MACHINES);
    }

    @Test
    void packagesPointOneWay() {
        SlicesRuleDefinition.slices()
                .matching("io.teahouse.endpoint.(**)")
                .should()
                .beFreeOfCycles()
                .check(ENDPOINT);
    }
}
