package io.teahouse.cli.config;

import io.teahouse.cli.text.AddressText;
import io.teahouse.relay.server.access.Project;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * The values of a file and of the environment, which comes first, asked for by full dotted key. A value of the wrong type is
 * noted as a {@link Problem} and then counts as absent, so that everything else can still be looked at. Which values came to
 * be in force is kept, those that nobody wrote as well.
 *
 * <p>Not thread-safe.
 */
final class Settings {
    private static final Pattern AMOUNT =
            Pattern.compile("([0-9]{1,12}(?:[._][0-9]{1,9})?) *([kKmMgG]?)(i?)[bB]?(?:/s|ps)?");

    /** Tables in the place of which there may be a word, or a secret: see {@link AccessReader}. */
    private static final Set<String> RULES = Set.of("access", "access.http", "access.tokens");

    private final TomlTable root;
    private final Map<String, String> variables;
    private final Map<String, Found> fromEnvironment;
    private final Map<String, Object> usual = new HashMap<>();
    private final List<Problem> problems;

    Settings(TomlTable root, Map<String, String> variables, List<Problem> problems, List<Notice> notices) {
        this.root = root;
        this.variables = variables;
        this.problems = problems;
        lookForUnknownKeys("", root);
        fromEnvironment = Environment.values(variables, key -> inFile(key).isPresent(), problems, notices);
    }

    /** Whether there is such a value or table. */
    boolean has(String key) {
        return find(key).isPresent() || hasTable(key);
    }

    /** Whether there is such a table, were it only because variables give something that belongs into it. */
    boolean hasTable(String key) {
        return inFile(key).orElse(null) instanceof TomlTable
                || firstVariableBelow(key).isPresent();
    }

    /** What is in a table of the file, by name, in order. */
    List<String> namesIn(String table) {
        return inFile(table).orElse(null) instanceof TomlTable found
                ? found.keySet().stream().sorted().toList()
                : List.of();
    }

    /** Where a value or table is; the file as a whole if there is none. */
    Place place(String key) {
        var found = Optional.ofNullable(fromEnvironment.get(key)).map(Found::place);
        if (found.isPresent()) {
            return found.get();
        }
        return inFile(key).isPresent()
                ? Place.atLine(lineOf(root.inputPositionOf(names(key))))
                : firstVariableBelow(key).orElse(Place.FILE);
    }

    private Optional<Place> firstVariableBelow(String table) {
        return Keys.ALL.stream()
                .filter(key -> key.name().startsWith(table + "."))
                .flatMap(key -> Optional.ofNullable(fromEnvironment.get(key.name())).stream())
                .map(Found::place)
                .findFirst();
    }

    /** A variable that stands for no key. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(variables.get(name));
    }

    /** Notes what is in force where nobody wrote a value: a text, number or truth. */
    void usual(String key, Object value) {
        usual.put(key, value);
    }

    /** What each key is in force with, once all have been asked for. */
    List<Setting> effective() {
        var ofProjects = namesIn(ProjectsReader.TABLE).stream()
                .filter(Project::isName)
                .flatMap(name -> Keys.ofProject(name).stream());
        return Stream.concat(Keys.ALL.stream(), ofProjects).map(this::effective).toList();
    }

    private Setting effective(Keys.Key key) {
        var found = find(key.name()).filter(value -> !(value instanceof TomlTable));
        return found.isPresent()
                ? new Setting(key.name(), found.map(key.type()::toml), Optional.of(place(key.name())))
                : new Setting(
                        key.name(), Optional.ofNullable(usual.get(key.name())).map(Quoted::toml), Optional.empty());
    }

    boolean bool(String key, boolean usual) {
        usual(key, usual);
        return bool(key).orElse(usual);
    }

    Optional<Boolean> bool(String key) {
        return read(key, Boolean.class, "true or false", found -> {
            boolean isQuoted = found.equals("true") || found.equals("false");
            return isQuoted ? "write it without quotes" : "";
        });
    }

    Optional<String> text(String key, String expected) {
        return read(key, String.class, expected, _ -> "");
    }

    /**
     * One string of a list.
     *
     * @param key the list's key with the string's index
     */
    record Item(Place place, String key, String text) {}

    /** Hands each string of a list to {@code each}, in order; whatever else is in it is noted and left out. */
    void texts(String key, String expected, Consumer<Item> each) {
        read(key, TomlArray.class, "a list; each item " + expected, Settings::listAdvice)
                .ifPresent(list -> readItems(key, list, expected, each));
    }

    private void readItems(String key, TomlArray list, String expected, Consumer<Item> each) {
        for (int i = 0; i < list.size(); i++) {
            var listed = place(key);
            var place = listed.isVariable() ? listed : Place.atLine(lineOf(list.inputPositionOf(i)));
            String itemKey = key + "[" + i + "]";
            if (list.get(i) instanceof String text) {
                each.accept(new Item(place, itemKey, text));
            } else {
                problems.add(new Problem.BadValue(place, itemKey, Quoted.value(list.get(i)), expected, ""));
            }
        }
    }

    private static String listAdvice(Object found) {
        return found instanceof String text ? "write [%s]".formatted(Quoted.text(text)) : "";
    }

    long number(String key, long min, long max, String unit, long usual) {
        usual(key, usual);
        return number(key, min, max, unit).orElse(usual);
    }

    OptionalLong number(String key, long min, long max, String unit) {
        String expected = "a whole number of " + unit + ", " + min + " to " + max;
        var number = read(key, Long.class, expected, found -> numberAdvice(found, min, max));
        if (number.isPresent() && (number.get() < min || number.get() > max)) {
            bad(key, number.get(), expected, "");
            return OptionalLong.empty();
        }
        return number.isPresent() ? OptionalLong.of(number.get()) : OptionalLong.empty();
    }

    /** A number with or without a point. */
    Optional<Number> decimal(String key, String expected) {
        return read(key, Number.class, expected, _ -> "");
    }

    InetSocketAddress address(String key, InetSocketAddress usual) {
        usual(key, AddressText.of(usual));
        return address(key, usual.getPort()).orElse(usual);
    }

    Optional<InetSocketAddress> address(String key, int usualPort) {
        return text(key, SocketAddressText.EXPECTED).flatMap(text -> {
            var address = SocketAddressText.parse(text);
            if (address.isEmpty()) {
                bad(key, text, SocketAddressText.EXPECTED, SocketAddressText.advice(text, usualPort));
            }
            return address;
        });
    }

    Path path(String key, String expected, Path usual) {
        usual(key, usual.toString());
        return path(key, expected).orElse(usual);
    }

    Optional<Path> path(String key, String expected) {
        return text(key, expected).flatMap(text -> {
            try {
                return Optional.of(Path.of(text));
            } catch (InvalidPathException _) {
                bad(key, text, expected, "no path can hold such a character");
                return Optional.empty();
            }
        });
    }

    /** Notes that the value of a key that is there cannot be used. */
    void bad(String key, Object found, String expected, String advice) {
        problems.add(new Problem.BadValue(place(key), key, Quoted.value(found), expected, advice));
    }

    /** The same for a value that is a secret or may hold one: only what kind of value it is will be told. */
    void badSecret(String key, Object found, String expected, String advice) {
        problems.add(new Problem.BadValue(place(key), key, Quoted.kind(found), expected, advice));
    }

    /** Notes that a key that is there cannot be honoured. */
    private <T> Optional<T> read(String key, Class<T> type, String expected, Function<Object, String> advice) {
        var found = find(key);
        if (found.isPresent() && !type.isInstance(found.get())) {
            bad(key, found.get(), expected, advice.apply(found.get()));
            return Optional.empty();
        }
        return found.map(type::cast);
    }

    /** The value of a key, whatever its type. */
    Optional<Object> find(String key) {
        return Optional.ofNullable(fromEnvironment.get(key)).map(Found::value).or(() -> inFile(key));
    }

    private Optional<Object> inFile(String key) {
        @Nullable Object found = root;
        for (String name : names(key)) {
            if (!(found instanceof TomlTable table)) {
                return Optional.empty();
            }
            found = table.get(List.of(name));
        }
        return Optional.ofNullable(found);
    }

    private static List<String> names(String key) {
        return List.of(key.split("\\.", -1));
    }

    private static int lineOf(@Nullable TomlPosition position) {
        return position == null ? 0 : position.line();
    }

    private void lookForUnknownKeys(String prefix, TomlTable table) {
        for (var entry : table.entrySet()) {
            String name = entry.getKey();
            String key = prefix.isEmpty() ? Quoted.key(name) : prefix + "." + Quoted.key(name);
            var place = Place.atLine(lineOf(table.inputPositionOf(List.of(name))));
            if (Keys.isTable(key) && entry.getValue() instanceof TomlTable child) {
                lookForUnknownKeys(key, child);
            } else if (!Keys.isValue(key) && !Keys.isTable(key)) {
                problems.add(new Problem.UnknownKey(place, key, Keys.adviceFor(prefix, name)));
            } else if (Keys.isTable(key) && !RULES.contains(key)) {
                boolean maySecret = key.startsWith("access");
                problems.add(new Problem.BadValue(
                        place,
                        key,
                        maySecret ? Quoted.kind(entry.getValue()) : Quoted.value(entry.getValue()),
                        "a table, [%s]".formatted(key),
                        ""));
            }
        }
    }

    /** What a number may have been meant to be: one with a unit, in quotes, or with a point. */
    private static String numberAdvice(Object found, long min, long max) {
        BigDecimal meant;
        switch (found) {
            case Double number when !number.isInfinite() && !number.isNaN() -> meant = BigDecimal.valueOf(number);
            case String text -> {
                Matcher amount = AMOUNT.matcher(text.strip());
                if (!amount.matches()) {
                    return "";
                }
                long step = amount.group(3).isEmpty() ? 1000 : 1024;
                long factor = switch (amount.group(2)) {
                    case "k", "K" -> step;
                    case "m", "M" -> step * step;
                    case "g", "G" -> step * step * step;
                    default -> 1;
                };
                meant = new BigDecimal(amount.group(1).replace("_", "")).multiply(BigDecimal.valueOf(factor));
            }
            default -> {
                return "";
            }
        }
        BigInteger whole = meant.toBigInteger();
        boolean inRange =
                whole.compareTo(BigInteger.valueOf(min)) >= 0 && whole.compareTo(BigInteger.valueOf(max)) <= 0;
        return inRange ? "for %s write %s".formatted(found, whole) : "";
    }
}
