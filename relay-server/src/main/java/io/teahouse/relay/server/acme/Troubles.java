package io.teahouse.relay.server.acme;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeLazyLoadingException;
import org.shredzone.acme4j.exception.AcmeNetworkException;
import org.shredzone.acme4j.exception.AcmeProtocolException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.exception.AcmeServerException;

/** Puts into words what went wrong with an authority, and what to do about it. */
final class Troubles {
    /** Longer texts of an authority are cut: 300 characters. */
    private static final int MAX_TEXT = 300;

    private static final String ERROR_PREFIX = "urn:ietf:params:acme:error:";

    private Troubles() {}

    /** Returns what an authority is called: its host, and its port if that is not the usual one. */
    static String authority(URI directory) {
        return directory.getHost() + (directory.getPort() < 0 ? "" : ":" + directory.getPort());
    }

    /** Returns the trouble behind an exception of the ACME library. */
    static Trouble of(String authority, Exception e) {
        return switch (e) {
            case AcmeLazyLoadingException lazy
            when lazy.getCause() instanceof AcmeException cause -> of(authority, cause);
            case AcmeRateLimitedException limited ->
                new Trouble(
                        Trouble.Kind.REFUSED,
                        "%s grants no more for now: %s".formatted(authority, text(limited.getProblem())),
                        limited.getRetryAfter(),
                        e);
            case AcmeServerException refused -> refusal(authority, refused);
            case AcmeNetworkException network ->
                new Trouble(
                        Trouble.Kind.PASSING,
                        notReached(authority, requireNonNull(network.getCause())),
                        Optional.empty(),
                        e);
            case AcmeProtocolException strange ->
                new Trouble(
                        Trouble.Kind.PASSING,
                        "%s does not speak ACME as expected: %s; see that the URL is that of an ACME directory"
                                .formatted(authority, clean(String.valueOf(strange.getMessage()))),
                        Optional.empty(),
                        e);
            default ->
                new Trouble(
                        Trouble.Kind.PASSING,
                        "%s: %s".formatted(authority, clean(String.valueOf(e.getMessage()))),
                        Optional.empty(),
                        e);
        };
    }

    private static Trouble refusal(String authority, AcmeServerException refused) {
        var problem = refused.getProblem();
        var type = type(problem);
        var advice = switch (type) {
            case "serverInternal", "badNonce" -> "";
            case "invalidContact", "unsupportedContact" -> "; change tls.contact";
            case "rejectedIdentifier", "malformed" -> "; see that tls.hostname is what it should be";
            case "externalAccountRequired" ->
                "; this relay cannot bind accounts: take another authority, or another ACME client and cert_mode = \"Reloading\"";
            case "accountDoesNotExist", "unauthorized" ->
                "; if it has forgotten the account, delete cached_account_* in tls.cert_dir to make another one";
            case "dns", "caa" -> "; " + advice(problem, authority);
            default -> "";
        };
        var kind =
                type.equals("serverInternal") || type.equals("badNonce") ? Trouble.Kind.PASSING : Trouble.Kind.REFUSED;
        return new Trouble(
                kind, "%s refuses: %s%s".formatted(authority, text(problem), advice), Optional.empty(), refused);
    }

    private static String notReached(String authority, Throwable cause) {
        var reason = switch (cause) {
            case SSLException tls ->
                "its TLS certificate is not trusted, or TLS fails otherwise: %s; if it is an authority of your own, name its root in"
                                .formatted(clean(String.valueOf(tls.getMessage())))
                        + " IROH_RELAY_ACME_CA";
            case HttpTimeoutException _ -> "it does not answer in time";
            case ConnectException connect
            when connect.getCause() instanceof UnresolvedAddressException -> "there is no such name in DNS";
            case UnknownHostException _ -> "there is no such name in DNS";
            case ConnectException _ -> "it takes no connection; see that this machine may connect to it";
            default -> clean(String.valueOf(cause.getMessage()));
        };
        return "%s is not reached: %s".formatted(authority, reason);
    }

    /** Returns what an operator can do about a name that was not validated. */
    static String advice(Problem problem, String authority) {
        return switch (type(problem)) {
            case "dns" -> "let the name point at this machine in DNS";
            case "caa" -> "let the CAA record of the name in DNS allow " + authority;
            default -> "port 443 or port 80 of the name has to reach this relay from outside";
        };
    }

    /** Returns the text of a problem, fit for a line in the log. */
    static String text(Problem problem) {
        return clean(problem.toString());
    }

    private static String type(Problem problem) {
        var type = problem.getType().toString();
        return type.toLowerCase(Locale.ROOT).startsWith(ERROR_PREFIX) ? type.substring(ERROR_PREFIX.length()) : type;
    }

    private static String clean(String text) {
        var line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() > MAX_TEXT ? line.substring(0, MAX_TEXT) + "..." : line;
    }

    /** Returns the trouble behind a file that cannot be used. */
    static Trouble of(IOException e) {
        return new Trouble(Trouble.Kind.REFUSED, clean(String.valueOf(e.getMessage())), Optional.empty(), e);
    }
}
