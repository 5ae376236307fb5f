package io.teahouse.cli.config;

import io.teahouse.relay.server.access.AccessControl;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tomlj.TomlArray;

/** Reads {@code access.shared_token}: tokens of which a client has to show one. No problem repeats a value. */
final class SharedTokenReader {
    static final String KEY = "access.shared_token";

    private static final String VARIABLE = new Keys.Key(KEY, Keys.Type.SECRETS).variable();
    private static final String EXPECTED = "a list of tokens, neither empty nor with an empty one in it";

    private final Settings settings;

    SharedTokenReader(Settings settings) {
        this.settings = settings;
    }

    /** The rule; empty if the key is not there, or a problem was noted. */
    Optional<AccessReader.Rule> read() {
        var found = settings.find(KEY);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        if (!(found.get() instanceof TomlArray list)) {
            settings.badSecret(KEY, found.get(), EXPECTED, found.get() instanceof String ? "write [\"...\"]" : "");
            return Optional.empty();
        }
        var listed = listed(list);
        var place = settings.place(KEY);
        if (listed.isEmpty() || listed.contains("")) {
            settings.badSecret(
                    KEY,
                    list,
                    EXPECTED,
                    "%sthe environment can give them instead, in %s"
                            .formatted(
                                    listed.isEmpty() ? "" : "%s[%d] is empty; ".formatted(KEY, listed.indexOf("")),
                                    VARIABLE));
            return Optional.empty();
        }
        String tokens = listed.size() == 1 ? "the token" : "one of the %d tokens".formatted(listed.size());
        return Optional.of(rule(listed, "%s of %s".formatted(tokens, place.isVariable() ? place.variable() : KEY)));
    }

    private static AccessReader.Rule rule(List<String> tokens, String shown) {
        return new AccessReader.Rule(AccessControl.sharedTokens(tokens), "whoever shows " + shown);
    }

    private List<String> listed(TomlArray list) {
        var tokens = new ArrayList<String>();
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) instanceof String token) {
                tokens.add(token);
            } else {
                settings.badSecret(KEY, list, EXPECTED, "%s[%d] is no text in quotes".formatted(KEY, i));
            }
        }
        return tokens;
    }
}
