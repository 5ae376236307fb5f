package io.teahouse.tls.certificate;

import static java.util.Locale.ROOT;

import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The name by which a client knows a server, and how it has to stand in the server's certificate (RFC 9525, section 6): among
 * the subjectAltNames, as a DNS name with perhaps a wildcard for its first label, or as an IP address. The subject's common
 * name counts for nothing.
 */
final class ServerName {
    private static final int ALT_NAME_DNS = 2;
    private static final int ALT_NAME_IP = 7;

    /** RFC 1035, section 2.3.4. */
    private static final int DNS_NAME_LENGTH_MAX = 253;

    private final String text;
    private final Optional<InetAddress> address;

    private ServerName(String text, Optional<InetAddress> address) {
        this.text = text;
        this.address = address;
    }

    static ServerName of(String name) {
        String bare = name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
        try {
            return new ServerName(bare, Optional.of(InetAddress.ofLiteral(bare)));
        } catch (IllegalArgumentException e) {
            return new ServerName(dnsName(name), Optional.empty());
        }
    }

    private static String dnsName(String name) {
        String lower = name.toLowerCase(ROOT);
        String relative = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        if (relative.length() > DNS_NAME_LENGTH_MAX
                || !relative.matches("[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")) {
            throw new IllegalArgumentException(
                    "server name: %s (expected: a DNS name in ASCII, or an IP address)".formatted(name));
        }
        return relative;
    }

    /** What goes into server_name, where IP addresses may not stand (RFC 6066, section 3). */
    Optional<Opaque> indication() {
        return address.isPresent() ? Optional.empty() : Optional.of(Opaque.ofUtf8(text));
    }

    void requireIn(X509Certificate certificate) throws TlsException {
        Collection<List<?>> names;
        try {
            names = Optional.ofNullable(certificate.getSubjectAlternativeNames())
                    .orElse(List.of());
        } catch (CertificateParsingException e) {
            throw new TlsException(Alert.BAD_CERTIFICATE, "certificate: its names cannot be read");
        }
        for (List<?> name : names) {
            if (matches((Integer) name.get(0), name.get(1))) {
                return;
            }
        }
        throw new TlsException(
                Alert.BAD_CERTIFICATE,
                "certificate: not for %s (expected: that among its subject alternative names)".formatted(text));
    }

    private boolean matches(int kind, Object value) {
        if (address.isPresent()) {
            return kind == ALT_NAME_IP && value instanceof String literal && isAddress(literal);
        }
        return kind == ALT_NAME_DNS && value instanceof String pattern && matchesPattern(pattern.toLowerCase(ROOT));
    }

    private boolean isAddress(String literal) {
        try {
            return address.isPresent() && InetAddress.ofLiteral(literal).equals(address.get());
        } catch (IllegalArgumentException e) {
            return false; // an address with a mask, which may stand in certificates for other purposes
        }
    }

    /** A wildcard is the whole first label, stands for one label, and not for one right below a top-level domain. */
    private boolean matchesPattern(String pattern) {
        if (!pattern.startsWith("*.")) {
            return pattern.equals(text);
        }
        String rest = pattern.substring(1);
        int firstDot = text.indexOf('.');
        return firstDot > 0
                && rest.indexOf('.', 1) > 0
                && text.substring(firstDot).equals(rest);
    }
}
