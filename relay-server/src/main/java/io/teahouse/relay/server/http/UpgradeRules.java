package io.teahouse.relay.server.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.teahouse.relay.protocol.ProtocolVersion;
import io.teahouse.relay.server.metrics.RelayCounter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Decides whether a request may become a relay connection (iroh relay spec, section 2.2; RFC 6455, section 4.2).
 *
 * <p>Checks in the reference's order and answers in its words. Where the reference is narrower than RFC 6455, what the RFC
 * allows is accepted: {@code Upgrade} in any case and as a list, the protocols of several lines together.
 */
final class UpgradeRules {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String UPGRADE = "upgrade";
    private static final String KEY = "sec-websocket-key";
    private static final String VERSION = "sec-websocket-version";
    private static final String PROTOCOL = "sec-websocket-protocol";
    private static final String SUPPORTED_VERSION = "13";

    private UpgradeRules() {}

    /** Returns the switch, or the answer that says what is wrong. */
    static Routes.Outcome decide(HttpRequest request) {
        if (request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0) {
            return refuse("upgrade needs HTTP/1.1");
        }
        var headers = request.headers();
        if (!headers.contains(UPGRADE)) {
            return missing(UPGRADE);
        }
        if (!headers.containsValue(UPGRADE, "websocket", true)) {
            return invalid(UPGRADE, "value must be websocket");
        }
        var key = headers.get(KEY);
        if (key == null) {
            return missing(KEY);
        }
        var version = headers.get(VERSION);
        if (version == null) {
            return missing(VERSION);
        }
        if (!version.equals(SUPPORTED_VERSION)) {
            var answer = HttpAnswer.text(
                    400,
                    "invalid header value for " + VERSION + ": unsupported websocket version, only supporting "
                            + SUPPORTED_VERSION);
            return new Routes.Outcome.Refuse(
                    new HttpAnswer(answer.status(), List.of(Map.entry(VERSION, SUPPORTED_VERSION)), answer.body()),
                    RelayCounter.HANDSHAKE_FAILED_WEBSOCKET);
        }
        return decideProtocol(headers, key);
    }

    private static Routes.Outcome decideProtocol(HttpHeaders headers, String key) {
        var lines = headers.getAll(PROTOCOL);
        if (lines.isEmpty()) {
            return missing(PROTOCOL);
        }
        var offered = String.join(",", lines);
        if (!offered.chars().allMatch(c -> c == '\t' || (c >= ' ' && c <= '~'))) {
            return invalid(PROTOCOL, "header value is not ascii");
        }
        return ProtocolVersion.choose(offered)
                .<Routes.Outcome>map(version -> new Routes.Outcome.Switch(version, acceptKey(key)))
                .orElseGet(() -> refuse(
                        RelayCounter.HANDSHAKE_FAILED_VERSION,
                        "invalid header value for " + PROTOCOL
                                + ": unsupported relay version: we support %s, %s but you only provide %s"
                                        .formatted(
                                                ProtocolVersion.V2.subprotocol(),
                                                ProtocolVersion.V1.subprotocol(),
                                                offered)));
    }

    /** Returns the proof that the request was understood (RFC 6455, section 4.2.2, item 5.4). */
    static String acceptKey(String key) {
        try {
            var digest = MessageDigest.getInstance("SHA-1")
                    .digest((key.strip() + GUID).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    private static Routes.Outcome missing(String header) {
        return refuse("missing header: " + header);
    }

    private static Routes.Outcome invalid(String header, String what) {
        return refuse("invalid header value for " + header + ": " + what);
    }

    private static Routes.Outcome refuse(String body) {
        return refuse(RelayCounter.HANDSHAKE_FAILED_WEBSOCKET, body);
    }

    private static Routes.Outcome refuse(RelayCounter cause, String body) {
        return new Routes.Outcome.Refuse(HttpAnswer.text(400, body), cause);
    }
}
