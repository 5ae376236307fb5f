package io.teahouse.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/quic.md}, by which the module is read, to the code. */
class QuicPageTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern CLASS = Pattern.compile("`([A-Z][a-z0-9]+[A-Za-z0-9]*)`");

    @Test
    void everyClassItNamesIsThere() throws IOException {
        var named = CLASS.matcher(Files.readString(ROOT.resolve("docs/quic.md")))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(named).hasSizeGreaterThan(40);
        assertThat(classes()).containsAll(named);
    }

    /** Those of the module, and the meetings with others. */
    private static Set<String> classes() throws IOException {
        try (var own = Files.walk(ROOT.resolve("quic/src"));
                var meetings = Files.walk(ROOT.resolve("interop/src"))) {
            return Stream.concat(own, meetings)
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toSet());
        }
    }
}
