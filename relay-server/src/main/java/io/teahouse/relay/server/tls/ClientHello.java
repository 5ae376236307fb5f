package io.teahouse.relay.server.tls;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What of the first message of a TLS client tells whom it wants to speak to (RFC 8446, section 4.1.2).
 *
 * @param serverName the name that it expects us to have (RFC 6066, section 3), in lower case; empty for none
 * @param protocols  those that it offers to speak over TLS (RFC 7301), in its order
 */
record ClientHello(String serverName, List<String> protocols) {
    private static final int SERVER_NAME = 0;
    private static final int ALPN = 16;
    private static final int HOST_NAME = 0;

    /** A protocol version and a random number. */
    private static final int FIXED_BYTES = 2 + 32;

    /**
     * Reads the body of the message, which stays as it was; a length in it that does not fit gives empty. Whether the rest is
     * right is for the TLS engine to say.
     */
    static Optional<ClientHello> parse(ByteBuf message) {
        var body = message.slice();
        try {
            body.skipBytes(FIXED_BYTES);
            body.skipBytes(body.readUnsignedByte()); // session id
            body.skipBytes(body.readUnsignedShort()); // cipher suites
            body.skipBytes(body.readUnsignedByte()); // compression methods
            var hello = new ClientHello("", List.of());
            if (!body.isReadable()) {
                return Optional.of(hello);
            }
            for (var extensions = body.readSlice(body.readUnsignedShort()); extensions.isReadable(); ) {
                int type = extensions.readUnsignedShort();
                var data = extensions.readSlice(extensions.readUnsignedShort());
                if (type == SERVER_NAME) {
                    hello = new ClientHello(serverName(data), hello.protocols);
                } else if (type == ALPN) {
                    hello = new ClientHello(hello.serverName, protocols(data));
                }
            }
            return Optional.of(hello);
        } catch (IndexOutOfBoundsException _) {
            return Optional.empty();
        }
    }

    private static String serverName(ByteBuf data) {
        for (var names = data.readSlice(data.readUnsignedShort()); names.isReadable(); ) {
            int type = names.readUnsignedByte();
            var name = text(names.readSlice(names.readUnsignedShort()));
            if (type == HOST_NAME) {
                return name.toLowerCase(Locale.ROOT);
            }
        }
        return "";
    }

    private static List<String> protocols(ByteBuf data) {
        var protocols = new ArrayList<String>();
        for (var names = data.readSlice(data.readUnsignedShort()); names.isReadable(); ) {
            protocols.add(text(names.readSlice(names.readUnsignedByte())));
        }
        return List.copyOf(protocols);
    }

    private static String text(ByteBuf bytes) {
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }
}
