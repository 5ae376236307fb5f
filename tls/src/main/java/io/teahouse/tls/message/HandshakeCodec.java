package io.teahouse.tls.message;

/** Turns whole handshake messages, header included, into values and back (RFC 8446, section 4). */
public final class HandshakeCodec {
    /** Bytes of the header: the type, and the length of the rest in three bytes. */
    public static final int HEADER_LENGTH = 4;

    private HandshakeCodec() {}

    /**
     * {@return the message that these bytes are}
     *
     * @param message from its header on, and nothing behind it
     * @throws TlsException if they are none, with the alert that the peer is to get
     */
    public static HandshakeMessage decode(byte[] message) throws TlsException {
        var header = new WireReader("handshake message", message, 0);
        HandshakeType type = expectType(header.readU8("type"));
        int length = header.readU24("length");
        if (length > type.bodyBytesMax() || length != header.remaining()) {
            throw header.failure("%s of %d bytes, %d of them there (expected: all, and at most %d)"
                    .formatted(type, length, header.remaining(), type.bodyBytesMax()));
        }
        var in = new WireReader(type.toString(), message, HEADER_LENGTH);
        HandshakeMessage decoded = switch (type) {
            case CLIENT_HELLO -> ClientHello.read(in);
            case SERVER_HELLO -> ServerHello.read(in);
            case NEW_SESSION_TICKET -> NewSessionTicket.read(in);
            case ENCRYPTED_EXTENSIONS -> new EncryptedExtensions(Extensions.read(Carrier.ENCRYPTED_EXTENSIONS, in));
            case CERTIFICATE -> CertificateMessage.read(in);
            case CERTIFICATE_REQUEST ->
                new CertificateRequest(
                        in.readOpaque8(0, 255, "certificate request context"),
                        Extensions.read(Carrier.CERTIFICATE_REQUEST, in));
            case CERTIFICATE_VERIFY -> new CertificateVerify(in.readU16("algorithm"), in.readOpaque16(0, "signature"));
            case FINISHED -> new Finished(in.readOpaque(in.remaining(), "verify data"));
        };
        in.expectEnd();
        return decoded;
    }

    /**
     * {@return the bytes of a message, from its header on}
     *
     * @param message its parts fit their lengths
     */
    public static byte[] encode(HandshakeMessage message) {
        var out = new WireWriter();
        out.writeU8(message.type().code());
        out.writeVector(3, body -> {
            switch (message) {
                case ClientHello hello -> hello.write(body);
                case ServerHello(var random, var sessionId, var suite, var extensions) ->
                    ServerHello.write(random, sessionId, suite, extensions, body);
                case HelloRetryRequest(var sessionId, var suite, var extensions) ->
                    ServerHello.write(ServerHello.RETRY_RANDOM, sessionId, suite, extensions, body);
                case EncryptedExtensions(var extensions) -> extensions.write(body);
                case CertificateRequest(var context, var extensions) -> {
                    body.writeOpaque(1, context);
                    extensions.write(body);
                }
                case CertificateMessage certificate -> certificate.write(body);
                case CertificateVerify(var scheme, var signature) -> {
                    body.writeU16(scheme);
                    body.writeOpaque(2, signature);
                }
                case Finished(var verifyData) -> body.write(verifyData);
                case NewSessionTicket ticket -> ticket.write(body);
            }
        });
        return out.toArray();
    }

    /** The type of a code; of those that QUIC does without, and all others, it says that they do not belong here. */
    static HandshakeType expectType(int code) throws TlsException {
        return HandshakeType.of(code)
                .orElseThrow(() -> new TlsException(
                        Alert.UNEXPECTED_MESSAGE,
                        switch (code) {
                            case 5 -> "end of early data (expected: none, QUIC does without)";
                            case 24 -> "key update (expected: none, QUIC has its own)";
                            default -> "handshake message of type %d (expected: one of TLS 1.3)".formatted(code);
                        }));
    }
}
