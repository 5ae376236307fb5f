package io.teahouse.cli.config;

import io.teahouse.cli.text.SmallFile;
import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.SecretKey;
import io.teahouse.core.token.ApiSecret;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads whose tokens count, from {@code issuers} and {@code issuers_file} of one table. */
final class IssuersReader {
    private static final String ID_EXPECTED =
            "the endpoint id of a key that signs tokens, 64 characters of hex or 52 of base32";
    /** What stands in the place of an id may be the secret half of a key. */
    private static final String NOT_SHOWN = "no id";

    private static final String FILE_EXPECTED = "a readable file with one id a line";

    private final Settings settings;
    private final List<Problem> problems;
    private final String list;
    private final String file;
    private final Set<EndpointId> issuers = new HashSet<>();
    private Optional<Path> named = Optional.empty();

    /** Prepares to read from a table, by its full dotted name. */
    IssuersReader(Settings settings, List<Problem> problems, String table) {
        this.settings = settings;
        this.problems = problems;
        this.list = table + ".issuers";
        this.file = table + ".issuers_file";
    }

    /** The key of the list, which need not be there. */
    String listKey() {
        return list;
    }

    /** Whether one of the two is there. */
    boolean isThere() {
        return settings.has(list) || settings.has(file);
    }

    /** The file that was named, once it is read. */
    Optional<Path> file() {
        return named;
    }

    Set<EndpointId> read() {
        settings.texts(
                list,
                ID_EXPECTED,
                item -> issuer(item.text())
                        .ifPresent(reason -> problems.add(
                                new Problem.BadValue(item.place(), item.key(), NOT_SHOWN, ID_EXPECTED, reason))));
        named = settings.path(file, FILE_EXPECTED);
        named.ifPresent(this::readFile);
        return issuers;
    }

    /** Takes one more, or returns why it is none. */
    private Optional<String> issuer(String text) {
        try {
            var id = EndpointId.parse(text);
            if (id.isSmallOrder()) {
                return Optional.of("it is of small order: nobody has the secret half of it");
            }
            issuers.add(id);
            return Optional.empty();
        } catch (FormatException e) {
            return Optional.of(
                    isSecret(text)
                            ? "is it a secret? the relay is to know only the endpoint id of the key"
                            : String.valueOf(e.getMessage()));
        }
    }

    private static boolean isSecret(String text) {
        if (text.startsWith(ApiSecret.PREFIX)) {
            return true;
        }
        try {
            var _ = SecretKey.parse(text); // any 32 bytes are one, and these are no id
            return true;
        } catch (FormatException _) {
            return false;
        }
    }

    private void readFile(Path path) {
        List<String> lines;
        try {
            lines = SmallFile.read(path, RelayFile.ACCESS_FILE_BYTES_MAX)
                    .lines()
                    .toList();
        } catch (SmallFile.UnreadableException e) {
            badFile(path.toString(), "it " + e.getMessage());
            return;
        }
        for (int index = 0; index < lines.size(); index++) {
            var text = withoutComment(lines.get(index));
            if (!text.isEmpty()) {
                int number = index + 1;
                issuer(text).ifPresent(reason -> badFile("%s:%d".formatted(path, number), reason));
            }
        }
    }

    private static String withoutComment(String line) {
        int comment = line.indexOf('#');
        return (comment < 0 ? line : line.substring(0, comment)).strip();
    }

    /** Says where, and not what: see {@link #NOT_SHOWN}. */
    private void badFile(String where, String reason) {
        settings.bad(file, where, FILE_EXPECTED, reason);
    }
}
