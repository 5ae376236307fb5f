package io.teahouse.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The harness tells the truth of programs that do not do what is expected of them. */
class ProgramTest {
    @Test
    void aLineIsFoundWhereverItIs() throws Exception {
        try (var program = shell("echo one; echo three >&2; sleep 600")) {
            assertThat(program.await("three", line("three"))).isEqualTo("three");
            assertThat(program.await("one", line("one"))).isEqualTo("one");
        }
    }

    @Test
    void aProgramThatEndsWithoutTheLineFailsTheTestWithAllThatItPrinted() {
        try (var program = shell("echo something else; exit 3")) {
            assertThatThrownBy(() -> program.await("the line", line("wanted")))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("shell: ended without: the line")
                    .hasMessageContaining("something else");
            assertThat(program.awaitExit()).isEqualTo(3);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aProgramThatNeverSaysItFailsTheTestAtTheDeadline() {
        try (var program = shell("echo something else; sleep 600")) {
            assertThatThrownBy(() -> program.await("the line", Duration.ofMillis(100), line("wanted")))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("shell: not within 0.1 s: the line");
        }
    }

    @Test
    void whatAProgramStartedEndsWithIt() throws Exception {
        long child;
        try (var program = shell("sleep 600 & echo $!; wait")) {
            child = program.await("number", found -> Optional.of(Long.parseLong(found)));
            assertThat(ProcessHandle.of(child)).isPresent();
        }

        // Killed is not gone at once: somebody has to take note of its end.
        ProcessHandle.of(child).ifPresent(handle -> handle.onExit().join());
        assertThat(ProcessHandle.of(child).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void aProgramThatIsAskedToEndMayStillSpeak() throws Exception {
        try (var program = shell("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done")) {
            program.await("ready", line("ready"));

            program.terminate();

            assertThat(program.awaitExit()).isZero();
            assertThat(program.lines()).containsExactly("ready", "bye");
        }
    }

    private static Program shell(String script) {
        return Program.start("shell", new ProcessBuilder("sh", "-c", script));
    }

    private static Function<String, Optional<String>> line(String wanted) {
        return found -> Optional.of(found).filter(wanted::equals);
    }
}
