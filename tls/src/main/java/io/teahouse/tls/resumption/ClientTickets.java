package io.teahouse.tls.resumption;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The tickets that a client has, by server. Each is handed out once.
 *
 * <p>Holds {@value #SERVERS_MAX} servers, forgetting the one that was used least recently, and {@value #TICKETS_MAX} tickets
 * for each, forgetting the oldest. Any thread may call.
 *
 * @param <K> what names a server, with everything that makes a ticket useless elsewhere: the endpoint id, or name and port
 */
public final class ClientTickets<K> {
    /** Servers that are remembered, as many as iroh's endpoints do. */
    public static final int SERVERS_MAX = 256;

    /** Tickets that are remembered of each: servers give two at a time. */
    public static final int TICKETS_MAX = 4;

    private final Map<K, Deque<ClientTicket>> tickets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, Deque<ClientTicket>> eldest) {
            return size() > SERVERS_MAX;
        }
    };

    /** Creates an empty one. */
    public ClientTickets() {}

    /**
     * Keeps a ticket.
     *
     * @param server whose it is
     * @param ticket a new one
     */
    public synchronized void put(K server, ClientTicket ticket) {
        var ofServer = tickets.computeIfAbsent(server, _ -> new ArrayDeque<>());
        if (ofServer.size() == TICKETS_MAX) {
            ofServer.removeFirst();
        }
        ofServer.addLast(ticket);
    }

    /**
     * {@return the newest ticket for a server, which is not kept any longer}
     *
     * @param server whose it is to be
     * @param now    the time; tickets past theirs are dropped
     */
    public synchronized Optional<ClientTicket> take(K server, Instant now) {
        var ofServer = tickets.get(server);
        if (ofServer == null) {
            return Optional.empty();
        }
        ofServer.removeIf(ticket -> !ticket.isGoodAt(now));
        var newest = Optional.ofNullable(ofServer.pollLast());
        if (ofServer.isEmpty()) {
            tickets.remove(server);
        }
        return newest;
    }

    /**
     * {@return how many servers there are tickets of}
     */
    public synchronized int servers() {
        return tickets.size();
    }
}
