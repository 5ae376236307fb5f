package io.teahouse.tls;

import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.ClientHello;
import io.teahouse.tls.message.Extension;
import io.teahouse.tls.message.KeyShare;
import io.teahouse.tls.message.Opaque;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.schedule.CipherSuite;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a server makes of a ClientHello, before it looks at tickets and certificates. The order of the checks decides which
 * of several faults a client hears of: first those that keep the two from talking at all.
 *
 * @param suite                   the client's first one that the server knows
 * @param group                   how keys are exchanged
 * @param share                   the client's for that group; without one, it has to try again
 * @param protocol                the server's first application protocol that the client knows
 * @param peerTransportParameters of the client
 */
record ServerChoice(
        CipherSuite suite,
        NamedGroup group,
        Optional<KeyShare> share,
        Opaque protocol,
        Opaque peerTransportParameters) {
    static ServerChoice of(ServerConfig config, ClientHello hello) throws TlsException {
        requireVersion(hello);
        if (config.isOverQuic() && !hello.legacySessionId().isEmpty()) {
            // RFC 9001, section 8.4: no pretence of TLS 1.2 on QUIC.
            throw TlsException.protocolViolation("client hello: session id of %d bytes (expected: none)"
                    .formatted(hello.legacySessionId().length()));
        }
        if (hello.extensions().has(Extension.Cookie.class)) {
            throw new TlsException(Alert.ILLEGAL_PARAMETER, "client hello: a cookie (expected: none, none was given)");
        }
        CipherSuite suite = suite(config, hello);
        List<Integer> groups = groups(hello);
        List<KeyShare> shares = shares(hello, groups);
        NamedGroup group = group(config, groups, shares);
        return new ServerChoice(
                suite, group, shareOf(group, shares), protocol(config, hello), transportParameters(config, hello));
    }

    private static void requireVersion(ClientHello hello) throws TlsException {
        var versions = hello.extensions().find(Extension.SupportedVersions.class);
        if (versions.isEmpty() || !versions.get().versions().contains(Protocol.TLS_1_3)) {
            throw new TlsException(
                    Alert.PROTOCOL_VERSION, "client hello: other versions only (expected: TLS 1.3, 0x0304)");
        }
    }

    private static CipherSuite suite(ServerConfig config, ClientHello hello) throws TlsException {
        return hello.cipherSuites().stream()
                .flatMap(code -> CipherSuite.of(code).stream())
                .filter(config.suites()::contains)
                .findFirst()
                .orElseThrow(() -> new TlsException(
                        Alert.HANDSHAKE_FAILURE, "client hello: no suite of %s".formatted(config.suites())));
    }

    private static List<Integer> groups(ClientHello hello) throws TlsException {
        return hello.extensions()
                .find(Extension.SupportedGroups.class)
                .orElseThrow(() ->
                        new TlsException(Alert.MISSING_EXTENSION, "client hello: no supported_groups (expected: some)"))
                .groups();
    }

    private static List<KeyShare> shares(ClientHello hello, List<Integer> groups) throws TlsException {
        var shares = hello.extensions()
                .find(Extension.KeyShares.class)
                .orElseThrow(
                        () -> new TlsException(Alert.MISSING_EXTENSION, "client hello: no key_share (expected: some)"))
                .shares();
        var supported = Set.copyOf(groups); // both lists may be long
        for (KeyShare share : shares) {
            if (!supported.contains(share.group())) {
                throw new TlsException(
                        Alert.ILLEGAL_PARAMETER,
                        "client hello: a share of group 0x%04x (expected: of one in supported_groups)"
                                .formatted(share.group()));
            }
        }
        return shares;
    }

    /** One with a share, if that can be had: another round trip costs more than the best of groups gains. */
    private static NamedGroup group(ServerConfig config, List<Integer> groups, List<KeyShare> shares)
            throws TlsException {
        List<NamedGroup> common = config.groups().stream()
                .filter(group -> groups.contains(group.code()))
                .toList();
        if (common.isEmpty()) {
            throw new TlsException(Alert.HANDSHAKE_FAILURE, "client hello: no group of %s".formatted(config.groups()));
        }
        return common.stream()
                .filter(group -> shareOf(group, shares).isPresent())
                .findFirst()
                .orElse(common.getFirst());
    }

    private static Optional<KeyShare> shareOf(NamedGroup group, List<KeyShare> shares) {
        return shares.stream().filter(share -> share.group() == group.code()).findFirst();
    }

    private static Opaque protocol(ServerConfig config, ClientHello hello) throws TlsException {
        List<Opaque> offered = hello.extensions()
                .find(Extension.ApplicationProtocols.class)
                .map(Extension.ApplicationProtocols::names)
                .orElse(List.of());
        return config.protocols().stream()
                .filter(offered::contains)
                .findFirst()
                .orElseThrow(() -> new TlsException(
                        Alert.NO_APPLICATION_PROTOCOL,
                        "client hello: %d application protocols (expected: one that is spoken here)"
                                .formatted(offered.size())));
    }

    private static Opaque transportParameters(ServerConfig config, ClientHello hello) throws TlsException {
        var found = hello.extensions().find(Extension.TransportParameters.class);
        if (found.isEmpty() && config.isOverQuic()) {
            throw new TlsException(
                    Alert.MISSING_EXTENSION, "client hello: no quic_transport_parameters (expected: some)");
        }
        return found.map(Extension.TransportParameters::value).orElse(Opaque.EMPTY);
    }
}
