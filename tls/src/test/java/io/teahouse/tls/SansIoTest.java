package io.teahouse.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

/** {@code core} tests that the rules notice offenders; here they are only applied. */
class SansIoTest {
    private static final JavaClasses TLS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.teahouse.tls");

    @Test
    void tlsDoesNoIo() {
        assertThat(TLS).hasSizeGreaterThan(15);
        SansIoRules.all().forEach(rule -> rule.check(TLS));
    }

    @Test
    void packagesPointOneWay() {
        SlicesRuleDefinition.slices()
                .matching("io.teahouse.tls.(**)")
                .should()
                .beFreeOfCycles()
                .check(TLS);
    }
}
