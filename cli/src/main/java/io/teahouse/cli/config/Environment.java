package io.teahouse.cli.config;

import io.teahouse.cli.text.SmallFile;
import io.teahouse.cli.text.Spelling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tomlj.Toml;

/**
 * What the environment says in place of the file: a variable for each key ({@code TEAHOUSE_TLS_CERT_MODE} for {@code tls.cert_mode}),
 * for a secret also one with {@code _FILE} behind it that names a file, and the two that iroh's relay knows (iroh relay spec,
 * section 4). Texts become the values that a file would hold, so that whoever reads a key need not know where it came from.
 */
final class Environment {
    /**
     * A variable of iroh's relay that gives a secret, and counts only where the file has the rule that needs it.
     *
     * @param needs the key or table of that rule
     */
    private record Irohs(String variable, String key, String needs) {}

    private static final List<Irohs> IROHS = List.of(
            new Irohs("IROH_RELAY_ACCESS_TOKEN", "access.shared_token", "access.shared_token"),
            new Irohs("IROH_RELAY_HTTP_BEARER_TOKEN", "access.http.bearer_token", "access.http"));

    /** Variables that begin like those of keys and are something else. */
    private static final List<String> OTHERS = List.of(
            "TEAHOUSE_LOG",
            "TEAHOUSE_LOG_FORMAT",
            "TEAHOUSE_JDK",
            "TEAHOUSE_JAVA_OPTS",
            "TEAHOUSE_AOT",
            "TEAHOUSE_PEERS",
            "TEAHOUSE_REFERENCE_RELAY");

    private static final String FILE_SUFFIX = "_FILE";
    private static final int SECRET_FILE_BYTES_MAX = 64 << 10;
    private static final Pattern BOOL = Pattern.compile("true|false");
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,18}");
    private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]{1,18}(\\.[0-9]{1,18})?");

    private final Map<String, String> variables;
    private final List<Problem> problems;
    private final List<Notice> notices;

    private Environment(Map<String, String> variables, List<Problem> problems, List<Notice> notices) {
        this.variables = variables;
        this.problems = problems;
        this.notices = notices;
    }

    /**
     * The values that variables give, by key.
     *
     * @param inFile whether the file has a key or table
     */
    static Map<String, Found> values(
            Map<String, String> variables, Predicate<String> inFile, List<Problem> problems, List<Notice> notices) {
        var environment = new Environment(variables, problems, notices);
        environment.noteMistyped();
        var values = new HashMap<String, Found>();
        for (var key : Keys.ALL) {
            environment.value(key, inFile).ifPresent(found -> values.put(key.name(), found));
        }
        return values;
    }

    private Optional<Found> value(Keys.Key key, Predicate<String> inFile) {
        var candidates = new ArrayList<>(variables(key));
        candidates.removeIf(variable -> !variables.containsKey(variable));
        irohs(key, inFile, candidates).ifPresent(candidates::add);
        if (candidates.size() > 1) {
            problems.add(new Problem.BadValue(
                    Place.ofVariable(String.join(" and ", candidates)),
                    key.name(),
                    "set at once",
                    "one of them at most",
                    "unset all but the one that is meant"));
            return Optional.empty();
        }
        return candidates.isEmpty() ? Optional.empty() : text(key, candidates.getFirst());
    }

    private Optional<String> irohs(Keys.Key key, Predicate<String> inFile, List<String> ours) {
        var irohs = IROHS.stream()
                .filter(one -> one.key.equals(key.name()) && variables.containsKey(one.variable))
                .findFirst();
        if (irohs.isEmpty()) {
            return Optional.empty();
        }
        if (ours.isEmpty() && !hasRule(irohs.get().needs, inFile)) {
            notices.add(new Notice(
                    Place.ofVariable(irohs.get().variable),
                    key.name(),
                    "has no effect without %s; %s would have".formatted(irohs.get().needs, key.variable())));
            return Optional.empty();
        }
        return Optional.of(irohs.get().variable);
    }

    private boolean hasRule(String needs, Predicate<String> inFile) {
        return inFile.test(needs)
                || Keys.ALL.stream()
                        .filter(key -> key.name().startsWith(needs + "."))
                        .flatMap(key -> variables(key).stream())
                        .anyMatch(variables::containsKey);
    }

    /** Those that can give its value, by our names. */
    private static List<String> variables(Keys.Key key) {
        return key.type().isSecret() ? List.of(key.variable(), key.variable() + FILE_SUFFIX) : List.of(key.variable());
    }

    private Optional<Found> text(Keys.Key key, String variable) {
        var place = Place.ofVariable(variable);
        String value = variables.getOrDefault(variable, "");
        if (value.isEmpty()) {
            problems.add(new Problem.BadValue(
                    place, key.name(), "empty", "not empty", "unset it to have what the file says, or the default"));
            return Optional.empty();
        }
        String text = value;
        if (key.type().isSecret() && variable.endsWith(FILE_SUFFIX)) {
            var contents = contents(key, place, value);
            if (contents.isEmpty()) {
                return Optional.empty();
            }
            text = contents.get();
        }
        return Optional.of(new Found(value(key.type(), text), place));
    }

    private Optional<String> contents(Keys.Key key, Place place, String file) {
        String fault;
        try {
            String text = SmallFile.read(file, SECRET_FILE_BYTES_MAX)
                    .replaceFirst("\\r?\\n\\z", ""); // every editor ends the last line
            if (!text.isEmpty()) {
                return Optional.of(text);
            }
            fault = "is empty";
        } catch (SmallFile.UnreadableException e) {
            fault = e.getMessage();
        }
        problems.add(new Problem.BadValue(
                place, key.name(), Quoted.text(file), "a readable file with the secret in it", "it " + fault));
        return Optional.empty();
    }

    /** A text that is not what the type wants stays a text, for the reader of the key to complain about. */
    private static Object value(Keys.Type type, String text) {
        return switch (type) {
            case BOOL -> BOOL.matcher(text).matches() ? Boolean.valueOf(text) : text;
            case NUMBER -> NUMBER.matcher(text).matches() ? Long.valueOf(text) : text;
            case DECIMAL -> DECIMAL.matcher(text).matches() ? Double.valueOf(text) : text;
            case TEXT, URL, ADDRESS, PATH, SECRET -> text;
            case IDS, NAMES, RANGES ->
                list(Arrays.stream(text.split("[,\n]", -1)).map(item -> item.strip()));
            case SECRETS -> list(Arrays.stream(text.split("\r?\n", -1))); // a token can hold a comma, and blanks
        };
    }

    private static Object list(Stream<String> items) {
        String toml = items.filter(item -> !item.isEmpty()).map(Quoted::toml).collect(Collectors.joining(","));
        var list = Toml.parse("list = [%s]".formatted(toml)).getArray("list");
        if (list == null) {
            throw new AssertionError("quoted texts are TOML");
        }
        return list;
    }

    private void noteMistyped() {
        var ours = Keys.ALL.stream()
                .flatMap(key -> variables(key).stream())
                .map(Environment::withoutPrefix)
                .collect(Collectors.toSet());
        variables.keySet().stream()
                .filter(name -> name.startsWith(Keys.VARIABLE_PREFIX) && !OTHERS.contains(name))
                .sorted()
                .forEach(name -> {
                    String rest = withoutPrefix(name);
                    if (!ours.contains(rest)) {
                        Spelling.nearest(rest, ours)
                                .ifPresent(meant -> notices.add(new Notice(
                                        Place.ofVariable(name),
                                        "",
                                        "unknown, did you mean %s%s?".formatted(Keys.VARIABLE_PREFIX, meant))));
                    }
                });
    }

    /** What is compared: with the prefix, names that have nothing else in common would look alike. */
    private static String withoutPrefix(String variable) {
        return variable.substring(Keys.VARIABLE_PREFIX.length());
    }
}
