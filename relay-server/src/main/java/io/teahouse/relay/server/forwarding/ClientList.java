package io.teahouse.relay.server.forwarding;

import io.teahouse.core.EndpointId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lists clients for people who ask, in pages in the order in which they came.
 *
 * <p>The caller's thread, which blocks, does the work; the clients' loops are only asked for the figures of some clients at a
 * time, between which they carry datagrams. Safe for use by many threads.
 */
public final class ClientList {
    /** Clients in a page if nothing is said. */
    public static final int DEFAULT_LIMIT = 1000;

    /** Clients in a page at most: some 4 MB. */
    public static final int MAX_LIMIT = 10_000;

    /** Clients that a loop is asked for in one go: some tens of microseconds. */
    private static final int AT_ONCE = 128;

    /** How long a loop may take; one that does not answer has ended. */
    private static final long PATIENCE_SECONDS = 5;

    private static final Comparator<ClientConnection> IN_ORDER =
            Comparator.comparingLong(ClientConnection::connectionId);

    private final ClientRegistry registry;

    /**
     * Creates a list of those who are connected when it is asked.
     *
     * @param registry who is connected
     */
    public ClientList(ClientRegistry registry) {
        this.registry = registry;
    }

    /**
     * Some clients.
     *
     * @param clients in the order of their connection ids
     * @param next    after which connection the next page begins, if there is one
     */
    public record Page(List<ClientInfo> clients, OptionalLong next) {
        /** Copies the list. */
        public Page {
            clients = List.copyOf(clients);
        }
    }

    /**
     * {@return the connections that came first of those after another one}
     *
     * @param afterConnection the other one's connection id; 0 for the beginning
     * @param limit           how many at most, 1 to {@link #MAX_LIMIT}
     */
    public Page page(long afterConnection, int limit) {
        // The latest is on top, to be thrown out when there are too many.
        var first = new PriorityQueue<ClientConnection>(IN_ORDER.reversed());
        registry.visit(connection -> {
            if (connection.connectionId() > afterConnection) {
                first.add(connection);
                if (first.size() > limit + 1) {
                    first.remove();
                }
            }
        });
        boolean isMore = first.size() > limit;
        if (isMore) {
            first.remove();
        }
        var last = first.peek();
        return new Page(
                infos(first), isMore && last != null ? OptionalLong.of(last.connectionId()) : OptionalLong.empty());
    }

    /**
     * {@return the connections of one endpoint, active or not; none if it is not connected}
     *
     * @param id the endpoint
     */
    public List<ClientInfo> of(EndpointId id) {
        return infos(registry.connectionsOf(id));
    }

    private static List<ClientInfo> infos(Collection<ClientConnection> connections) {
        Map<ForwardingLoop, List<ClientConnection>> byLoop = new HashMap<>();
        connections.forEach(connection -> byLoop.computeIfAbsent(connection.loop(), _ -> new ArrayList<>())
                .add(connection));
        var infos = new ArrayList<ClientInfo>(connections.size());
        byLoop.forEach((loop, its) -> {
            for (int from = 0; from < its.size(); from += AT_ONCE) {
                infos.addAll(ask(loop, its.subList(from, Math.min(its.size(), from + AT_ONCE))));
            }
        });
        infos.sort(Comparator.comparingLong(ClientInfo::connectionId));
        return infos;
    }

    private static List<ClientInfo> ask(ForwardingLoop loop, List<ClientConnection> connections) {
        try {
            return CompletableFuture.supplyAsync(
                            () -> connections.stream()
                                    .filter(connection -> !connection.isOver())
                                    .map(ClientConnection::info)
                                    .toList(),
                            loop.eventLoop())
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (RejectedExecutionException | TimeoutException _) {
            return List.of();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a client's figures cannot be had", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }
}
