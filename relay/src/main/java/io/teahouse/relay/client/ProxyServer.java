package io.teahouse.relay.client;

import io.teahouse.core.FormatException;
import io.teahouse.core.RelayUrl;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * An HTTP proxy that opens tunnels. Immutable.
 *
 * @param host          a domain name or an address, without brackets
 * @param port          1 to 65535
 * @param tls           whether the proxy itself is spoken to by TLS, and verified like a relay
 * @param authorization value of {@code Proxy-Authorization}, if it wants one
 */
public record ProxyServer(String host, int port, boolean tls, Optional<String> authorization) {
    /**
     * Checks the port.
     *
     * @throws IllegalArgumentException if it or the host cannot be
     */
    public ProxyServer {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("proxy port: %d (expected: 1 to 65535)".formatted(port));
        }
        if (host.isEmpty()) {
            throw new IllegalArgumentException("proxy host: none (expected: a name or an address)");
        }
    }

    /**
     * {@return a proxy that asks for no credentials and is spoken to without TLS}
     *
     * @param host a domain name or an address, without brackets
     * @param port 1 to 65535
     */
    public static ProxyServer of(String host, int port) {
        return new ProxyServer(host, port, false, Optional.empty());
    }

    /**
     * {@return the same proxy, to which a name and password are shown (RFC 7617)}
     *
     * @param user     any characters but a colon
     * @param password any characters
     */
    public ProxyServer withCredentials(String user, String password) {
        if (user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("proxy user: a colon in it (expected: none, it ends the name)");
        }
        return new ProxyServer(
                host, port, tls, Optional.of(basic((user + ':' + password).getBytes(StandardCharsets.UTF_8))));
    }

    /**
     * {@return the proxy that a URL names, as in environment variables: {@code http://user:password@host:port}}
     *
     * @param text without a scheme it means http; name and password are percent-encoded
     * @throws FormatException if it is no URL of an HTTP proxy; the message does not repeat it
     */
    public static ProxyServer parse(String text) throws FormatException {
        RelayUrl url;
        try {
            url = RelayUrl.parse(text.contains("://") ? text : "http://" + text);
        } catch (FormatException e) {
            throw new FormatException("proxy: no URL (expected: such as http://proxy.example:3128)");
        }
        var scheme = url.toString().substring(0, url.toString().indexOf(':'));
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new FormatException("proxy: scheme is %s (expected: http or https)".formatted(scheme));
        }
        if (url.port() == 0) {
            throw new FormatException("proxy: port is 0 (expected: 1 to 65535)");
        }
        var userInfo = url.userInfo().map(info -> info.indexOf(':') < 0 ? info + ':' : info);
        return new ProxyServer(url.host(), url.port(), url.isTls(), userInfo.map(info -> basic(percentDecoded(info))));
    }

    private static String basic(byte[] userAndPassword) {
        return "Basic " + Base64.getEncoder().encodeToString(userAndPassword);
    }

    private static byte[] percentDecoded(String text) {
        var bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high >= 0 ? Character.digit(text.charAt(i + 2), 16) : -1;
            if (low >= 0) {
                bytes.write(16 * high + low);
                i += 2;
            } else {
                bytes.write(c); // a parsed URL is ASCII
            }
        }
        return bytes.toByteArray();
    }

    /** {@return host and port, as in a {@code Host} header} */
    String authority() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** Shows where it is, and no credentials. */
    @Override
    public String toString() {
        return authority();
    }
}
