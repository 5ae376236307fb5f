package io.teahouse.cli.config;

import io.teahouse.cli.text.Spelling;
import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.relay.server.access.AccessControl;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads who may use the relay: exactly one rule (iroh relay spec, section 6). */
final class AccessReader {
    private static final List<String> RULES = List.of("allowlist", "denylist", "shared_token", "http", "tokens");
    private static final String EXPECTED =
            "\"everyone\", or a table with exactly one of allowlist, denylist, shared_token, http, tokens";
    private static final String ID_EXPECTED = "an endpoint id, 64 characters of hex or 52 of base32";

    private final Settings settings;
    private final List<Problem> problems;
    private final List<Notice> notices;

    AccessReader(Settings settings, List<Problem> problems, List<Notice> notices) {
        this.settings = settings;
        this.problems = problems;
        this.notices = notices;
    }

    /**
     * Who may use the relay.
     *
     * @param people the same in words: {@code everyone}, or how many endpoints, or what they need
     * @param file   one that is a part of it beside the configuration
     */
    record Rule(AccessControl control, String people, Optional<Path> file) {
        Rule(AccessControl control, String people) {
            this(control, people, Optional.empty());
        }
    }

    Rule read() {
        var rules =
                RULES.stream().filter(rule -> settings.has("access." + rule)).toList();
        if (rules.isEmpty()) {
            settings.usual("access", "everyone");
            refuseUnlessEveryone();
        } else {
            refuseMoreThanOne(rules);
        }
        var sharedToken = new SharedTokenReader(settings).read();
        var callout = new CalloutReader(settings, problems).read();
        var tokens = new TokensReader(settings, problems, notices).read();
        var allowed = endpoints("access.allowlist");
        var denied = endpoints("access.denylist");
        if (settings.has("access.allowlist")) {
            if (allowed.isEmpty()) {
                notices.add(new Notice(
                        settings.place("access.allowlist"), "access.allowlist", "is empty: nobody may use this relay"));
            }
            return new Rule(AccessControl.allowlist(allowed), count(allowed) + " of access.allowlist");
        }
        if (settings.has("access.denylist")) {
            return new Rule(AccessControl.denylist(denied), "all but %s of access.denylist".formatted(count(denied)));
        }
        return sharedToken
                .or(() -> callout)
                .or(() -> tokens)
                .orElseGet(() -> new Rule(AccessControl.everyone(), "everyone"));
    }

    private static String count(Set<EndpointId> ids) {
        return ids.size() == 1 ? "the 1 endpoint" : "the %d endpoints".formatted(ids.size());
    }

    /** A word and a rule can meet as well, one of them in the environment. */
    private void refuseMoreThanOne(List<String> rules) {
        var found = new ArrayList<String>();
        var places = new ArrayList<Place>();
        settings.find("access").filter(String.class::isInstance).ifPresent(word -> {
            places.add(settings.place("access"));
            found.add(named(Quoted.value(word), places.getLast()));
        });
        for (String rule : rules) {
            places.add(settings.place("access." + rule));
            found.add(named(rule, places.getLast()));
        }
        if (found.size() > 1) {
            problems.add(new Problem.BadValue(
                    places.stream()
                            .filter(place -> !place.isVariable())
                            .max(Place.ORDER)
                            .orElse(places.getLast()),
                    "access",
                    String.join(" and ", found),
                    "exactly one of them",
                    "keep the one that is meant"));
        }
    }

    private static String named(String rule, Place place) {
        return place.isVariable() ? "%s of %s".formatted(rule, place.variable()) : rule;
    }

    private void refuseUnlessEveryone() {
        var found = settings.find("access");
        if (found.isEmpty() || found.get().equals("everyone")) {
            return;
        }
        String advice = "";
        if (found.get() instanceof String text) {
            if (Spelling.nearest(text, List.of("everyone")).isPresent()) {
                advice = "did you mean \"everyone\"?";
            } else if (RULES.contains(text)) {
                advice = "write it as a key: access.%s = ...".formatted(text);
            }
        }
        settings.bad("access", found.get(), EXPECTED, advice);
    }

    private Set<EndpointId> endpoints(String key) {
        var ids = new HashSet<EndpointId>();
        settings.texts(key, ID_EXPECTED, item -> {
            try {
                ids.add(EndpointId.parse(item.text()));
            } catch (FormatException e) {
                problems.add(new Problem.BadValue(
                        item.place(),
                        item.key(),
                        Quoted.text(item.text()),
                        ID_EXPECTED,
                        String.valueOf(e.getMessage())));
            }
        });
        return ids;
    }
}
