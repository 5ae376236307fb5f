package io.teahouse.tls.message;

import java.util.HexFormat;

/**
 * ServerHello (RFC 8446, section 4.1.3). The legacy version is 1.2 and the compression is none: both are checked and not
 * kept.
 *
 * @param random              32 bytes, not those of {@link HelloRetryRequest}
 * @param legacySessionIdEcho the client's, 0 to 32 bytes
 * @param cipherSuite         the one that the server chose
 * @param extensions          of the kinds that key exchange needs
 */
public record ServerHello(Opaque random, Opaque legacySessionIdEcho, int cipherSuite, Extensions extensions)
        implements HandshakeMessage {
    /** What stands for the random value in HelloRetryRequest. */
    static final Opaque RETRY_RANDOM =
            Opaque.ofOwned(HexFormat.of().parseHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"));

    @Override
    public HandshakeType type() {
        return HandshakeType.SERVER_HELLO;
    }

    /** Reads either of the two messages with this type. */
    static HandshakeMessage read(WireReader in) throws TlsException {
        int version = in.readU16("legacy version");
        if (version != ClientHello.LEGACY_VERSION) {
            throw new TlsException(
                    Alert.PROTOCOL_VERSION,
                    "server hello: legacy version 0x%04x (expected: 0x%04x)"
                            .formatted(version, ClientHello.LEGACY_VERSION));
        }
        var random = in.readOpaque(ClientHello.RANDOM_LENGTH, "random");
        var sessionId = in.readOpaque8(0, ClientHello.SESSION_ID_LENGTH_MAX, "legacy session id echo");
        int suite = in.readU16("cipher suite");
        int compression = in.readU8("legacy compression method");
        if (compression != 0) {
            throw in.illegal("compression method %d (expected: 0)".formatted(compression));
        }
        if (!in.hasRemaining()) {
            throw new TlsException(
                    Alert.PROTOCOL_VERSION, "server hello: no extensions (expected: supported_versions)");
        }
        return random.equals(RETRY_RANDOM)
                ? new HelloRetryRequest(sessionId, suite, Extensions.read(Carrier.HELLO_RETRY_REQUEST, in))
                : new ServerHello(random, sessionId, suite, Extensions.read(Carrier.SERVER_HELLO, in));
    }

    static void write(Opaque random, Opaque sessionId, int suite, Extensions extensions, WireWriter out) {
        out.writeU16(ClientHello.LEGACY_VERSION);
        out.write(random);
        out.writeOpaque(1, sessionId);
        out.writeU16(suite);
        out.writeU8(0);
        extensions.write(out);
    }
}
