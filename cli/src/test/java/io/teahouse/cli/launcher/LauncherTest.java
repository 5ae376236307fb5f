package io.teahouse.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./teahouse}: it builds when it has to and only then, and becomes the JVM with the right options. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class LauncherTest {
    private static final String REHEARSING =
            "teahouse: rehearsing a start, so that later ones are quicker (once, some seconds)\n";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Checkout checkout;

    @BeforeEach
    void layOut() throws IOException {
        checkout = new Checkout(folder);
    }

    @Test
    void theFirstStartBuildsAndRehearsesAndRuns() throws Exception {
        var outcome = checkout.start("relay", "--dev");
        assertThat(outcome.err()).isEqualTo("""
                teahouse: building; the first time this downloads libraries and takes a minute or two
                teahouse:   Teahouse core
                """ + REHEARSING);
        assertThat(outcome.out()).endsWith("<io.teahouse.cli.Main><relay><--dev>");
        assertThat(outcome.exitCode()).isZero();
        assertThat(checkout.builds()).isEqualTo(1);
    }

    @Test
    void theSecondStartJustRuns() throws Exception {
        var first = checkout.start("relay");
        var second = checkout.start("relay");
        assertThat(second.err()).isEmpty();
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(checkout.builds()).isEqualTo(1);
    }

    @Test
    void argumentsAndExitCodesArePassedOnAsTheyAre() throws Exception {
        checkout.with("JAVA_EXIT_CODE", "42");
        var outcome = checkout.start("relay", "-c", "a b.toml", "", "$HOME", "*");
        assertThat(outcome.out()).endsWith("<relay><-c><a b.toml><><$HOME><*>");
        assertThat(outcome.exitCode()).isEqualTo(42);
    }

    @Test
    void theClassPathBeginsWithTheProgramAndEndsWithTheLargestJar() throws Exception {
        String lib = checkout.path("target/teahouse/lib") + "/";
        assertThat(checkout.start().out())
                .contains("<-cp><%1$steahouse-cli-1.jar:%1$saaa.jar:%1$sbcprov-1.jar>".formatted(lib));
    }

    @Test
    void itStartsFromAnywhereAndThroughLinks() throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path link = Files.createSymbolicLink(elsewhere.resolve("one"), checkout.path("teahouse"));
        Path linkToLink = Files.createSymbolicLink(elsewhere.resolve("two"), Path.of("one"));
        assertThat(checkout.run(elsewhere, link, "a").out()).endsWith("<a>");
        assertThat(checkout.run(elsewhere, linkToLink, "b").out()).endsWith("<b>");
        assertThat(checkout.run(checkout.path("core"), Path.of("../teahouse"), "c")
                        .out())
                .endsWith("<c>");
        assertThat(checkout.builds()).isEqualTo(1);
    }

    @Test
    void aChangedFileIsBuilt() throws Exception {
        checkout.start();
        checkout.write("core/src/main/java/A.java", "class A { int a; }", false);
        assertThat(checkout.start().err()).startsWith("teahouse: sources have changed, building\n");
        assertThat(checkout.builds()).isEqualTo(2);
    }

    @Test
    void aChangedFileIsBuiltEvenIfItsTimeIsOld() throws Exception {
        checkout.start();
        checkout.write("core/src/main/java/A.java", "class A { int a; }", false);
        Files.setLastModifiedTime(
                checkout.path("core/src/main/java/A.java"), FileTime.from(Instant.parse("2001-01-01T00:00:00Z")));
        checkout.start();
        assertThat(checkout.builds()).isEqualTo(2);
    }

    @Test
    void aNewFileIsBuilt() throws Exception {
        checkout.start();
        checkout.write("core/src/main/java/deep/C.java", "class C {}", false);
        checkout.start();
        assertThat(checkout.builds()).isEqualTo(2);
    }

    @Test
    void aDeletedFileIsBuilt() throws Exception {
        checkout.start();
        Files.delete(checkout.path("core/src/main/java/B.java"));
        checkout.start();
        assertThat(checkout.builds()).isEqualTo(2);
    }

    @Test
    void aChangedPomIsBuilt() throws Exception {
        checkout.start();
        checkout.write("core/pom.xml", "<project />", false);
        checkout.start();
        assertThat(checkout.builds()).isEqualTo(2);
    }

    @Test
    void whatIsNotPartOfTheProgramIsNotBuilt() throws Exception {
        checkout.start();
        checkout.write("core/src/test/java/ATest.java", "class ATest { int a; }", false);
        checkout.write("README.md", "changed", false);
        checkout.write("bench/pom.xml", "<project/>", false);
        checkout.write("bench/src/main/java/Bench.java", "class Bench {}", false);
        checkout.write("core/src/main/java/.A.java.swp", "an editor's", false);
        checkout.start();
        assertThat(checkout.builds()).isEqualTo(1);
    }

    @Test
    void aFileThatWasOnlyTouchedIsNotBuilt() throws Exception {
        checkout.start();
        checkout.write("core/src/main/java/A.java", "class A {}", false);
        assertThat(checkout.start().err()).isEmpty();
        assertThat(checkout.builds()).isEqualTo(1);
    }

    @Test
    void builtOnceItIsBuiltWithoutANetwork() throws Exception {
        checkout.start();
        checkout.write("core/src/main/java/A.java", "class A { int a; }", false);
        checkout.start();
        checkout.write("core/pom.xml", "<project />", false); // may name libraries that are not here yet
        checkout.start();
        assertThat(Files.readAllLines(checkout.path("mvn.log")))
                .extracting(line -> line.contains("--offline"))
                .isEqualTo(List.of(false, true, false));
    }

    @Test
    void aFailedBuildIsShownAndNothingOldIsRun() throws Exception {
        checkout.start();
        checkout.write("core/src/main/java/A.java", "nonsense", false);
        checkout.write("broken", "", false);
        var outcome = checkout.start("relay");
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).isEqualTo("""
                teahouse: sources have changed, building
                teahouse:   Teahouse core
                [ERROR] /core/A.java:[1,1] nonsense
                teahouse: the build failed; all of it is in %s
                """.formatted(checkout.path("target/teahouse-build.log")));
        Files.delete(checkout.path("broken"));
        assertThat(checkout.start("relay").out()).endsWith("<relay>");
    }

    @Test
    void aBuildThatWasKilledDoesNotBlockTheNext() throws Exception {
        // A process that is surely gone.
        var gone = new ProcessBuilder("true").start();
        gone.waitFor();
        checkout.write("target/teahouse.lock/pid", gone.pid() + "\n", false);
        assertThat(checkout.start("relay").out()).endsWith("<relay>");
    }

    @Test
    void anImageWithoutItsSourcesIsRunAsItIs() throws Exception {
        checkout.start();
        Files.delete(checkout.path("pom.xml"));
        assertThat(checkout.start("relay").out()).endsWith("<relay>");
        assertThat(checkout.builds()).isEqualTo(1);
    }

    @Test
    void optionsForTheJvmComeLast() throws Exception {
        checkout.with("TEAHOUSE_JAVA_OPTS", "-Xmx64m -Da=b");
        assertThat(checkout.start().out())
                .startsWith("<-XX:+Use")
                .contains("<-Dio.netty.buffer.checkBounds=false>")
                .contains("<-Xmx64m><-Da=b><-cp>");
    }

    @Test
    void theStartUpCacheIsUsedOnceItIsThere() throws Exception {
        String out = checkout.start().out();
        assertThat(out)
                .containsPattern(
                        "<-XX:AOTCache=[^>]*/target/teahouse/aot/NobodySons-25\\.0\\.9\\+7-[A-Za-z0-9]+GC\\.aot>");
        assertThat(checkout.with("TEAHOUSE_AOT", "off").start().out()).doesNotContain("AOTCache");
    }

    @Test
    void theStartUpCacheIsMadeAnewForAnotherBuildAndAnotherJdk() throws Exception {
        checkout.start();
        checkout.write("core/src/main/java/A.java", "class A { int a; }", false);
        assertThat(checkout.start().err()).endsWith(REHEARSING);
        var other = checkout.with(
                        "TEAHOUSE_JDK", checkout.jdk("other jdk", "26").toString())
                .start();
        assertThat(other.err()).isEqualTo(REHEARSING);
        assertThat(other.out()).contains("-26+7-");
    }

    @Test
    void theStartUpCacheIsMadeAnewInAnotherPlace() throws Exception {
        checkout.start();
        Path moved = Files.move(checkout.path(""), folder.resolve("moved"));
        Files.createDirectory(checkout.path("")); // for what is printed
        checkout.with("TEAHOUSE_JDK", moved.resolve("jdk").toString()).with("CHECKOUT", moved.toString());
        var outcome = checkout.run(folder, moved.resolve("teahouse"));
        assertThat(outcome.err()).isEqualTo(REHEARSING);
    }

    @Test
    void aFailedRehearsalIsToldOnceAndDoneWithout() throws Exception {
        checkout.write("stage fright", "", false);
        var first = checkout.start("relay");
        assertThat(first.err())
                .contains("teahouse: the rehearsal failed, so starts take longer than they could; why is in ");
        assertThat(first.out()).doesNotContain("AOTCache").endsWith("<relay>");
        var second = checkout.start("relay");
        assertThat(second.err()).isEmpty();
        assertThat(second.out()).isEqualTo(first.out());
    }

    @Test
    void aJdkThatWillNotDoIsRefusedByName() throws Exception {
        Path old = checkout.jdk("old", "17.0.15");
        var outcome = checkout.with("TEAHOUSE_JDK", old.toString()).start("relay");
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err())
                .isEqualTo(
                        "TEAHOUSE_JDK is %s, which is no JDK of version 25 or newer (no such version in its 'release' file, or no"
                                        .formatted(old)
                                + " bin/javac).\n");
    }

    @Test
    void theJdkIsFoundWhereOthersLookForIt() throws Exception {
        Path old = checkout.jdk("old", "17.0.15");
        Path home = checkout.jdk("home", "25");
        Path onPath = checkout.jdk("on path", "27-ea");
        checkout.without("TEAHOUSE_JDK")
                .with("PATH", onPath.resolve("bin") + ":" + checkout.path("tools") + ":/usr/bin:/bin");
        checkout.with("JAVA_HOME", home.toString());
        assertThat(checkout.start().out()).contains("-25+7-");
        checkout.with("JAVA_HOME", old.toString());
        assertThat(checkout.start().out()).contains("-27-ea+7-");
    }
}
