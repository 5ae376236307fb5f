package io.teahouse.cli.config;

import io.teahouse.relay.server.RelayServerConfig;
import java.util.List;
import java.util.Optional;

/** Reads the {@code [admin]} table, which is ours: the listener for operators. */
final class AdminReader {
    static final String ADDRESS = "admin.bind_addr";
    private static final String TOKEN = "admin.token";
    private static final String TOKEN_EXPECTED = "a text of 1 character or more, without blanks";
    private static final int USUAL_PORT = 9091;

    private final Settings settings;
    private final List<Problem> problems;
    private final List<Notice> notices;

    AdminReader(Settings settings, List<Problem> problems, List<Notice> notices) {
        this.settings = settings;
        this.problems = problems;
        this.notices = notices;
    }

    Optional<RelayServerConfig.Admin> read() {
        var address = settings.address(ADDRESS, USUAL_PORT);
        var token = token();
        if (settings.has(TOKEN) && !settings.has(ADDRESS)) {
            notices.add(new Notice(settings.place(TOKEN), TOKEN, "has no effect without " + ADDRESS));
        }
        if (address.isEmpty()) {
            return Optional.empty();
        }
        boolean isLoopback = address.get().getAddress().isLoopbackAddress();
        if (token.isEmpty() && !isLoopback) {
            if (!settings.has(TOKEN)) {
                problems.add(new Problem.Missing(
                        settings.place(ADDRESS),
                        TOKEN,
                        "other machines reach that address; set a token, or listen on 127.0.0.1"));
            }
            return Optional.empty();
        }
        return Optional.of(new RelayServerConfig.Admin(address.get(), token));
    }

    private Optional<String> token() {
        var found = settings.find(TOKEN);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        if (found.get() instanceof String token
                && !token.isEmpty()
                && token.chars().noneMatch(c -> c <= ' ' || c > '~')) {
            return Optional.of(token);
        }
        settings.badSecret(TOKEN, found.get(), TOKEN_EXPECTED, "");
        return Optional.empty();
    }
}
