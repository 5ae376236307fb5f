package io.teahouse.cli.config;

import io.teahouse.cli.text.Spelling;
import io.teahouse.relay.server.proxy.AddressRange;
import io.teahouse.relay.server.proxy.ClientAddressSource;
import io.teahouse.relay.server.proxy.Proxies;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tomlj.TomlArray;

/** Reads the {@code [proxy]} table, which is ours: what stands between clients and the relay. */
final class ProxyReader {
    private static final String TRUSTED = "proxy.trusted";
    private static final String CLIENT_ADDRESS = "proxy.client_address";
    private static final String URL_PREFIX = "proxy.url_prefix";

    private static final String RANGE_EXPECTED = "an IP address, or a range such as \"10.0.0.0/8\"";
    private static final String PREFIX_EXPECTED = "a path such as \"/iroh\", without a slash at its end";

    private static final List<String> SOURCES = Arrays.stream(ClientAddressSource.values())
            .map(ClientAddressSource::text)
            .toList();
    private static final String SOURCE_EXPECTED =
            SOURCES.stream().map(Quoted::text).collect(Collectors.joining(", ", "one of ", ""));

    private final Settings settings;
    private final List<Problem> problems;
    private final List<Notice> notices;

    ProxyReader(Settings settings, List<Problem> problems, List<Notice> notices) {
        this.settings = settings;
        this.problems = problems;
        this.notices = notices;
    }

    Proxies read() {
        var trusted = trusted();
        var source = source();
        var prefix = urlPrefix();
        boolean trustsNobody = settings.find(TRUSTED)
                .map(found -> found instanceof TomlArray list && list.isEmpty())
                .orElse(true);
        if (!trustsNobody && !settings.has(CLIENT_ADDRESS)) {
            problems.add(new Problem.Missing(
                    settings.place(TRUSTED),
                    CLIENT_ADDRESS,
                    "proxies are trusted; write how they tell whom they serve, " + SOURCE_EXPECTED));
        }
        if (trustsNobody && settings.has(CLIENT_ADDRESS)) {
            problems.add(new Problem.Missing(
                    settings.place(CLIENT_ADDRESS),
                    TRUSTED,
                    "only trusted proxies are believed; write where they are, such as trusted = [\"127.0.0.1\"]"));
        }
        return trusted.isEmpty() || source.isEmpty()
                ? Proxies.NONE.withUrlPrefix(prefix)
                : new Proxies(trusted, source, prefix);
    }

    private List<AddressRange> trusted() {
        var ranges = new ArrayList<AddressRange>();
        settings.texts(TRUSTED, RANGE_EXPECTED, item -> {
            var range = AddressRange.around(item.text());
            try {
                ranges.add(AddressRange.of(item.text()));
            } catch (IllegalArgumentException _) {
                problems.add(new Problem.BadValue(
                        item.place(),
                        item.key(),
                        Quoted.text(item.text()),
                        RANGE_EXPECTED,
                        range.map(meant -> "for all that begin alike write " + Quoted.text(meant.toString()))
                                .orElse("")));
            }
            if (range.isPresent() && range.get().prefixLength() == 0) {
                notices.add(new Notice(
                        item.place(), item.key(), "trusts everybody: any client can say that it is any other"));
            }
        });
        return ranges;
    }

    private Optional<ClientAddressSource> source() {
        return settings.text(CLIENT_ADDRESS, SOURCE_EXPECTED).flatMap(text -> {
            var source = Arrays.stream(ClientAddressSource.values())
                    .filter(one -> one.text().equals(text))
                    .findFirst();
            if (source.isEmpty()) {
                var advice = Spelling.nearest(text, SOURCES)
                        .map(nearest -> "did you mean %s?".formatted(Quoted.text(nearest)));
                settings.bad(CLIENT_ADDRESS, text, SOURCE_EXPECTED, advice.orElse(""));
            }
            return source;
        });
    }

    private String urlPrefix() {
        var prefix = settings.text(URL_PREFIX, PREFIX_EXPECTED);
        if (prefix.isPresent() && (prefix.get().isEmpty() || !Proxies.isUrlPrefix(prefix.get()))) {
            var meant = "/" + prefix.get().replaceAll("^/+|/+$", "");
            settings.bad(
                    URL_PREFIX,
                    prefix.get(),
                    PREFIX_EXPECTED,
                    Proxies.isUrlPrefix(meant) ? "write " + Quoted.text(meant) : "");
            return "";
        }
        return prefix.orElse("");
    }
}
