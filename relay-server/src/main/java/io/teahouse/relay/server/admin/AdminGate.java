package io.teahouse.relay.server.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.http.HttpHeaders;
import io.teahouse.relay.server.RelayServerConfig;
import java.net.InetAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Decides who may ask the admin listener.
 *
 * <p>A browser on the operator's machine reaches the loopback address, too, and shows whatever page its user looks at: a
 * request that says that a page sent it is refused, and so is one for a host name, which may be anybody's. Immutable.
 */
final class AdminGate {
    private static final String SCHEME = "bearer ";

    private final InetAddress bound;
    private final Optional<byte[]> digest;

    AdminGate(RelayServerConfig.Admin config) {
        this.bound = config.bindAddress().getAddress();
        this.digest = config.token().map(AdminGate::digest);
    }

    /** Why somebody is not let in. */
    record Refusal(int status, String reason) {}

    Optional<Refusal> refuse(HttpHeaders headers) {
        if (headers.contains("origin")) {
            return Optional.of(new Refusal(403, "requests of web pages (with Origin) are not answered"));
        }
        var hosts = headers.getAll("host");
        if (hosts.size() != 1 || !isOurs(hosts.getFirst())) {
            return Optional.of(new Refusal(403, "Host: expected the address that admin.bind_addr says, or localhost"));
        }
        if (digest.isPresent() && !isToken(headers.getAll("authorization"), digest.get())) {
            return Optional.of(new Refusal(401, "expected Authorization: Bearer, with the token of admin.token"));
        }
        return Optional.empty();
    }

    private boolean isOurs(String host) {
        String name = host.replaceFirst(":[0-9]{1,5}$", "");
        if (name.toLowerCase(Locale.ROOT).equals("localhost")) {
            return true;
        }
        InetAddress ip;
        try {
            ip = InetAddress.ofLiteral(name);
        } catch (IllegalArgumentException _) {
            return false;
        }
        // Whoever listens everywhere does not know the addresses of today; what matters is that it is no name.
        return ip.isLoopbackAddress() || ip.equals(bound) || bound.isAnyLocalAddress();
    }

    /** How long it takes tells nothing about the token. */
    private static boolean isToken(List<String> lines, byte[] digest) {
        if (lines.size() != 1) {
            return false;
        }
        String line = lines.getFirst();
        return line.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(digest(line.substring(SCHEME.length()).strip()), digest);
    }

    private static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
