package io.teahouse.cli.config;

import io.teahouse.cli.text.SmallFile;
import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.SecretKey;
import io.teahouse.core.token.ApiSecret;
import io.teahouse.relay.server.access.TokenAccess;
import io.teahouse.relay.server.access.TokenRules;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tomlj.TomlTable;

/** Reads the {@code [access.tokens]} table: whose tokens let endpoints in (access token spec, section 7). */
final class TokensReader {
    private static final String TABLE = "access.tokens";
    private static final String ISSUERS = TABLE + ".issuers";
    private static final String ISSUERS_FILE = TABLE + ".issuers_file";

    private static final String ID_EXPECTED =
            "the endpoint id of a key that signs tokens, 64 characters of hex or 52 of base32";
    /** What stands in the place of an id may be the secret half of a key. */
    private static final String NOT_SHOWN = "no id";

    private static final String FILE_EXPECTED = "a readable file with one id a line";

    /** Room for a quarter of a million ids; whatever is longer is no list of them. */
    private static final int FILE_BYTES_MAX = 16 << 20;

    private final Settings settings;
    private final List<Problem> problems;
    private final List<Notice> notices;
    private final Set<EndpointId> issuers = new HashSet<>();

    TokensReader(Settings settings, List<Problem> problems, List<Notice> notices) {
        this.settings = settings;
        this.problems = problems;
        this.notices = notices;
    }

    /** The rule; none without the table. */
    Optional<AccessReader.Rule> read() {
        var found = settings.find(TABLE);
        if (found.isPresent() && !(found.get() instanceof TomlTable)) {
            // Not shown: it may be a token.
            problems.add(new Problem.BadValue(
                    settings.place(TABLE), TABLE, "no table", "a table, [%s]".formatted(TABLE), ""));
            return Optional.empty();
        }
        if (!settings.hasTable(TABLE)) {
            return Optional.empty();
        }
        settings.texts(
                ISSUERS,
                ID_EXPECTED,
                item -> issuer(item.text())
                        .ifPresent(reason -> problems.add(
                                new Problem.BadValue(item.place(), item.key(), NOT_SHOWN, ID_EXPECTED, reason))));
        settings.path(ISSUERS_FILE, FILE_EXPECTED).ifPresent(this::readFile);
        long skewSeconds = settings.number(
                TABLE + ".clock_skew_seconds",
                0,
                TokenRules.CLOCK_SKEW_SECONDS_MAX,
                "seconds",
                TokenRules.DEFAULT_CLOCK_SKEW_SECONDS);
        boolean required = settings.bool(TABLE + ".required", true);
        noteIfNobodyIsLetIn(required);
        var rules = new TokenRules(issuers, skewSeconds);
        return Optional.of(
                new AccessReader.Rule(new TokenAccess(rules, required, InstantSource.system()), people(required)));
    }

    private String people(boolean required) {
        String whose = issuers.size() == 1 ? "the 1 issuer" : "the %d issuers".formatted(issuers.size());
        return required ? "endpoints with a token of %s of %s".formatted(whose, TABLE) : "everyone, tokens are counted";
    }

    private void noteIfNobodyIsLetIn(boolean required) {
        if (!settings.has(ISSUERS) && !settings.has(ISSUERS_FILE)) {
            problems.add(new Problem.Missing(
                    settings.place(TABLE),
                    ISSUERS,
                    "[%s] is present; name the keys that sign tokens, or an issuers_file with them".formatted(TABLE)));
        } else if (required && issuers.isEmpty()) {
            notices.add(new Notice(settings.place(TABLE), TABLE, "has no issuers: nobody may use this relay"));
        }
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

    private void readFile(Path file) {
        List<String> lines;
        try {
            lines = SmallFile.read(file, FILE_BYTES_MAX).lines().toList();
        } catch (SmallFile.UnreadableException e) {
            badFile(file.toString(), "it " + e.getMessage());
            return;
        }
        for (int index = 0; index < lines.size(); index++) {
            var text = withoutComment(lines.get(index));
            if (!text.isEmpty()) {
                int number = index + 1;
                issuer(text).ifPresent(reason -> badFile("%s:%d".formatted(file, number), reason));
            }
        }
    }

    private static String withoutComment(String line) {
        int comment = line.indexOf('#');
        return (comment < 0 ? line : line.substring(0, comment)).strip();
    }

    /** Says where, and not what: see {@link #NOT_SHOWN}. */
    private void badFile(String where, String reason) {
        settings.bad(ISSUERS_FILE, where, FILE_EXPECTED, reason);
    }
}
