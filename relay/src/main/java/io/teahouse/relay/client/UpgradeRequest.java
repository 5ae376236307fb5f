package io.teahouse.relay.client;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.teahouse.core.RelayUrl;
import io.teahouse.relay.protocol.KeyMaterialExporter;
import io.teahouse.relay.protocol.ProtocolVersion;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/**
 * The request that makes a WebSocket of a connection, and the check of what the relay answers (iroh relay spec, section 2.1).
 *
 * @param relay     whom it is for
 * @param key       16 random bytes in Base64
 * @param highest   the best version that is offered; those below it are, too
 * @param token     to be shown, if any; legal in a header
 * @param clientAuth value of the header that proves the key, if the connection exports
 */
record UpgradeRequest(
        RelayUrl relay, String key, ProtocolVersion highest, Optional<String> token, Optional<String> clientAuth) {
    /** Characters that a token may have. */
    static final int MAX_TOKEN = 4096;

    private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, section 1.3

    /** Bytes of randomness in the key. */
    static final int KEY_LENGTH = 16;

    /** What the relay's answer means. */
    sealed interface Verdict {
        /** The connection is a WebSocket now, and this version is spoken on it. */
        record Accepted(ProtocolVersion version) implements Verdict {}

        /** It is not, and why. */
        record Refused(String why) implements Verdict {}
    }

    /** Returns whether a token can be put into a header, and need not be refused before anything is sent. */
    static boolean isLegalToken(String token) {
        return !token.isEmpty() && token.length() <= MAX_TOKEN && token.chars().allMatch(c -> c > ' ' && c < 0x7F);
    }

    /** Returns the request, whole. */
    byte[] bytes() {
        var request = new StringBuilder(512).append("GET /relay");
        relay.query().ifPresent(query -> request.append('?').append(query));
        request.append(" HTTP/1.1\r\n");
        header(request, "Host", relay.authority());
        header(request, "Upgrade", "websocket");
        header(request, "Connection", "Upgrade");
        header(request, "Sec-WebSocket-Key", key);
        header(request, "Sec-WebSocket-Version", "13");
        header(
                request,
                "Sec-WebSocket-Protocol",
                highest == ProtocolVersion.V2 ? ProtocolVersion.offer() : highest.subprotocol());
        token.ifPresent(shown -> header(request, "Authorization", "Bearer " + shown));
        clientAuth.ifPresent(proof -> header(request, KeyMaterialExporter.HEADER_NAME, proof));
        return request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static void header(StringBuilder request, String name, String value) {
        request.append(name).append(": ").append(value).append("\r\n");
    }

    /** Looks at the head of the answer. */
    Verdict check(HttpResponse response) {
        if (response.decoderResult().isFailure()) {
            return new Verdict.Refused("the answer is not HTTP (expected: 101 Switching Protocols)");
        }
        var status = response.status();
        if (!status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            return new Verdict.Refused("answered %d %s (expected: 101; is it a relay?)"
                    .formatted(status.code(), ClientFrames.printable(status.reasonPhrase(), 60)));
        }
        if (!acceptFor(key).equals(response.headers().get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT))) {
            return new Verdict.Refused("Sec-WebSocket-Accept does not answer our key");
        }
        var protocols = response.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        return Optional.of(protocols)
                .filter(all -> all.size() == 1)
                .flatMap(all -> ProtocolVersion.named(all.getFirst()))
                .filter(version -> version.compareTo(highest) <= 0)
                .<Verdict>map(Verdict.Accepted::new)
                .orElseGet(() -> new Verdict.Refused("Sec-WebSocket-Protocol: %s (expected: one of %s)"
                        .formatted(
                                protocols.isEmpty()
                                        ? "missing"
                                        : ClientFrames.printable(String.join(", ", protocols), 60),
                                ProtocolVersion.offer())));
    }

    /** Returns what a server answers to a key (RFC 6455, section 4.2.2). */
    static String acceptFor(String key) {
        try {
            var digest = MessageDigest.getInstance("SHA-1")
                    .digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
