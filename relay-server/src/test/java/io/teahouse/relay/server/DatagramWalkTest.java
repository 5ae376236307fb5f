package io.teahouse.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.teahouse.relay.server.metrics.Figure;
import io.teahouse.relay.server.metrics.RelayCounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/datagram.md}, by which the code is read, to the code. */
class DatagramWalkTest {
    private static final String WALK = "docs/datagram.md";
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** Something in back quotes, and in it a class or a counter. */
    private static final Pattern QUOTED = Pattern.compile("`([^`\\n]+)`");

    private static final Pattern CLASS = Pattern.compile("[A-Z][a-z0-9]+[A-Za-z0-9]*");
    private static final Pattern COUNTER = Pattern.compile("[a-z]+(_[a-z]+)+");
    private static final Pattern REASON = Pattern.compile("[a-z]+(_[a-z]+)*");

    /** A link in Javadoc to a class; the name may stand on the next line. */
    private static final Pattern LINK = Pattern.compile("\\{@link(?:plain)?\\s+(?:\\*\\s+)?(?:[a-z.]+\\.)?([A-Z]\\w*)");

    @Test
    void everyClassItNamesIsThere() throws IOException {
        var sources = sources();
        var named = namesIn(walk(), CLASS);

        assertThat(named).hasSizeGreaterThan(20);
        assertThat(sources.keySet()).as("classes with a source file").containsAll(named);
    }

    @Test
    void everyCounterItNamesIsCounted() throws IOException {
        var counters = Arrays.stream(RelayCounter.values())
                .flatMap(counter -> Stream.concat(
                        Stream.of(counter.metricName()),
                        counter.label().stream().map(Figure.Label::value)))
                .toList();
        var named = namesIn(walk(), COUNTER);

        assertThat(named).hasSizeGreaterThan(5);
        assertThat(counters).containsAll(named);
    }

    @Test
    void everyReasonToDropADatagramIsInIt() throws IOException {
        var reasons = Arrays.stream(RelayCounter.values())
                .filter(counter -> counter.metricName().equals("datagrams_dropped"))
                .flatMap(counter -> counter.label().stream())
                .map(Figure.Label::value)
                .toList();

        assertThat(reasons).hasSizeGreaterThan(5);
        assertThat(namesIn(walk(), REASON)).containsAll(reasons);
    }

    /** So that whoever opens one of the files finds the way to the next, or to the walk. */
    @Test
    void everyClassInItsTablesLeadsOnToAnotherOrToTheWalk() throws IOException {
        var sources = sources();
        var tables = walk().lines().filter(line -> line.startsWith("|")).toList();
        var named = namesIn(String.join("\n", tables), CLASS);
        assertThat(named).hasSizeGreaterThan(20);

        var deadEnds = new TreeSet<String>();
        for (var name : named) {
            var file = sources.get(name);
            assertThat(file).as(name).isNotNull();
            if (file != null && !leadsOn(name, file, named)) {
                deadEnds.add(name);
            }
        }
        assertThat(deadEnds)
                .as("classes that neither link to a neighbour nor, like their package, mention " + WALK)
                .isEmpty();
    }

    private static boolean leadsOn(String name, Path file, Set<String> named) throws IOException {
        var source = Files.readString(file);
        return source.contains(WALK)
                || Files.readString(file.resolveSibling("package-info.java")).contains(WALK)
                || LINK.matcher(source)
                        .results()
                        .map(found -> found.group(1))
                        .anyMatch(other -> !other.equals(name) && named.contains(other));
    }

    private static Set<String> namesIn(String text, Pattern kind) {
        var names = new TreeSet<String>();
        QUOTED.matcher(text)
                .results()
                .map(found -> found.group(1))
                .filter(quoted -> kind.matcher(quoted).matches())
                .forEach(names::add);
        return names;
    }

    private static String walk() throws IOException {
        return Files.readString(ROOT.resolve(WALK));
    }

    /** Returns the source files of all modules by the name of their class. */
    private static Map<String, Path> sources() throws IOException {
        var sources = new TreeMap<String, Path>();
        for (var module : List.of("core", "relay", "relay-server", "cli")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(file -> {
                    var fileName = file.getFileName().toString();
                    sources.put(fileName.substring(0, fileName.length() - ".java".length()), file);
                });
            }
        }
        return sources;
    }
}
