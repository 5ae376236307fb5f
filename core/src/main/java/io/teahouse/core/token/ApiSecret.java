package io.teahouse.core.token;

import io.teahouse.core.EndpointAddress;
import io.teahouse.core.FormatException;
import io.teahouse.core.SecretKey;
import io.teahouse.core.bytes.Base32;
import io.teahouse.core.ticket.EndpointTicket;

/**
 * The text in which an API key is handed out: the key that signs tokens, and where the service that goes with it is
 * (access token spec, section 8). Whoever has it can let endpoints in.
 *
 * <p>Immutable.
 *
 * @param key     signs tokens
 * @param service where the service is; relays and tokens have no use for it
 */
public record ApiSecret(SecretKey key, EndpointAddress service) {
    /** What such a text begins with. */
    public static final String PREFIX = "services";

    /** Characters that a secret may have; longer texts are not looked at. */
    private static final int TEXT_LENGTH_MAX = 8192;

    private static final int VARIANT = 0;
    private static final int KEY_OFFSET = 2;

    /**
     * {@return what a text says}
     *
     * @param text the prefix in lower case, the rest in either case; nothing around it is skipped
     * @throws FormatException if it is no such secret; the message does not repeat the key
     */
    public static ApiSecret parse(String text) throws FormatException {
        if (!text.startsWith(PREFIX) || text.length() > TEXT_LENGTH_MAX) {
            throw new FormatException("API secret: no prefix, or too long (expected: %s, at most %d characters)"
                    .formatted(PREFIX, TEXT_LENGTH_MAX));
        }
        byte[] bytes = Base32.RFC4648
                .decode(text.substring(PREFIX.length()))
                .orElseThrow(() -> new FormatException(
                        "API secret: not base32 behind the prefix (expected: a to z and 2 to 7, no bit left over)"));
        int keyEnd = KEY_OFFSET + SecretKey.LENGTH;
        if (bytes.length < keyEnd || bytes[0] != VARIANT || bytes[1] != SecretKey.LENGTH) {
            throw new FormatException("API secret: cut short, or of an unknown kind (expected: variant %d, a key of %d"
                            .formatted(VARIANT, SecretKey.LENGTH)
                    + " bytes, and a service)");
        }
        var seed = new byte[SecretKey.LENGTH];
        System.arraycopy(bytes, KEY_OFFSET, seed, 0, seed.length);
        // From there on it is a ticket but for the ticket's first byte.
        var service = new byte[1 + bytes.length - keyEnd];
        System.arraycopy(bytes, keyEnd, service, 1, bytes.length - keyEnd);
        return new ApiSecret(
                SecretKey.fromBytes(seed), EndpointTicket.fromBytes(service).address());
    }
}
