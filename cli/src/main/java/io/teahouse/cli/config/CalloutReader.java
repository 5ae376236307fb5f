package io.teahouse.cli.config;

import io.teahouse.relay.server.access.AccessControl;
import io.teahouse.relay.server.access.HttpCallout;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.tomlj.TomlTable;

/**
 * Reads {@code access.http}: the service that is asked who may use the relay. No problem repeats the token, nor the URL, whose
 * query may hold another secret.
 */
final class CalloutReader {
    static final String KEY = "access.http";

    private static final String URL = KEY + ".url";
    private static final String TOKEN = KEY + ".bearer_token";
    private static final String URL_EXPECTED = "a URL with http:// or https:// and a host";
    private static final String TOKEN_EXPECTED = "printable ASCII, 1 character or more";

    private final Settings settings;
    private final List<Problem> problems;

    CalloutReader(Settings settings, List<Problem> problems) {
        this.settings = settings;
        this.problems = problems;
    }

    /** The rule; empty if the table is not there, or a problem was noted. */
    Optional<AccessReader.Rule> read() {
        var found = settings.find(KEY);
        if (found.isPresent() && !(found.get() instanceof TomlTable)) {
            settings.badSecret(KEY, found.get(), "a table, [access.http]", "write access.http.url = \"https://...\"");
            return Optional.empty();
        }
        if (!settings.hasTable(KEY)) {
            return Optional.empty();
        }
        var token = token();
        var timeout = settings.number(
                KEY + ".timeout_ms",
                HttpCallout.MIN_TIMEOUT.toMillis(),
                HttpCallout.MAX_TIMEOUT.toMillis(),
                "milliseconds",
                HttpCallout.DEFAULT_TIMEOUT.toMillis());
        var cache = settings.number(KEY + ".cache_seconds", 0, HttpCallout.MAX_CACHE.toSeconds(), "seconds", 0);
        var maxConcurrent = settings.number(
                KEY + ".max_concurrent", 1, HttpCallout.MAX_CONCURRENT, "requests", HttpCallout.DEFAULT_MAX_CONCURRENT);
        boolean failOpen = settings.bool(KEY + ".fail_open", false);
        boolean sendClientIp = settings.bool(KEY + ".send_client_ip", false);
        return url().map(url -> rule(new HttpCallout(
                url,
                token,
                Duration.ofMillis(timeout),
                Duration.ofSeconds(cache),
                failOpen,
                (int) maxConcurrent,
                sendClientIp)));
    }

    private static AccessReader.Rule rule(HttpCallout callout) {
        return new AccessReader.Rule(
                AccessControl.callout(callout),
                "whoever %s lets in%s"
                        .formatted(callout.origin(), callout.failOpen() ? ", and everyone while it fails" : ""));
    }

    private Optional<URI> url() {
        var found = settings.find(URL);
        if (found.isEmpty()) {
            problems.add(new Problem.Missing(
                    settings.place(KEY),
                    URL,
                    "%s is present; say which service to ask, such as https://...".formatted(KEY)));
            return Optional.empty();
        }
        String advice = "";
        if (found.get() instanceof String text) {
            try {
                var url = new URI(text);
                if (HttpCallout.isUsable(url)) {
                    return Optional.of(url);
                }
                if (url.getRawUserInfo() != null) {
                    advice = "a user name in it is not supported; the service can be shown an %s".formatted(TOKEN);
                }
            } catch (URISyntaxException e) {
                advice = "%s at character %d".formatted(e.getReason(), e.getIndex() + 1);
            }
        }
        settings.badSecret(URL, found.get(), URL_EXPECTED, advice);
        return Optional.empty();
    }

    private Optional<String> token() {
        var found = settings.find(TOKEN);
        if (found.isPresent() && !(found.get() instanceof String)) {
            settings.badSecret(TOKEN, found.get(), TOKEN_EXPECTED, "");
            return Optional.empty();
        }
        var token = found.map(String.class::cast);
        if (token.isPresent() && !HttpCallout.isUsable(token.get())) {
            settings.badSecret(TOKEN, token.get(), TOKEN_EXPECTED, "");
            return Optional.empty();
        }
        return token;
    }
}
