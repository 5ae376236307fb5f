package io.teahouse.quic.io;

import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.ClientConfig;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * How to get to a server.
 *
 * @param path     where it is
 * @param tls      who it has to be, and who we are
 * @param tickets  the name under which its session tickets are kept and looked for, with everything that makes them useless
 *                 elsewhere; empty for doing without
 * @param patience how long the handshake may take
 */
public record Dial(NetworkPath path, ClientConfig tls, Optional<String> tickets, Duration patience) {
    /** Longer than five lost packets take. */
    private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(15);

    /**
     * {@return the usual: without tickets, for 15 s}
     *
     * @param remote where it is
     * @param tls    who it has to be, and who we are
     */
    public static Dial to(SocketAddress remote, ClientConfig tls) {
        return new Dial(NetworkPath.to(remote), tls, Optional.empty(), DEFAULT_PATIENCE);
    }

    /**
     * {@return the same with tickets}
     *
     * @param server the name under which they are kept and looked for
     */
    public Dial withTickets(String server) {
        return new Dial(path, tls, Optional.of(server), patience);
    }

    /**
     * {@return the same with another patience}
     *
     * @param longest how long the handshake may take
     */
    public Dial within(Duration longest) {
        return new Dial(path, tls, tickets, longest);
    }
}
