package io.teahouse.quic.simulation;

import io.teahouse.quic.wire.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Something that happens at a time.
 *
 * @param atNanos when
 * @param what    what
 */
record Incident(long atNanos, What what) {
    /** How many ways there are from the client to the server. */
    static final int ROUTES = 3;

    private static final long MILLI = 1_000_000;

    /** What can happen. */
    sealed interface What {
        /** The client's datagrams on a route come from another address from now on. */
        record Rebind(int route) implements What {}

        /** Nothing gets through in the directions given, for a time. */
        record Dark(int route, boolean toServer, boolean toClient, long nanos) implements What {}

        /** Large datagrams do not get through any more, or get through again. */
        record Narrow(int route, int bytes) implements What {}

        /** A route becomes another one. */
        record Change(int route) implements What {}

        /** One side takes new keys. */
        record UpdateKeys(Role side) implements What {}

        /** One side closes. */
        record Close(Role side) implements What {}

        /** The client opens a path over a route. */
        record OpenPath(int route, boolean available) implements What {}

        /** One side says whether a path is to be used. */
        record Status(Role side, int pathId, boolean available) implements What {}

        /** One side gives a path up. */
        record Abandon(Role side, int pathId) implements What {}

        /** The server forgets everything. */
        record Restart() implements What {}
    }

    /** What happens, on one route or several. */
    static List<Incident> draw(Random random, boolean severalRoutes) {
        var incidents = new ArrayList<Incident>();
        int routes = severalRoutes ? ROUTES : 1;
        for (int count = random.nextInt(severalRoutes ? 12 : 6); count > 0; count--) {
            long at = (long) (MILLI * Math.pow(10, 4.5 * random.nextDouble()));
            boolean ofPaths = severalRoutes && random.nextInt(3) > 0;
            incidents.add(new Incident(at, ofPaths ? drawOfPaths(random) : drawWhat(random, random.nextInt(routes))));
        }
        for (int route = 1; severalRoutes && route < ROUTES; route++) {
            if (random.nextInt(3) > 0) {
                long at = (long) (MILLI * Math.pow(10, 1 + 2 * random.nextDouble()));
                incidents.add(new Incident(at, new What.OpenPath(route, random.nextInt(4) > 0)));
            }
        }
        incidents.sort(Comparator.comparingLong(Incident::atNanos));
        return incidents;
    }

    private static What drawOfPaths(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> new What.Status(drawSide(random), random.nextInt(4), random.nextBoolean());
            case 1 -> new What.Abandon(drawSide(random), random.nextInt(4));
            // For good, often.
            case 2 -> new What.Dark(random.nextInt(ROUTES), true, random.nextBoolean(), Long.MAX_VALUE / 4);
            default -> new What.OpenPath(random.nextInt(ROUTES), random.nextInt(4) > 0);
        };
    }

    private static What drawWhat(Random random, int route) {
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> new What.Rebind(route);
            case 4, 5, 6 -> {
                long nanos = (long) (MILLI * Math.pow(10, 1 + 3.7 * random.nextDouble()));
                int directions = 1 + random.nextInt(3);
                yield new What.Dark(route, (directions & 1) != 0, (directions & 2) != 0, nanos);
            }
            case 7, 8, 9 -> new What.Narrow(route, 1200 + random.nextInt(300));
            case 10, 11 -> new What.Change(route);
            case 12, 13, 14, 15, 16 -> new What.UpdateKeys(drawSide(random));
            case 17, 18 -> new What.Close(drawSide(random));
            default -> new What.Restart();
        };
    }

    private static Role drawSide(Random random) {
        return random.nextBoolean() ? Role.CLIENT : Role.SERVER;
    }
}
