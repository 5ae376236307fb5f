package io.teahouse.relay.server;

import io.netty.util.concurrent.EventExecutor;
import io.teahouse.relay.server.metrics.LoopCounters;
import io.teahouse.relay.server.metrics.RelayCounter;
import io.teahouse.relay.server.time.ThreadUrgency;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How urgent handshakes are: less than datagrams, as long as there are any. A thread that shakes hands looks again and again
 * whether something is forwarded, and is nice while it is; otherwise it is like every other, so that new clients do not wait
 * for what else the machine does. What newcomers say first is nothing yet that would have to go before other newcomers.
 *
 * <p>A thread that may not become less nice again is a little nice for good.
 */
final class HandshakeUrgency {
    /** Gets what the others leave: 1.5 % of a processor that another thread wants all the time. */
    private static final int WHILE_FORWARDING = 19;

    /** Gets a tenth of such a processor. */
    private static final int FOR_GOOD = 10;

    private static final long LOOK_EVERY_MILLIS = 1000;

    /** So many datagrams from look to look, beside one of each newcomer, are something to be nice for. */
    private static final int FEW = 50;

    /** How many looks in turn must find no more than that before a thread is as others again. */
    private static final int QUIET_LOOKS = 3;

    private final List<LoopCounters> forwarding;
    private final int usual;
    private long lastSeen;
    private int quietLooks = QUIET_LOOKS;
    private boolean isNice;

    private HandshakeUrgency(List<LoopCounters> forwarding, int usual) {
        this.forwarding = forwarding;
        this.usual = usual;
    }

    /**
     * Has a thread look, from a moment after its start on.
     *
     * @param executor   of the thread, which shakes hands
     * @param forwarding what the loops count that forward
     */
    static void watch(EventExecutor executor, List<LoopCounters> forwarding) {
        executor.schedule(() -> begin(executor, forwarding), LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static void begin(EventExecutor executor, List<LoopCounters> forwarding) {
        int usual = ThreadUrgency.nice().orElse(WHILE_FORWARDING);
        if (usual >= FOR_GOOD) {
            return;
        }
        ThreadUrgency.setNice(usual + 1);
        if (!ThreadUrgency.setNice(usual)) {
            ThreadUrgency.setNice(FOR_GOOD);
            return;
        }
        var urgency = new HandshakeUrgency(forwarding, usual);
        executor.scheduleAtFixedRate(urgency::look, 0, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        long seen = LoopCounters.sum(forwarding, RelayCounter.SEND_PACKETS_RECV)
                - LoopCounters.sum(forwarding, RelayCounter.ACCEPTS);
        quietLooks = seen - lastSeen <= FEW ? quietLooks + 1 : 0;
        lastSeen = seen;
        boolean shouldBeNice = quietLooks < QUIET_LOOKS;
        if (shouldBeNice != isNice) {
            isNice = shouldBeNice;
            ThreadUrgency.setNice(shouldBeNice ? WHILE_FORWARDING : usual);
        }
    }
}
