package io.teahouse.relay.server.admin;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.teahouse.core.EndpointId;
import io.teahouse.core.FormatException;
import io.teahouse.relay.server.RelayServerConfig;
import io.teahouse.relay.server.forwarding.ClientList;
import io.teahouse.relay.server.forwarding.RelayService;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Answers the requests of the admin listener. What may take a while is done on a virtual thread, of which there are few at a
 * time. Safe for use by many threads.
 */
public final class Admin {
    private static final System.Logger LOG = System.getLogger(Admin.class.getName());

    /** Requests that are worked on at the same time; more are answered with 503. */
    static final int MAX_AT_ONCE = 8;

    private final AdminGate gate;
    private final RelayService service;
    private final ClientList clients;
    private final Supplier<RelayStatus> status;
    private final Semaphore free = new Semaphore(MAX_AT_ONCE);
    private final LongAdder done = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private volatile Optional<AdminOperations> operations = Optional.empty();

    /**
     * Creates what answers.
     *
     * @param config  who may ask
     * @param service the relay
     * @param status  tells how it is
     */
    public Admin(RelayServerConfig.Admin config, RelayService service, Supplier<RelayStatus> status) {
        this.gate = new AdminGate(config);
        this.service = service;
        this.clients = new ClientList(service.registry());
        this.status = status;
    }

    /**
     * Sets what can be done besides; without it such requests are answered with 503.
     *
     * @param possible what can be done
     */
    public void setOperations(AdminOperations possible) {
        operations = Optional.of(possible);
    }

    /**
     * An answer.
     *
     * @param status  of HTTP
     * @param body    in JSON
     * @param allowed the method that the path has, if the request had another one
     * @param after   to be run once the answer is on its way
     */
    @SuppressWarnings("ArrayRecordComponent") // written to the wire, never compared
    public record Reply(int status, byte[] body, Optional<String> allowed, Runnable after) {}

    /**
     * {@return how many requests were answered as asked}
     */
    public long done() {
        return done.sum();
    }

    /**
     * {@return how many requests came from somebody who may not ask}
     */
    public long refused() {
        return refused.sum();
    }

    /**
     * {@return how many requests could not be answered as asked}
     */
    public long failed() {
        return failed.sum();
    }

    /**
     * Answers a request.
     *
     * @param request its head
     * @param remote  who asks, for the log
     * @param answer  is told the answer, by this thread or another one, once
     */
    public void answer(HttpRequest request, String remote, Consumer<Reply> answer) {
        var refusal = gate.refuse(request.headers());
        if (refusal.isPresent()) {
            refused.increment();
            answer.accept(
                    reply(refusal.get().status(), AdminJson.error(refusal.get().reason())));
            return;
        }
        if (!free.tryAcquire()) {
            failed.increment();
            answer.accept(reply(503, AdminJson.error("busy with other requests, try again")));
            return;
        }
        Thread.ofVirtual().name("teahouse-admin").start(() -> {
            Reply reply;
            try {
                reply = route(request, remote);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "admin: a request failed", e);
                reply = reply(500, AdminJson.error("failed, the relay's log says why"));
            } finally {
                free.release();
            }
            (reply.status() < 300 ? done : failed).increment();
            answer.accept(reply);
        });
    }

    private Reply route(HttpRequest request, String remote) {
        var target = new QueryStringDecoder(request.uri());
        var parts = List.of(
                target.path().substring(Math.min(1, target.path().length())).split("/", -1));
        String action = parts.size() == 3 && parts.getFirst().equals("clients") ? parts.getLast() : parts.getFirst();
        boolean changes = List.of("disconnect", "drain", "reload").contains(action);
        boolean known = switch (parts.size()) {
            case 1 -> List.of("clients", "drain", "reload", "config", "status").contains(action);
            case 2 -> parts.getFirst().equals("clients");
            case 3 -> action.equals("disconnect");
            default -> false;
        };
        if (!known) {
            return reply(404, AdminJson.error("no such path"));
        }
        var method = changes ? HttpMethod.POST : HttpMethod.GET;
        if (!request.method().equals(method)) {
            return new Reply(405, AdminJson.error("expected method " + method), Optional.of(method.name()), () -> {});
        }
        if (changes) {
            LOG.log(System.Logger.Level.INFO, "admin: {0} asked by {1}", target.rawPath(), remote);
        }
        try {
            return switch (parts.size()) {
                case 1 -> parts.getFirst().equals("clients") ? list(target) : ofRelay(action);
                case 2 -> ofEndpoint(EndpointId.parse(parts.get(1)));
                default -> disconnect(EndpointId.parse(parts.get(1)), number(target, "connection"));
            };
        } catch (FormatException e) {
            return reply(400, AdminJson.error(String.valueOf(e.getMessage())));
        }
    }

    private Reply ofRelay(String action) {
        if (action.equals("status")) {
            return reply(200, AdminJson.status(status.get()));
        }
        if (operations.isEmpty()) {
            return reply(503, AdminJson.error("starting, or not possible with this relay"));
        }
        var possible = operations.get();
        return switch (action) {
            case "drain" ->
                new Reply(202, AdminJson.draining(service.registry().size()), Optional.empty(), possible::drain);
            case "reload" -> {
                var reloaded = possible.reload();
                yield reply(reloaded.applied() ? 200 : 422, AdminJson.reloaded(reloaded));
            }
            default -> reply(200, AdminJson.config(possible.config()));
        };
    }

    private Reply list(QueryStringDecoder target) throws FormatException {
        var id = one(target, "id");
        if (id.isPresent()) {
            return reply(200, AdminJson.connections(clients.of(EndpointId.parse(id.get()))));
        }
        long limit = number(target, "limit").orElse((long) ClientList.DEFAULT_LIMIT);
        if (limit < 1 || limit > ClientList.MAX_LIMIT) {
            throw new FormatException("limit: %d (expected: 1 to %d)".formatted(limit, ClientList.MAX_LIMIT));
        }
        return reply(200, AdminJson.clients(clients.page(number(target, "after").orElse(0L), (int) limit)));
    }

    private Reply ofEndpoint(EndpointId id) {
        var found = clients.of(id);
        return found.isEmpty() ? notConnected() : reply(200, AdminJson.connections(found));
    }

    private Reply disconnect(EndpointId id, Optional<Long> connection) {
        return service.registry().disconnect(id, connection) ? reply(200, AdminJson.disconnected()) : notConnected();
    }

    private static Reply notConnected() {
        return reply(404, AdminJson.error("not connected"));
    }

    private static Optional<Long> number(QueryStringDecoder target, String name) throws FormatException {
        var text = one(target, name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            long number = Long.parseLong(text.get());
            if (number >= 0) {
                return Optional.of(number);
            }
        } catch (NumberFormatException _) {
            // said below
        }
        throw new FormatException(name + ": expected a number");
    }

    private static Optional<String> one(QueryStringDecoder target, String name) throws FormatException {
        var values = target.parameters().getOrDefault(name, List.of());
        if (values.size() > 1) {
            throw new FormatException(name + ": given more than once");
        }
        return values.stream().findFirst();
    }

    private static Reply reply(int status, byte[] body) {
        return new Reply(status, body, Optional.empty(), () -> {});
    }
}
