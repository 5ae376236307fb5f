package io.teahouse.bench.discovery;

import io.teahouse.quic.Connection;
import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.ConnectionIdSource;
import io.teahouse.quic.io.UdpTransport;
import io.teahouse.quic.packet.DatagramReader;
import io.teahouse.quic.packet.ReceivedPacket;
import io.teahouse.quic.parameter.AddressDiscovery;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.stream.StreamLimits;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.tls.ClientConfig;
import io.teahouse.tls.ClientHandshake;
import io.teahouse.tls.certificate.PeerVerifier;
import io.teahouse.tls.message.Opaque;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Clients that shake hands with a relay over QUIC, hear at which address it sees them, say goodbye, and are replaced by
 * others, for some seconds.
 *
 * <pre>
 *   Questions IP PORT CA SECONDS WARMUP AT_ONCE
 * </pre>
 *
 * <p>CA is a PEM file of who has signed the relay's certificate, which is for {@code localhost}. Prints one line of JSON
 * when the warm-up is over ({@code {"warm":true}}), and one of the seconds that count.
 */
final class Questions {
    /** Who gets no answer for so long is given up. */
    private static final long PATIENCE_NANOS = Duration.ofSeconds(3).toNanos();

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final SecureRandom random = new SecureRandom();
    private final long zeroNanos = System.nanoTime();
    private final Instant timeZero = Instant.now();
    private final InetSocketAddress relay;
    private final UdpTransport socket;
    private final ClientConfig tls;
    private final ConnectionIdSource idSource = new ConnectionIdSource(random, new byte[ConnectionIdSource.KEY_LENGTH]);
    private final Set<Question> open = new HashSet<>();
    private final Map<ConnectionId, Question> byId = new HashMap<>();
    private final List<Long> tookNanos = new ArrayList<>();
    private long givenUp;

    /** One client. */
    private record Question(Connection connection, long begunNanos) {}

    private Questions(InetSocketAddress relay, X509Certificate authority) throws IOException {
        this.relay = relay;
        var any = relay.getAddress().getAddress().length == 4 ? "0.0.0.0" : "::";
        this.socket = UdpTransport.open(UdpTransport.Options.at(new InetSocketAddress(InetAddress.ofLiteral(any), 0)));
        this.tls = ClientConfig.builder(
                        PeerVerifier.certified(Set.of(new TrustAnchor(authority, null)), "localhost"),
                        List.of(Opaque.ofUtf8("/iroh-qad/0")))
                .build();
    }

    /**
     * Runs it.
     *
     * @param args see above
     */
    public static void main(String[] args) throws IOException, CertificateException {
        if (args.length != 6) {
            System.err.println("questions: IP PORT CA SECONDS WARMUP AT_ONCE");
            System.exit(2);
        }
        X509Certificate authority;
        try (InputStream in = Files.newInputStream(Path.of(args[2]))) {
            authority =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
        var all = new Questions(
                new InetSocketAddress(InetAddress.ofLiteral(args[0]), Integer.parseInt(args[1])), authority);
        int atOnce = Integer.parseInt(args[5]);
        all.run(Integer.parseInt(args[4]), atOnce);
        System.out.println("{\"warm\":true}");
        all.tookNanos.clear();
        all.givenUp = 0;
        long began = System.nanoTime();
        all.run(Integer.parseInt(args[3]), atOnce);
        all.print((System.nanoTime() - began) / (double) NANOS_PER_SECOND);
    }

    private void print(double seconds) {
        long[] sorted = tookNanos.stream().mapToLong(Long::longValue).sorted().toArray();
        System.out.printf(
                "{\"handshakes\":%d,\"per_s\":%.0f,\"p50_us\":%d,\"p99_us\":%d,\"given_up\":%d}%n",
                sorted.length, sorted.length / seconds, at(sorted, 0.5), at(sorted, 0.99), givenUp);
    }

    private static long at(long[] sorted, double part) {
        return sorted.length == 0 ? 0 : sorted[(int) (part * (sorted.length - 1))] / 1000;
    }

    private void run(int seconds, int atOnce) throws IOException {
        long end = nanos() + seconds * NANOS_PER_SECOND;
        while (nanos() < end) {
            while (open.size() < atOnce) {
                begin();
            }
            long next = end;
            for (var question : List.copyOf(open)) {
                long now = nanos();
                if (now - question.begunNanos() > PATIENCE_NANOS) {
                    givenUp++;
                    forget(question);
                } else if (question.connection().nextTimeoutNanos(now) <= now) {
                    question.connection().handleTimeout(now);
                    goOn(question);
                }
                next = Math.min(next, question.connection().nextTimeoutNanos(now));
            }
            socket.flush();
            socket.receive(this::receive, Math.max(0, next - nanos()));
        }
    }

    private void begin() throws IOException {
        var config = new ConnectionConfig(
                Duration.ofSeconds(35),
                Duration.ofSeconds(25),
                StreamLimits.DEFAULT,
                0,
                Optional.of(AddressDiscovery.RECEIVE),
                true,
                Duration.ofMillis(111),
                timeZero);
        long now = nanos();
        var connection = Connection.client(
                config,
                idSource,
                parameters -> {
                    var handshake = new ClientHandshake(tls, parameters, random);
                    handshake.start(Optional.empty(), timeZero.plusNanos(now));
                    return handshake;
                },
                Optional.empty(),
                NetworkPath.to(relay),
                random,
                now);
        var question = new Question(connection, now);
        open.add(question);
        goOn(question);
    }

    private void receive(ByteBuffer datagram, NetworkPath from, Ecn mark) {
        var first = new DatagramReader(datagram, ConnectionIdSource.ID_LENGTH, true).next();
        if (first.isPresent() && first.get() instanceof ReceivedPacket.Sealed sealed) {
            var question = byId.get(sealed.destination());
            if (question != null) {
                question.connection().receive(datagram, from, mark, nanos());
                try {
                    goOn(question);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        }
    }

    private void goOn(Question question) throws IOException {
        var connection = question.connection();
        boolean isDone =
                connection.isConnected() && connection.observedAddress().isPresent();
        if (isDone) {
            tookNanos.add(nanos() - question.begunNanos());
            flush(connection); // the last word of the handshake, without which the relay does not understand the next
            connection.close(1, "finished", nanos());
        }
        flush(connection);
        if (isDone || connection.isOver()) {
            givenUp += isDone ? 0 : 1;
            forget(question);
        } else {
            connection.ids().forEach(id -> byId.put(id, question));
        }
    }

    private void flush(Connection connection) throws IOException {
        for (var next = connection.pollOutgoing(nanos()); next.isPresent(); next = connection.pollOutgoing(nanos())) {
            socket.send(next.get().data(), next.get().network(), next.get().mark());
        }
    }

    private void forget(Question question) {
        open.remove(question);
        question.connection().ids().forEach(byId::remove);
        byId.values().removeAll(Arrays.asList(question));
        question.connection().destroy();
    }

    private long nanos() {
        return System.nanoTime() - zeroNanos;
    }
}
