package io.teahouse.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the table of {@code docs/configuration.md} to the keys and the defaults of the code. */
class ConfigurationDocTest {
    private static final Path DOC = Path.of("..", "docs", "configuration.md");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `([a-z_.]+)` \\| ([^|]*?) ?\\| ([^|]*?) ?\\| (?:[^|]* )?\\|$");

    /** What stands in the column of a key that has no value where nobody writes one, or one that depends. */
    private static final Pattern NO_DEFAULT =
            Pattern.compile("|none|no limit|required with .*|this or the next is required with .*");

    /** What stands there where the default is made of another key's value. */
    private static final Map<String, String> DEPENDING = Map.of(
            "limits.accept_conn_burst",
            "a second's connections",
            "limits.client.rx.max_burst_bytes",
            "a tenth of the rate",
            "limits.rx.max_burst_bytes",
            "a tenth of the rate");

    private static final Map<String, Row> ROWS = new LinkedHashMap<>();

    /** What is said of a key. */
    private record Row(String type, String usual) {}

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @BeforeAll
    static void read() throws IOException {
        ROW.matcher(Files.readString(DOC))
                .results()
                .forEach(row -> ROWS.put(row.group(1), new Row(row.group(2), row.group(3))));
    }

    private static Row row(String key) {
        return Objects.requireNonNull(ROWS.get(key), key);
    }

    @Test
    void everyKeyIsDocumentedAndNoOther() {
        assertThat(ROWS.keySet())
                .containsExactlyElementsOf(Keys.ALL.stream().map(Keys.Key::name).toList());
    }

    @Test
    void theKeysOfProjectsAreDocumentedWithTheirTypesAndNoOther() throws IOException {
        var rows = Pattern.compile("(?m)^\\| `(access\\.tokens\\.projects\\.[A-Za-z_.]+)` \\| ([^|]*?) \\|")
                .matcher(Files.readString(DOC))
                .results()
                .map(row -> row.group(1) + ": " + row.group(2))
                .toList();
        assertThat(rows)
                .containsExactlyElementsOf(Keys.OF_A_PROJECT.stream()
                        .map(key -> key.name() + ": " + key.type().word())
                        .toList());
    }

    @Test
    void theTypesAreThoseOfTheCode() {
        assertThat(Keys.ALL)
                .allSatisfy(key -> assertThat(row(key.name()).type())
                        .as(key.name())
                        .isEqualTo(key.type().word()));
    }

    @Test
    void theDefaultsAreThoseOfTheCode() throws Exception {
        Files.createFile(directory.resolve("default.crt"));
        Files.createFile(directory.resolve("default.key"));
        var usual = new TreeMap<String, String>();
        for (String toml : List.of(
                "",
                "tls = { cert_mode = \"Manual\", cert_dir = \"%s\" }".formatted(directory),
                "tls = { cert_mode = \"LetsEncrypt\", hostname = \"relay.example\", contact = \"me@relay.example\" }",
                "access.http.url = \"https://auth.example\"",
                "access.tokens.issuers = []",
                "proxy = { trusted = [\"::1\"], client_address = \"Forwarded\" }")) {
            for (var setting :
                    RelayFile.parse("relay.toml", toml, false, Map.of()).effective()) {
                if (setting.place().isEmpty()) {
                    setting.value()
                            .ifPresent(value -> usual.put(setting.key(), value.replace(directory.toString(), ".")));
                }
            }
        }
        usual.forEach((key, value) -> assertThat(row(key).usual()).as(key).contains("`" + value + "`"));
        ROWS.forEach((key, row) -> {
            if (DEPENDING.containsKey(key)) {
                assertThat(row.usual()).as(key).isEqualTo(DEPENDING.get(key));
            } else if (!usual.containsKey(key)) {
                assertThat(row.usual()).as(key).matches(NO_DEFAULT);
            }
        });
    }
}
