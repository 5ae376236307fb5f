package io.teahouse.relay.protocol;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The packages that only turn bytes into values do nothing else: reads their compiled classes. */
class NoInputOutputTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.teahouse.relay.protocol", "io.teahouse.relay.websocket");

    @Test
    void openNoSocketAndNoFile() {
        assertThat(CLASSES.contain(FrameCodec.class)).isTrue();
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.net..",
                        "java.nio.channels..",
                        "java.nio.file..",
                        "javax.net..",
                        "io.netty.channel..",
                        "io.netty.handler..")
                .check(CLASSES);
    }

    @Test
    void startNoThreadAndTakeNoLock() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .check(CLASSES);
    }

    @Test
    void readNoClockAndDrawNoRandomNumber() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(java.time.Clock.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.util.random.RandomGenerator.class)
                .orShould()
                .callMethodWhere(target(nameMatching("nanoTime|currentTimeMillis"))
                        .and(target(owner(nameMatching("java.lang.System")))))
                .orShould()
                .callMethodWhere(target(nameMatching("now|random")))
                .check(CLASSES);
    }
}
