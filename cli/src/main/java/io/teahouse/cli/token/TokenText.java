package io.teahouse.cli.token;

import io.teahouse.core.token.Capability;
import io.teahouse.core.token.RelayToken;
import java.time.Instant;
import java.util.HexFormat;
import java.util.stream.Collectors;

/** A token as people and programs read it. */
final class TokenText {
    private TokenText() {}

    /** Lines of a name and a value. */
    static String table(RelayToken token) {
        String capabilities =
                token.capabilities().stream().map(Capability::toString).collect(Collectors.joining(", "));
        return """
                issuer        %s
                endpoint      %s
                granted by    %s
                permits       %s
                expires       %s
                signature     %s""".formatted(
                        token.issuer(),
                        token.audience(),
                        token.root().map(root -> root + ", through the issuer").orElse("the issuer itself"),
                        capabilities.isEmpty() ? "nothing" : capabilities,
                        token.expiry().isPresent() ? time(token.expiry().getAsLong()) : "never",
                        token.isSigned() ? "the issuer's" : "not the issuer's");
    }

    private static String time(long seconds) {
        return seconds >= 0 && seconds <= Instant.MAX.getEpochSecond()
                ? Instant.ofEpochSecond(seconds).toString()
                : "in Unix second " + Long.toUnsignedString(seconds);
    }

    /** One line. Nothing in it needs an escape: ids are hex, names are ours. */
    static String json(RelayToken token) {
        return "{\"issuer\":\"%s\",\"endpoint\":\"%s\",\"root\":%s,\"capabilities\":[%s],\"expiry\":%s,\"signature\":\"%s\",\"signed\":%s}"
                .formatted(
                        token.issuer(),
                        token.audience(),
                        token.root().map(root -> "\"" + root + "\"").orElse("null"),
                        token.capabilities().stream()
                                .map(capability -> "\"" + capability + "\"")
                                .collect(Collectors.joining(",")),
                        token.expiry().isPresent()
                                ? Long.toUnsignedString(token.expiry().getAsLong())
                                : "null",
                        HexFormat.of().formatHex(token.signature().toBytes()),
                        token.isSigned());
    }
}
