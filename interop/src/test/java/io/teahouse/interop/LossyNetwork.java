package io.teahouse.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * A bad network between one client and a server, on the loopback address: loses, doubles and delays datagrams, by chances of a seed,
 * so that some overtake others. Runs until it is closed.
 */
final class LossyNetwork implements AutoCloseable {
    private static final long LONGEST_WAIT_MILLIS = 50;
    private static final int MAX_WAITING = 100_000;

    /**
     * How bad it is.
     *
     * @param lost       part of the datagrams that never arrive
     * @param doubled    part that arrive twice
     * @param lateMillis how much later than others some arrive; a tenth of them
     */
    record Faults(double lost, double doubled, int lateMillis) {}

    private record Delayed(long atNanos, ByteBuffer data, DatagramChannel out, SocketAddress to) {}

    private final Random random;
    private final Faults faults;
    private final InetSocketAddress server;
    private final DatagramChannel towardsClient;
    private final DatagramChannel towardsServer;
    private final Selector selector = Selector.open();
    private final PriorityQueue<Delayed> waiting =
            new PriorityQueue<>((a, b) -> Long.compare(a.atNanos() - b.atNanos(), 0));
    private final Thread thread;
    private Optional<SocketAddress> client = Optional.empty();
    private volatile boolean isClosed;

    LossyNetwork(long seed, Faults faults, InetSocketAddress server) throws IOException {
        this.random = new Random(seed);
        this.faults = faults;
        this.server = server;
        this.towardsClient = open();
        this.towardsServer = open();
        this.thread = Thread.ofPlatform().daemon().name("lossy network").start(this::run);
    }

    private DatagramChannel open() throws IOException {
        var channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
        return channel;
    }

    /** {@return where clients go} */
    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) towardsClient.getLocalAddress();
    }

    private void run() {
        try {
            while (!isClosed) {
                var next = Optional.ofNullable(waiting.peek());
                long wait = next.map(delayed -> (delayed.atNanos() - System.nanoTime()) / 1_000_000 + 1)
                        .orElse(LONGEST_WAIT_MILLIS);
                selector.select(Math.clamp(wait, 1, LONGEST_WAIT_MILLIS));
                selector.selectedKeys().clear();
                carry(towardsClient, towardsServer, true);
                carry(towardsServer, towardsClient, false);
                while (!waiting.isEmpty() && waiting.peek().atNanos() - System.nanoTime() <= 0) {
                    var due = waiting.remove();
                    due.out().send(due.data(), due.to());
                }
            }
        } catch (IOException e) {
            if (!isClosed) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    private void carry(DatagramChannel in, DatagramChannel out, boolean fromClient) throws IOException {
        var buffer = ByteBuffer.allocate(2048);
        for (var from = in.receive(buffer); from != null; from = in.receive(buffer)) {
            if (fromClient) {
                client = Optional.of(from);
            }
            var to = fromClient ? server : client.orElseThrow();
            var data =
                    ByteBuffer.allocate(buffer.flip().remaining()).put(buffer).flip();
            buffer.clear();
            int copies = random.nextDouble() < faults.lost() ? 0 : random.nextDouble() < faults.doubled() ? 2 : 1;
            for (int copy = 0; copy < copies && waiting.size() < MAX_WAITING; copy++) {
                boolean late = random.nextInt(10) == 0;
                long delayNanos = late ? 1_000_000L * random.nextInt(faults.lateMillis() + 1) : 0;
                waiting.add(new Delayed(System.nanoTime() + delayNanos, data.duplicate(), out, to));
            }
        }
    }

    @Override
    public void close() throws IOException {
        isClosed = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        selector.close();
        towardsClient.close();
        towardsServer.close();
    }
}
