package io.teahouse.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.tomlj.Toml;

/** Whatever is in a file, its reader answers with a configuration or with problems, and with nothing else. */
class RelayFileProperties {
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}&&[^\\n]]");
    /** All that are known, the tables they are in, and some that nobody knows. */
    private static final List<String> KEYS = Stream.concat(
                    Stream.of("limits.client.rx.unknown", "\"quo.ted\"", "access.tokens.projects.\"quo.ted\".rx"),
                    Stream.concat(Keys.ALL.stream(), Keys.OF_A_PROJECT.stream())
                            .map(Keys.Key::name)
                            .flatMap(RelayFileProperties::withTables))
            .distinct()
            .toList();

    private static final List<String> VALUES = List.of(
            "true",
            "0",
            "-1",
            "9223372036854775807",
            "1.5",
            "nan",
            "-inf",
            "1979-05-27T07:32:00Z",
            "07:32:00",
            "\"\"",
            "\"[::]:80\"",
            "\"[::%x]:80\"",
            "\"1.2.3.4:99999\"",
            "\"\\u0000/\\u0001\"",
            "\"everyone\"",
            "\"http://[::1]:8080/\"",
            "\"Manual\"",
            "\"Reloading\"",
            "\"ProxyProtocol\"",
            "\"/iroh\"",
            "[\"::1\", \"10.0.0.0/8\"]",
            "[\"10.0.0.1/8\"]",
            "[]",
            "[1, [2], {a = 3}]",
            "[\"x\"]",
            "{}",
            "{ a = { b = 1 } }",
            "{ rx = 1, client = 2, cert_mode = 3 }",
            "[[1]]",
            "\"" + "9".repeat(300) + "MB\"");

    @Property(tries = 500)
    void anyTextIsAConfigurationOrAListOfProblems(@ForAll String text, @ForAll boolean dev) {
        assertThat(read(text, dev)).doesNotContainPattern(UNPRINTABLE);
    }

    @Property(tries = 1500)
    void anyValueUnderAnyKeyIsAConfigurationOrAListOfProblems(@ForAll("files") String text, @ForAll boolean dev) {
        assertThat(read(text, dev)).doesNotContainPattern(UNPRINTABLE);
    }

    @Property(tries = 1500)
    void anyValueOfAnyVariableIsAConfigurationOrAListOfProblems(
            @ForAll("files") String text, @ForAll("environments") Map<String, String> environment) {
        assertThat(read(text, false, environment)).doesNotContainPattern(UNPRINTABLE);
    }

    @Provide
    Arbitrary<Map<String, String>> environments() {
        var variables = Arbitraries.of(Keys.ALL.stream().map(Keys.Key::variable).toList());
        var values = Arbitraries.of(VALUES).map(value -> value.replace("\"", ""));
        return Arbitraries.maps(variables, values).ofMaxSize(6);
    }

    private static Stream<String> withTables(String key) {
        return Stream.iterate(
                key, each -> !each.isEmpty(), each -> each.substring(0, Math.max(0, each.lastIndexOf('.'))));
    }

    @Provide
    Arbitrary<String> files() {
        return Combinators.combine(Arbitraries.of(KEYS), Arbitraries.of(VALUES))
                .as("%s = %s\n"::formatted)
                .list()
                .ofMaxSize(6)
                .map(lines -> String.join("", lines));
    }

    private static String read(String toml, boolean dev) {
        return read(toml, dev, Map.of());
    }

    private static String read(String toml, boolean dev, Map<String, String> environment) {
        try {
            var file = RelayFile.parse("relay.toml", toml, dev, environment);
            assertThat(file.effective())
                    .hasSizeGreaterThanOrEqualTo(Keys.ALL.size())
                    .allSatisfy(setting -> setting.value()
                            .ifPresent(value -> assertThat(
                                            Toml.parse("value = " + value).errors())
                                    .as(value)
                                    .isEmpty()));
            return file.whoMayUse();
        } catch (ConfigException e) {
            assertThat(e.problems()).isNotEmpty();
            return String.valueOf(e.getMessage());
        }
    }
}
