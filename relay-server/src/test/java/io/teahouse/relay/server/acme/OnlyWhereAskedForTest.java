package io.teahouse.relay.server.acme;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Reads compiled classes: a relay that gets its certificate otherwise must not load what ACME needs. */
class OnlyWhereAskedForTest {
    @Test
    void onlyTheseClassesKnowTheLibrariesAndOnlyTheServerKnowsThem() {
        var classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.teahouse.relay.server");

        noClasses()
                .that()
                .resideOutsideOfPackage("io.teahouse.relay.server.acme")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.shredzone..", "org.jose4j..", "org.bouncycastle.cert..", "org.slf4j..")
                .check(classes);
        noClasses()
                .that()
                .resideOutsideOfPackage("io.teahouse.relay.server.acme")
                .and()
                .doNotHaveSimpleName("RelayServer")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.teahouse.relay.server.acme")
                .check(classes);
    }
}
