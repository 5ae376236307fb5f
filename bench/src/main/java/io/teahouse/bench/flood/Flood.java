package io.teahouse.bench.flood;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that mean harm, until the process is ended.
 *
 * <pre>
 *   slowloris URL COUNT   connections that send a request's head byte by byte, one a second; to a TLS port a TLS record
 *   silent URL COUNT      connections that become WebSockets and then say nothing, neither their key nor anything else
 *   pings URL RATE        one endpoint that sends so many pings a second
 * </pre>
 *
 * <p>A connection that the relay ends is replaced by another at once. Prints once a second how many it has, has opened and has
 * sent.
 */
final class Flood {
    private static final int PINGS_AT_ONCE = 500;
    private static final byte PING = 9;
    private static final int PING_LENGTH = 9;

    private final LongAdder opened = new LongAdder();
    private final LongAdder open = new LongAdder();
    private final LongAdder sent = new LongAdder();

    private Flood() {}

    /** What one connection does from its start to its end. */
    @FunctionalInterface
    private interface Life {
        void live(RawConnection connection) throws IOException;
    }

    @FunctionalInterface
    private interface Opening {
        RawConnection open() throws IOException;
    }

    /**
     * Runs one.
     *
     * @param args see above
     */
    public static void main(String[] args) throws InterruptedException {
        if (args.length != 3) {
            System.err.println("flood: slowloris|silent|pings URL NUMBER");
            System.exit(2);
        }
        new Flood().run(args[0], URI.create(args[1]), Integer.parseInt(args[2]));
    }

    private void run(String kind, URI url, int number) throws InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            switch (kind) {
                case "slowloris" -> {
                    for (int i = 0; i < number; i++) {
                        threads.submit(() ->
                                again(() -> RawConnection.openPlain(url), connection -> trickle(url, connection)));
                    }
                }
                case "silent" -> {
                    for (int i = 0; i < number; i++) {
                        threads.submit(() -> again(() -> RawConnection.open(url), connection -> {
                            connection.upgrade();
                            sent.increment();
                            connection.awaitEnd();
                        }));
                    }
                }
                case "pings" ->
                    threads.submit(() -> again(() -> RawConnection.open(url), connection -> ping(connection, number)));
                default -> throw new IllegalArgumentException(kind);
            }
            while (true) {
                Thread.sleep(Duration.ofSeconds(1));
                System.out.printf("%s: %d open, %d opened, %d sent%n", kind, open.sum(), opened.sum(), sent.sum());
            }
        }
    }

    /** Never returns. */
    private void again(Opening opening, Life life) {
        while (true) {
            try (var connection = opening.open()) {
                open.increment();
                opened.increment();
                try {
                    life.live(connection);
                } finally {
                    open.decrement();
                }
            } catch (IOException _) {
                LockSupport.parkNanos(
                        Duration.ofMillis(100).toNanos()); // refused or ended: that is what the relay is for
            }
        }
    }

    private void trickle(URI url, RawConnection connection) throws IOException {
        // The beginning of a ClientHello that will be 512 bytes long, or of a request.
        byte[] head = url.getScheme().equals("https")
                ? new byte[] {22, 3, 1, 2, 0, 1, 0, 1, (byte) 252, 3, 3}
                : "GET /relay HTTP/1.1\r\nhost: relay\r\nx-slow: ".getBytes(US_ASCII);
        connection.write(head);
        while (true) {
            LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
            connection.write(new byte[] {'a'});
            sent.increment();
        }
    }

    private void ping(RawConnection connection, int rate) throws IOException {
        connection.upgrade();
        connection.authenticate();
        Thread.startVirtualThread(() -> {
            try {
                connection.awaitEnd();
            } catch (IOException _) {
                // The writer notices as well.
            }
        });
        var message = new byte[PING_LENGTH];
        message[0] = PING;
        var batch = new ByteArrayOutputStream();
        for (int i = 0; i < PINGS_AT_ONCE; i++) {
            batch.writeBytes(RawConnection.frame(message));
        }
        byte[] bytes = batch.toByteArray();
        long start = System.nanoTime();
        for (long batches = 0; true; batches++) {
            long due = start + batches * PINGS_AT_ONCE * 1_000_000_000L / rate;
            LockSupport.parkNanos(due - System.nanoTime());
            connection.write(bytes);
            sent.add(PINGS_AT_ONCE);
        }
    }
}
