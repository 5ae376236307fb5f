package io.teahouse.cli.config;

import java.util.List;
import java.util.stream.Collectors;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** How what was found is shown: as TOML would write it, never longer than a line can hold, never a control character. */
final class Quoted {
    private static final int SHOWN_MAX = 60;

    private Quoted() {}

    /** Shows a value. Lists and tables are named rather than shown: they can be long, and can hold secrets. */
    static String value(Object value) {
        return switch (value) {
            case String text -> text(text);
            case TomlTable table -> table.isEmpty() ? "an empty table" : "a table";
            case TomlArray list -> list.isEmpty() ? "an empty list" : "a list";
            case Long number -> number.toString();
            case Double number -> number.toString();
            case Boolean bool -> bool.toString();
            default -> "the date or time " + value;
        };
    }

    /** Says what kind of value it is, without showing it. */
    static String kind(Object value) {
        return switch (value) {
            case String text -> text.isEmpty() ? "an empty text" : "a text";
            case TomlTable _, TomlArray _ -> value(value);
            case Long _, Double _ -> "a number";
            case Boolean _ -> "true or false";
            default -> "a date or time";
        };
    }

    /** Writes a value as TOML, in full. */
    static String toml(Object value) {
        return switch (value) {
            case String text -> '"' + Toml.tomlEscape(text).toString() + '"';
            case TomlArray list -> list.toList().stream().map(Quoted::toml).collect(Collectors.joining(", ", "[", "]"));
            case Double number when number.isNaN() -> "nan";
            case Double number when number.isInfinite() -> number > 0 ? "inf" : "-inf";
            default -> value.toString();
        };
    }

    static String text(String text) {
        return '"' + plain(text) + '"';
    }

    /** Shows one part of a key, with quotes if it needs them. */
    static String key(String name) {
        return Toml.joinKeyPath(List.of(cut(name)));
    }

    /** Shows a text without quotes. */
    static String plain(String text) {
        return Toml.tomlEscape(cut(text)).toString();
    }

    private static String cut(String text) {
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX - 3) + "...";
    }
}
