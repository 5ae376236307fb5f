package io.teahouse.relay.client;

import io.teahouse.core.FormatException;
import io.teahouse.core.RelayUrl;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Says through which proxy a relay is to be dialled, if through any. Immutable; safe for use by many threads. */
public final class ProxyRules {
    /** No proxy, whatever the environment says. */
    public static final ProxyRules NONE = new ProxyRules(Optional.empty(), Optional.empty(), List.of());

    private final Optional<ProxyServer> forTls;
    private final Optional<ProxyServer> forPlain;
    private final List<NoProxyRule> exceptions;

    private ProxyRules(Optional<ProxyServer> forTls, Optional<ProxyServer> forPlain, List<NoProxyRule> exceptions) {
        this.forTls = forTls;
        this.forPlain = forPlain;
        this.exceptions = List.copyOf(exceptions);
    }

    /**
     * {@return one proxy for all relays}
     *
     * @param proxy the proxy
     */
    public static ProxyRules of(ProxyServer proxy) {
        return new ProxyRules(Optional.of(proxy), Optional.of(proxy), List.of());
    }

    /**
     * {@return the same, without a proxy for some hosts}
     *
     * @param noProxy hosts, separated by commas: a domain stands for itself and what is below it, a leading dot or {@code *.} makes
     *                no difference; an address or a range such as {@code 10.0.0.0/8} for hosts that are written as addresses;
     *                each may end with a port; {@code *} stands for all
     */
    public ProxyRules except(String noProxy) {
        var all = new ArrayList<>(exceptions);
        for (var rule : noProxy.split(",", -1)) {
            NoProxyRule.parse(rule.strip().toLowerCase(Locale.ROOT)).ifPresent(all::add);
        }
        return new ProxyRules(forTls, forPlain, all);
    }

    /**
     * {@return what the environment says: {@code HTTPS_PROXY} for relays behind TLS and {@code HTTP_PROXY} for others, else {@code
     * ALL_PROXY}, and {@code NO_PROXY}; names in lower case go first}
     *
     * <p>{@code HTTP_PROXY} in upper case is not looked at in a CGI process, where whoever asks sets it.
     *
     * @param environment such as {@link System#getenv()}
     * @throws FormatException if a variable names no proxy; the message says which and does not repeat it
     */
    public static ProxyRules ofEnvironment(Map<String, String> environment) throws FormatException {
        var forTls = proxy(environment, "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY");
        var forPlain = environment.containsKey("REQUEST_METHOD")
                ? proxy(environment, "http_proxy", "all_proxy", "ALL_PROXY")
                : proxy(environment, "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY");
        var noProxy = environment.getOrDefault("no_proxy", environment.getOrDefault("NO_PROXY", ""));
        return new ProxyRules(forTls, forPlain, List.of()).except(noProxy);
    }

    private static Optional<ProxyServer> proxy(Map<String, String> environment, String... names)
            throws FormatException {
        for (var name : names) {
            var value = environment.getOrDefault(name, "").strip();
            if (!value.isEmpty()) {
                try {
                    return Optional.of(ProxyServer.parse(value));
                } catch (FormatException e) {
                    throw new FormatException("environment variable %s: %s".formatted(name, e.getMessage()));
                }
            }
        }
        return Optional.empty();
    }

    /**
     * {@return the proxy for a relay, or empty to dial it directly}
     *
     * @param relay which relay
     */
    public Optional<ProxyServer> proxyFor(RelayUrl relay) {
        var host = relay.host().endsWith(".")
                ? relay.host().substring(0, relay.host().length() - 1)
                : relay.host();
        boolean excepted = exceptions.stream().anyMatch(rule -> rule.matches(host, relay.port()));
        return excepted ? Optional.empty() : relay.isTls() ? forTls : forPlain;
    }
}
