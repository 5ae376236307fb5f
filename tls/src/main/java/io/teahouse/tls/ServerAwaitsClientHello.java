package io.teahouse.tls;

import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.ClientHello;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.Extensions;
import io.teahouse.tls.message.HandshakeMessage;
import io.teahouse.tls.message.HelloRetryRequest;
import io.teahouse.tls.message.TlsException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A server that knows nothing yet, or has asked the client to try again (RFC 8446, sections 4.1.2 and 4.1.4). */
final class ServerAwaitsClientHello implements Step {
    private final ServerParts parts;
    private final Optional<First> first;

    /** The first ClientHello, and what was answered. */
    record First(ClientHello hello, ServerChoice choice) {}

    ServerAwaitsClientHello(ServerParts parts, Optional<First> first) {
        this.parts = parts;
        this.first = first;
    }

    @Override
    public EncryptionLevel level() {
        return EncryptionLevel.INITIAL;
    }

    @Override
    public Step handle(HandshakeMessage message, byte[] raw, Instant now) throws TlsException {
        if (!(message instanceof ClientHello hello)) {
            throw Step.unexpected(message, "client hello");
        }
        parts.flow().nameConnection(hello.random().toArray());
        ServerChoice choice = ServerChoice.of(parts.config(), hello);
        if (first.isPresent()) {
            requireChangedAsAsked(first.get(), hello, choice);
        } else if (choice.share().isEmpty()) {
            return retry(hello, raw, choice);
        }
        var resumption = ServerResumption.select(parts, hello, raw, choice, now);
        try {
            return new ServerFlight(parts, hello, choice, resumption).send(raw);
        } catch (TlsException e) {
            resumption.ifPresent(known -> known.early().destroy());
            throw e;
        }
    }

    private Step retry(ClientHello hello, byte[] raw, ServerChoice choice) {
        var flow = parts.flow();
        flow.transcript().append(raw);
        flow.transcript().choose(choice.suite().hash());
        flow.transcript().replaceByHash();
        flow.send(
                EncryptionLevel.INITIAL,
                new HelloRetryRequest(
                        hello.legacySessionId(),
                        choice.suite().code(),
                        Extensions.of(
                                new Extension.SelectedVersion(Protocol.TLS_1_3),
                                new Extension.RequestedGroup(choice.group().code()))));
        return new ServerAwaitsClientHello(parts, Optional.of(new First(hello, choice)));
    }

    /** Only what the request gives reason for may change, or somebody else speaks now. */
    private static void requireChangedAsAsked(First first, ClientHello second, ServerChoice choice)
            throws TlsException {
        boolean hasOneShare = second.extensions()
                .find(Extension.KeyShares.class)
                .filter(shares -> shares.shares().size() == 1
                        && shares.shares().getFirst().group()
                                == first.choice().group().code())
                .isPresent();
        if (!hasOneShare || choice.group() != first.choice().group()) {
            throw illegal("no share of %s (expected: one, and no other)"
                    .formatted(first.choice().group()));
        }
        if (second.extensions().has(Extension.EarlyData.class)) {
            throw illegal("early data after a request to retry (expected: none)");
        }
        if (!second.random().equals(first.hello().random())
                || !second.legacySessionId().equals(first.hello().legacySessionId())
                || !second.cipherSuites().equals(first.hello().cipherSuites())
                || !lasting(second).equals(lasting(first.hello()))) {
            throw illegal("not the first one (expected: the same, but for key share, ticket and padding)");
        }
    }

    private static Set<Extension> lasting(ClientHello hello) {
        return hello.extensions().all().stream()
                .filter(extension -> switch (extension) {
                    case Extension.KeyShares _, Extension.EarlyData _, Extension.PreSharedKeys _ -> false;
                    case Extension.Unknown unknown -> unknown.type() != PADDING;
                    default -> true;
                })
                .collect(Collectors.toSet());
    }

    /** padding (RFC 7685), which may change with the length of the rest. */
    private static final int PADDING = 21;

    private static TlsException illegal(String what) {
        return new TlsException(Alert.ILLEGAL_PARAMETER, "second client hello: " + what);
    }

    @Override
    public void destroy() {
        // Nothing secret yet.
    }
}
