package io.teahouse.quic.simulation;

import io.teahouse.quic.ConnectionConfig;
import io.teahouse.quic.MultipathConfig;
import io.teahouse.quic.parameter.AddressDiscovery;
import io.teahouse.quic.stream.StreamLimits;
import io.teahouse.tls.schedule.CipherSuite;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * All that a seed decides before anything happens.
 *
 * @param seed      the seed
 * @param toServer  one direction of the network, route by route
 * @param toClient  the other
 * @param client    what the client's side is like
 * @param server    what the server's side is like
 * @param tls       what the handshake is like
 * @param realTls   whether it is a real one, without 0-RTT
 * @param retry     whether clients have to prove their address first
 * @param fromClient what the client's application does
 * @param fromServer what the server's application does
 * @param incidents what happens meanwhile
 */
record Scenario(
        long seed,
        List<Conditions> toServer,
        List<Conditions> toClient,
        ConnectionConfig client,
        ConnectionConfig server,
        PretendedHandshake.Terms tls,
        boolean realTls,
        boolean retry,
        Application.Plan fromClient,
        Application.Plan fromServer,
        List<Incident> incidents) {
    static final Instant TIME_ZERO = Instant.parse("2026-01-01T00:00:00Z");

    private static final int REAL_TLS_EVERY = 25;

    static Scenario draw(long seed) {
        var random = new Random(seed);
        random.nextInt();
        boolean good = random.nextInt(8) == 0;
        boolean several = random.nextInt(2) == 0;
        var suite = List.of(CipherSuite.values()).get(random.nextInt(3));
        boolean offersEarly = random.nextInt(4) == 0;
        return new Scenario(
                seed,
                conditions(random, good),
                conditions(random, good),
                several ? withPaths(config(random), random) : config(random),
                several ? withPaths(config(random), random) : config(random),
                new PretendedHandshake.Terms(
                        seed, suite, random.nextInt(4500), offersEarly, offersEarly && random.nextBoolean()),
                seed % REAL_TLS_EVERY == 0,
                random.nextInt(4) == 0,
                plan(random),
                plan(random),
                Incident.draw(random, several));
    }

    private static List<Conditions> conditions(Random random, boolean good) {
        return Stream.generate(() -> good ? Conditions.GOOD : Conditions.draw(random))
                .limit(Incident.ROUTES)
                .toList();
    }

    private static ConnectionConfig withPaths(ConnectionConfig config, Random random) {
        return config.withMultipath(new MultipathConfig(
                1 + random.nextInt(8), Duration.ofSeconds(3 + random.nextInt(15)), Duration.ofSeconds(30), 0, true));
    }

    private static ConnectionConfig config(Random random) {
        boolean small = random.nextInt(2) == 0;
        long streamWindow = small ? 1000 + random.nextInt(30_000) : 1_250_000;
        var limits = new StreamLimits(
                streamWindow,
                small ? streamWindow + random.nextInt(30_000) : 12_500_000,
                small ? 1 + random.nextInt(4) : 100,
                small ? 1 + random.nextInt(4) : 100,
                small ? 500 + random.nextInt(50_000) : 1_250_000,
                1024);
        return new ConnectionConfig(
                Duration.ofMillis(10_000 + random.nextInt(50_000)),
                Duration.ofMillis(2_000 + random.nextInt(3_000)),
                limits,
                random.nextInt(6) == 0 ? 0 : 2_000 + random.nextInt(100_000),
                random.nextBoolean() ? Optional.of(AddressDiscovery.BOTH) : Optional.empty(),
                random.nextBoolean(),
                Duration.ofMillis(100 + random.nextInt(400)),
                TIME_ZERO);
    }

    private static Application.Plan plan(Random random) {
        int maxSize = (int) Math.pow(10, 2 + 3.3 * random.nextDouble());
        return new Application.Plan(
                random.nextLong(),
                random.nextInt(8),
                maxSize,
                random.nextInt(2) == 0 ? 0 : random.nextInt(60),
                random.nextLong(100_000_000));
    }
}
