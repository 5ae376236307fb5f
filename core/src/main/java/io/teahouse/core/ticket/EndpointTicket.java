package io.teahouse.core.ticket;

import io.teahouse.core.EndpointAddress;
import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.core.bytes.Base32;
import java.nio.ByteBuffer;

/**
 * An {@link EndpointAddress} as one word of text: {@code endpoint}, and base32 of the address in postcard form (iroh
 * endpoint spec, section 1).
 *
 * <p>Immutable.
 *
 * @param address what the ticket tells
 */
public record EndpointTicket(EndpointAddress address) {
    private static final String PREFIX = "endpoint";

    /**
     * {@return the ticket that a text spells}
     *
     * @param text the prefix in lower case, the rest in either case; nothing around it is skipped
     * @throws FormatException if it is no ticket, or something in it is no id, URL or address
     */
    public static EndpointTicket parse(String text) throws FormatException {
        if (!text.startsWith(PREFIX)) {
            throw new FormatException("ticket: no prefix (expected: %s)".formatted(PREFIX));
        }
        byte[] bytes = Base32.RFC4648
                .decode(text.substring(PREFIX.length()))
                .orElseThrow(() -> new FormatException(
                        "ticket: not base32 behind the prefix (expected: a to z and 2 to 7, no bit left over)"));
        return fromBytes(bytes);
    }

    /**
     * {@return the ticket of these bytes, which are what the text spells behind its prefix}
     *
     * @param bytes may change later
     * @throws FormatException if they are no ticket, or something in it is no id, URL or address
     */
    public static EndpointTicket fromBytes(byte[] bytes) throws FormatException {
        return new EndpointTicket(PostcardAddress.read(ByteBuffer.wrap(bytes)));
    }

    /**
     * {@return whose ticket it is}
     */
    public EndpointId endpointId() {
        return address.id();
    }

    /**
     * {@return the text, in lower case}
     */
    @Override
    public String toString() {
        return PREFIX + Base32.RFC4648.encode(PostcardAddress.write(address));
    }
}
