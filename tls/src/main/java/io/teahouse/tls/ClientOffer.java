package io.teahouse.tls;

import io.teahouse.tls.certificate.CertificateType;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.exchange.KeyExchange;
import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.ClientHello;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.Extensions;
import io.teahouse.tls.message.HandshakeCodec;
import io.teahouse.tls.message.HelloRetryRequest;
import io.teahouse.tls.message.KeyShare;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.resumption.ClientTicket;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.EarlySecret;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What a client has said in its ClientHello, with the secrets behind it.
 *
 * @param hello          as it was sent
 * @param exchanges      for each share in it
 * @param resumption     for the ticket in it, if there is one
 * @param withEarlyData  whether data may go in 0-RTT packets
 */
record ClientOffer(
        ClientHello hello, List<KeyExchange> exchanges, Optional<Resumption> resumption, boolean withEarlyData) {
    /** A ticket, and the stage of the key schedule that starts with its key. */
    record Resumption(ClientTicket ticket, EarlySecret early) {}

    /** Says hello for the first time. */
    static ClientOffer first(ClientParts parts, Optional<ClientTicket> ticket, Instant now) {
        var config = parts.config();
        var exchanges = new ArrayList<KeyExchange>();
        for (NamedGroup group : config.shares()) {
            exchanges.add(KeyExchange.offer(group, parts.random()));
        }
        boolean withEarlyData = ticket.filter(known -> known.terms().allowsEarlyData())
                .filter(known -> config.offersEarlyData())
                .filter(known -> config.protocols().contains(known.memory().protocol()))
                .isPresent();
        List<Extension> extensions = extensions(parts);
        extensions.add(new Extension.KeyShares(shares(exchanges)));
        if (withEarlyData) {
            extensions.add(new Extension.EarlyData());
        }
        // So that no server comes to rely on an order; iroh's clients do the same.
        Collections.shuffle(extensions, parts.random());
        var random = new byte[ClientHello.RANDOM_LENGTH];
        parts.random().nextBytes(random);
        parts.flow().nameConnection(random);
        var hello = new ClientHello(
                Opaque.copyOf(random),
                Opaque.EMPTY,
                config.suites().stream().map(CipherSuite::code).toList(),
                new Extensions(extensions));
        var resumption = ticket.map(known -> new Resumption(known, known.earlySecret()));
        var offer = new ClientOffer(bound(parts, hello, resumption, now), exchanges, resumption, withEarlyData);
        parts.flow().send(EncryptionLevel.INITIAL, offer.hello());
        offer.installEarlyKeys(parts);
        return offer;
    }

    /** Says hello again, with what the server has asked for; everything else stays, but for early data. */
    ClientOffer retry(ClientParts parts, HelloRetryRequest request, CipherSuite suite, Instant now) {
        var requested = request.extensions().find(Extension.RequestedGroup.class);
        List<KeyExchange> used = exchanges;
        if (requested.isPresent()) {
            exchanges.forEach(KeyExchange::destroy);
            used = List.of(
                    KeyExchange.offer(NamedGroup.of(requested.get().group()).orElseThrow(), parts.random()));
        }
        var extensions = new ArrayList<Extension>();
        for (Extension extension : hello.extensions().all()) {
            switch (extension) {
                case Extension.KeyShares _ -> extensions.add(new Extension.KeyShares(shares(used)));
                case Extension.EarlyData _, Extension.PreSharedKeys _ -> {}
                default -> extensions.add(extension);
            }
        }
        request.extensions().find(Extension.Cookie.class).ifPresent(extensions::add);
        var again = new ClientHello(
                hello.random(), hello.legacySessionId(), hello.cipherSuites(), new Extensions(extensions));
        var fitting = resumption.filter(known -> known.ticket().suite().hash() == suite.hash());
        if (fitting.isEmpty()) {
            resumption.ifPresent(known -> known.early().destroy());
        }
        if (withEarlyData) {
            parts.flow().output(new HandshakeOutput.EarlyDataDecision(false));
        }
        var offer = new ClientOffer(bound(parts, again, fitting, now), used, fitting, false);
        parts.flow().send(EncryptionLevel.INITIAL, offer.hello());
        return offer;
    }

    private static List<Extension> extensions(ClientParts parts) {
        var config = parts.config();
        PeerVerifier verifier = config.verifier();
        var extensions = new ArrayList<Extension>();
        extensions.add(new Extension.SupportedVersions(List.of(Protocol.TLS_1_3)));
        extensions.add(new Extension.SupportedGroups(
                config.groups().stream().map(NamedGroup::code).toList()));
        extensions.add(new Extension.SignatureAlgorithms(verifier.schemes()));
        extensions.add(new Extension.ApplicationProtocols(config.protocols()));
        if (verifier.type() == CertificateType.RAW_PUBLIC_KEY) {
            extensions.add(new Extension.ServerCertificateTypes(List.of(CertificateType.RAW_PUBLIC_KEY.code())));
        }
        if (config.credential().isPresent()) {
            extensions.add(new Extension.ClientCertificateTypes(List.of(CertificateType.RAW_PUBLIC_KEY.code())));
        }
        if (verifier instanceof PeerVerifier.Certified certified) {
            certified.indication().ifPresent(name -> extensions.add(new Extension.ServerName(name)));
        }
        if (config.takesTickets()) {
            extensions.add(new Extension.PskModes(List.of(Protocol.PSK_WITH_KEY_EXCHANGE)));
        }
        if (config.isOverQuic()) {
            extensions.add(new Extension.TransportParameters(parts.transportParameters()));
        }
        return extensions;
    }

    private static List<KeyShare> shares(List<KeyExchange> exchanges) {
        return exchanges.stream()
                .map(exchange -> new KeyShare(exchange.group().code(), Opaque.copyOf(exchange.share())))
                .toList();
    }

    /** Adds the ticket and the proof that its key is known, which covers everything before it. */
    private static ClientHello bound(
            ClientParts parts, ClientHello hello, Optional<Resumption> resumption, Instant now) {
        if (resumption.isEmpty()) {
            return hello;
        }
        var ticket = resumption.get().ticket();
        var hash = ticket.suite().hash();
        var unbound = withTicket(hello, ticket, Opaque.copyOf(new byte[hash.length()]), now);
        byte[] bytes = HandshakeCodec.encode(unbound);
        int covered = bytes.length
                - unbound.extensions()
                        .find(Extension.PreSharedKeys.class)
                        .orElseThrow()
                        .binderBytes();
        byte[] partialHash = parts.flow().transcript().hashWithPart(hash, bytes, covered);
        return withTicket(hello, ticket, Opaque.copyOf(resumption.get().early().binder(partialHash)), now);
    }

    private static ClientHello withTicket(ClientHello hello, ClientTicket ticket, Opaque binder, Instant now) {
        var extensions = new ArrayList<>(hello.extensions().all());
        extensions.add(new Extension.PreSharedKeys(List.of(ticket.presentedAt(now)), List.of(binder)));
        return new ClientHello(
                hello.random(), hello.legacySessionId(), hello.cipherSuites(), new Extensions(extensions));
    }

    private void installEarlyKeys(ClientParts parts) {
        if (withEarlyData && resumption.isPresent()) {
            var transcript = parts.flow().transcript();
            CipherSuite suite = resumption.get().ticket().suite();
            byte[] hash = transcript.hashWithPart(suite.hash(), new byte[0], 0);
            parts.flow()
                    .writeSecret(
                            EncryptionLevel.ZERO_RTT,
                            KeyLogLabel.CLIENT_EARLY,
                            resumption.get().early().clientTraffic(suite, hash));
        }
    }

    /** Tells whether an answer of this type was asked for. */
    boolean has(int extensionType) {
        return hello.extensions().all().stream().anyMatch(extension -> extension.type() == extensionType);
    }

    Optional<KeyExchange> exchange(int group) {
        return exchanges.stream()
                .filter(exchange -> exchange.group().code() == group)
                .findFirst();
    }

    void destroy() {
        exchanges.forEach(KeyExchange::destroy);
        resumption.ifPresent(known -> known.early().destroy());
    }
}
