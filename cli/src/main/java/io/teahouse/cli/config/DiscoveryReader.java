package io.teahouse.cli.config;

import io.teahouse.cli.text.AddressText;
import io.teahouse.relay.server.CertificateSource;
import io.teahouse.relay.server.RelayServerConfig.AddressDiscovery;
import io.teahouse.relay.server.discovery.DiscoveryLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** Reads what is said of address discovery over QUIC (iroh relay spec, sections 5 and 8). */
final class DiscoveryReader {
    static final String ENABLE = "enable_quic_addr_discovery";
    static final String ADDRESS = "tls.quic_bind_addr";
    private static final String CONNECTIONS = "limits.quic.max_connections";
    private static final String RETRY_FROM = "limits.quic.retry_from_handshakes";
    private static final int PORT = 7842;

    private final Settings settings;
    private final List<Problem> problems;
    private final List<Notice> notices;

    DiscoveryReader(Settings settings, List<Problem> problems, List<Notice> notices) {
        this.settings = settings;
        this.problems = problems;
        this.notices = notices;
    }

    /**
     * Whether there is to be any.
     *
     * @param usual whether there is if nothing is said: wherever there is TLS, unlike with iroh's relay
     */
    boolean isWanted(boolean usual) {
        boolean wanted = settings.bool(ENABLE, usual);
        if (wanted && !settings.hasTable("tls")) {
            problems.add(new Problem.Missing(
                    settings.place(ENABLE), "[tls]", "%s is true, and QUIC needs a certificate".formatted(ENABLE)));
        }
        return wanted;
    }

    /**
     * Where, and how much of it.
     *
     * @param wanted              whether there is to be any; if not, what is said of it is checked all the same
     * @param ip                  where it is unless the file names an address
     * @param certificate         what it shows; empty if there is something wrong with that
     * @param connectionsOfAddress how many each address may have
     */
    Optional<AddressDiscovery> read(
            boolean wanted, InetAddress ip, Optional<CertificateSource> certificate, int connectionsOfAddress) {
        var address = settings.address(ADDRESS, PORT);
        long connections = settings.number(CONNECTIONS, 1, Integer.MAX_VALUE, "connections")
                .orElse(DiscoveryLimits.DEFAULT.connections());
        long retryFrom = settings.number(RETRY_FROM, 0, Integer.MAX_VALUE, "handshakes")
                .orElse(DiscoveryLimits.DEFAULT.retryFrom());
        if (!wanted) {
            for (String key : List.of(ADDRESS, CONNECTIONS, RETRY_FROM)) {
                if (settings.has(key)) {
                    notices.add(
                            new Notice(settings.place(key), key, "has no effect while %s is false".formatted(ENABLE)));
                }
            }
            return Optional.empty();
        }
        var usual = new InetSocketAddress(ip, PORT);
        settings.usual(ADDRESS, AddressText.of(usual));
        settings.usual(CONNECTIONS, connections);
        settings.usual(RETRY_FROM, retryFrom);
        return certificate.map(shown -> new AddressDiscovery(
                address.orElse(usual), shown, new DiscoveryLimits((int) connections, connectionsOfAddress, (int)
                        retryFrom)));
    }
}
