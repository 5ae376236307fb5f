package io.teahouse.cli.config;

import io.teahouse.relay.server.access.TokenAccess;
import io.teahouse.relay.server.access.TokenRules;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.tomlj.TomlTable;

/** Reads the {@code [access.tokens]} table: whose tokens let endpoints in (access token spec, section 7). */
final class TokensReader {
    private static final String TABLE = "access.tokens";
    private final Settings settings;
    private final List<Problem> problems;
    private final List<Notice> notices;

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
        var reader = new IssuersReader(settings, problems, TABLE);
        var issuers = reader.read();
        var projects = new ProjectsReader(settings, problems).read(issuers);
        long skewSeconds = settings.number(
                TABLE + ".clock_skew_seconds",
                0,
                TokenRules.CLOCK_SKEW_SECONDS_MAX,
                "seconds",
                TokenRules.DEFAULT_CLOCK_SKEW_SECONDS);
        boolean required = settings.bool(TABLE + ".required", true);
        var terms =
                new TokenAccess.Terms(skewSeconds, required, settings.bool(TABLE + ".close_on_token_expiry", false));
        var access = new TokenAccess(issuers, projects, terms, InstantSource.system());
        int count = access.rules().issuers().size();
        if (!reader.isThere() && settings.namesIn(ProjectsReader.TABLE).isEmpty()) {
            problems.add(new Problem.Missing(
                    settings.place(TABLE),
                    reader.listKey(),
                    "[%s] is present; name the keys that sign tokens, or an issuers_file with them".formatted(TABLE)));
        } else if (required && count == 0) {
            notices.add(new Notice(settings.place(TABLE), TABLE, "has no issuers: nobody may use this relay"));
        }
        return Optional.of(new AccessReader.Rule(access, people(required, count, projects.size()), reader.file()));
    }

    private static String people(boolean required, int issuers, int projects) {
        String whose = issuers == 1 ? "the 1 issuer" : "the %d issuers".formatted(issuers);
        String where = switch (projects) {
            case 0 -> "";
            case 1 -> ", with 1 project";
            default -> ", with %d projects".formatted(projects);
        };
        return required
                ? "endpoints with a token of %s of %s%s".formatted(whose, TABLE, where)
                : "everyone, tokens are counted" + where;
    }
}
