package io.teahouse.tls;

import io.teahouse.tls.exchange.KeyExchange;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.Extensions;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.HelloRetryRequest;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.ServerHello;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.EarlySecret;
import java.time.Instant;
import java.util.Optional;

/** A client that has said hello, once, or twice after a HelloRetryRequest (RFC 8446, sections 4.1.3 and 4.1.4). */
final class ClientAwaitsServerHello implements Step {
    private final ClientParts parts;
    private final ClientOffer offer;

    /** What HelloRetryRequest named and ServerHello has to name again. */
    private final Optional<CipherSuite> retriedWith;

    ClientAwaitsServerHello(ClientParts parts, ClientOffer offer, Optional<CipherSuite> retriedWith) {
        this.parts = parts;
        this.offer = offer;
        this.retriedWith = retriedWith;
    }

    @Override
    public EncryptionLevel level() {
        return EncryptionLevel.INITIAL;
    }

    @Override
    public Step handle(HandshakeMessage message, byte[] raw, Instant now) throws TlsException {
        return switch (message) {
            case HelloRetryRequest request when retriedWith.isEmpty() -> retry(request, raw, now);
            case HelloRetryRequest again -> throw Step.unexpected(again, "server hello, after one request to retry");
            case ServerHello hello -> proceed(hello, raw);
            default -> throw Step.unexpected(message, "server hello");
        };
    }

    private Step retry(HelloRetryRequest request, byte[] raw, Instant now) throws TlsException {
        CipherSuite suite = check(request.legacySessionIdEcho(), request.cipherSuite(), request.extensions());
        var requested = request.extensions().find(Extension.RequestedGroup.class);
        boolean hasCookie = request.extensions().has(Extension.Cookie.class);
        if (requested.isPresent()) {
            int code = requested.get().group();
            Optional<NamedGroup> group =
                    NamedGroup.of(code).filter(parts.config().groups()::contains);
            if (group.isEmpty() || offer.exchange(code).isPresent()) {
                throw illegal("hello retry request: group 0x%04x (expected: one that was offered without a share)"
                        .formatted(code));
            }
        } else if (!hasCookie) {
            throw illegal("hello retry request: nothing to change (expected: a group or a cookie)");
        }
        var transcript = parts.flow().transcript();
        transcript.choose(suite.hash());
        transcript.replaceByHash();
        transcript.append(raw);
        return new ClientAwaitsServerHello(parts, offer.retry(parts, request, suite, now), Optional.of(suite));
    }

    private Step proceed(ServerHello hello, byte[] raw) throws TlsException {
        CipherSuite suite = check(hello.legacySessionIdEcho(), hello.cipherSuite(), hello.extensions());
        if (retriedWith.isPresent() && retriedWith.get() != suite) {
            throw illegal("server hello: suite %s (expected: %s, as in the request to retry)"
                    .formatted(suite, retriedWith.get()));
        }
        var share = hello.extensions()
                .find(Extension.SelectedKeyShare.class)
                .orElseThrow(() -> new TlsException(Alert.MISSING_EXTENSION, "server hello: no key_share"))
                .share();
        KeyExchange exchange = offer.exchange(share.group())
                .orElseThrow(() -> illegal("server hello: a share of group 0x%04x (expected: of one that was shared)"
                        .formatted(share.group())));
        boolean isResumed = isResumed(hello, suite);
        var transcript = parts.flow().transcript();
        transcript.choose(suite.hash());
        transcript.append(raw);
        byte[] shared = exchange.agree(share.value().toArray());
        EarlySecret early = offer.resumption()
                .filter(_ -> isResumed)
                .map(ClientOffer.Resumption::early)
                .orElseGet(() -> EarlySecret.withoutPsk(suite.hash()));
        var keys = HandshakeKeys.derive(suite, exchange.group(), early, shared, transcript.hash());
        offer.destroy();
        var flow = parts.flow();
        flow.writeSecret(
                EncryptionLevel.HANDSHAKE,
                KeyLogLabel.CLIENT_HANDSHAKE,
                keys.client().copy());
        flow.readSecret(
                EncryptionLevel.HANDSHAKE,
                KeyLogLabel.SERVER_HANDSHAKE,
                keys.server().copy());
        return new ClientAwaitsEncryptedExtensions(parts, offer, keys, isResumed);
    }

    /** What both answers have in common; returns the suite. */
    private CipherSuite check(Opaque sessionIdEcho, int suiteCode, Extensions extensions) throws TlsException {
        int version = extensions
                .find(Extension.SelectedVersion.class)
                .orElseThrow(() -> new TlsException(
                        Alert.PROTOCOL_VERSION, "server hello: TLS 1.2 or older (expected: supported_versions)"))
                .version();
        if (version != Protocol.TLS_1_3) {
            throw illegal("server hello: version 0x%04x (expected: 0x%04x)".formatted(version, Protocol.TLS_1_3));
        }
        if (!sessionIdEcho.equals(offer.hello().legacySessionId())) {
            throw illegal("server hello: session id %s (expected: the one that was sent)".formatted(sessionIdEcho));
        }
        for (Extension extension : extensions.all()) {
            // A cookie is the one thing that a server may say without being asked.
            if (!offer.has(extension.type()) && !(extension instanceof Extension.Cookie)) {
                throw new TlsException(
                        Alert.UNSUPPORTED_EXTENSION,
                        "server hello: extension %d (expected: one that was asked for)".formatted(extension.type()));
            }
        }
        return CipherSuite.of(suiteCode)
                .filter(parts.config().suites()::contains)
                .orElseThrow(() ->
                        illegal("server hello: suite 0x%04x (expected: one that was offered)".formatted(suiteCode)));
    }

    private boolean isResumed(ServerHello hello, CipherSuite suite) throws TlsException {
        var selected = hello.extensions().find(Extension.SelectedPsk.class);
        if (selected.isEmpty()) {
            return false;
        }
        // That one was offered at all was checked with the other extensions.
        if (selected.get().index() != 0
                || offer.resumption().orElseThrow().ticket().suite().hash() != suite.hash()) {
            throw illegal("server hello: identity %d with suite %s (expected: 0, with a suite of the ticket's hash)"
                    .formatted(selected.get().index(), suite));
        }
        return true;
    }

    private static TlsException illegal(String message) {
        return new TlsException(Alert.ILLEGAL_PARAMETER, message);
    }

    @Override
    public void destroy() {
        offer.destroy();
    }
}
