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
    private static final long MILLI = 1_000_000;

    /** What can happen. */
    sealed interface What {
        /** The client's datagrams come from another address from now on. */
        record Rebind() implements What {}

        /** Nothing gets through in the directions given, for a time. */
        record Dark(boolean toServer, boolean toClient, long nanos) implements What {}

        /** Large datagrams do not get through any more, or get through again. */
        record Narrow(int bytes) implements What {}

        /** The network becomes another one. */
        record Change() implements What {}

        /** One side takes new keys. */
        record UpdateKeys(Role side) implements What {}

        /** One side closes. */
        record Close(Role side) implements What {}

        /** The server forgets everything. */
        record Restart() implements What {}
    }

    static List<Incident> draw(Random random) {
        var incidents = new ArrayList<Incident>();
        for (int count = random.nextInt(6); count > 0; count--) {
            long at = (long) (MILLI * Math.pow(10, 4.5 * random.nextDouble()));
            incidents.add(new Incident(at, drawWhat(random)));
        }
        incidents.sort(Comparator.comparingLong(Incident::atNanos));
        return incidents;
    }

    private static What drawWhat(Random random) {
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> new What.Rebind();
            case 4, 5, 6 -> {
                long nanos = (long) (MILLI * Math.pow(10, 1 + 3.7 * random.nextDouble()));
                int directions = 1 + random.nextInt(3);
                yield new What.Dark((directions & 1) != 0, (directions & 2) != 0, nanos);
            }
            case 7, 8, 9 -> new What.Narrow(1200 + random.nextInt(300));
            case 10, 11 -> new What.Change();
            case 12, 13, 14, 15, 16 -> new What.UpdateKeys(random.nextBoolean() ? Role.CLIENT : Role.SERVER);
            case 17, 18 -> new What.Close(random.nextBoolean() ? Role.CLIENT : Role.SERVER);
            default -> new What.Restart();
        };
    }
}
