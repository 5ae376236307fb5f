package io.teahouse.tls.message;

import java.util.ArrayList;
import java.util.List;

/**
 * ClientHello (RFC 8446, section 4.1.2). The legacy version is 1.2 and the only compression is none: both are checked
 * and not kept.
 *
 * @param random          32 bytes
 * @param legacySessionId 0 to 32 bytes; on QUIC none
 * @param cipherSuites    CipherSuite each, the preferred one first, at least one
 * @param extensions      a pre_shared_key is the last of them
 */
public record ClientHello(Opaque random, Opaque legacySessionId, List<Integer> cipherSuites, Extensions extensions)
        implements HandshakeMessage {
    /** Bytes of the random value that each side gives. */
    public static final int RANDOM_LENGTH = 32;

    static final int LEGACY_VERSION = 0x0303;
    static final int SESSION_ID_LENGTH_MAX = 32;

    @Override
    public HandshakeType type() {
        return HandshakeType.CLIENT_HELLO;
    }

    static ClientHello read(WireReader in) throws TlsException {
        int version = in.readU16("legacy version");
        if (version != LEGACY_VERSION) {
            throw new TlsException(
                    Alert.PROTOCOL_VERSION,
                    "client hello: legacy version 0x%04x (expected: 0x%04x)".formatted(version, LEGACY_VERSION));
        }
        var random = in.readOpaque(RANDOM_LENGTH, "random");
        var sessionId = in.readOpaque8(0, SESSION_ID_LENGTH_MAX, "legacy session id");
        var suites = new ArrayList<Integer>();
        WireReader list = in.readVector16(2, "cipher suites");
        while (list.hasRemaining()) {
            suites.add(list.readU16("cipher suite"));
        }
        Opaque compressions = in.readOpaque8(1, 255, "legacy compression methods");
        if (compressions.length() != 1 || compressions.bytes()[0] != 0) {
            throw in.illegal("compression methods %s (expected: 00)".formatted(compressions));
        }
        if (!in.hasRemaining()) {
            // Allowed by the syntax, and the mark of a client that speaks TLS 1.2 at most.
            throw new TlsException(
                    Alert.PROTOCOL_VERSION, "client hello: no extensions (expected: supported_versions)");
        }
        var extensions = Extensions.read(Carrier.CLIENT_HELLO, in);
        List<Extension> all = extensions.all();
        for (int index = 0; index < all.size() - 1; index++) {
            if (all.get(index) instanceof Extension.PreSharedKeys) {
                throw in.illegal("pre_shared_key as extension %d of %d (expected: the last one)"
                        .formatted(index + 1, all.size()));
            }
        }
        return new ClientHello(random, sessionId, List.copyOf(suites), extensions);
    }

    void write(WireWriter out) {
        out.writeU16(LEGACY_VERSION);
        out.write(random);
        out.writeOpaque(1, legacySessionId);
        out.writeVector(2, list -> cipherSuites.forEach(list::writeU16));
        out.writeOpaque(1, Opaque.ofOwned(new byte[1]));
        extensions.write(out);
    }
}
