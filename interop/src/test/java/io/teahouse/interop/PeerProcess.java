package io.teahouse.interop;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A real iroh endpoint that runs beside a test, of code that nobody here wrote.
 *
 * <p>Safe for use by several threads. The process is dead when {@link #close} returns.
 */
final class PeerProcess implements AutoCloseable {
    private final Program program;

    private PeerProcess(Program program) {
        this.program = program;
    }

    /**
     * Starts an endpoint that accepts connections through a relay.
     *
     * @param peer    which package
     * @param relay   its home relay
     * @param options further options of the driver
     */
    static PeerProcess listen(Peer peer, RelayUnderTest relay, String... options) {
        return start(peer, "listen", relay.url(), relay.trustedCertificate(), List.of(options));
    }

    /**
     * Starts an endpoint that accepts connections through a relay behind TLS.
     *
     * @param peer    which package
     * @param relay   its home relay
     * @param trusted PEM file of whom it trusts
     * @param options further options of the driver
     */
    static PeerProcess listen(Peer peer, URI relay, Path trusted, String... options) {
        return start(peer, "listen", relay, Optional.of(trusted), List.of(options));
    }

    /**
     * Starts an endpoint that accepts connections through a relay on plain HTTP.
     *
     * @param peer    which package
     * @param relay   its home relay
     * @param options further options of the driver
     */
    static PeerProcess listen(Peer peer, URI relay, String... options) {
        return start(peer, "listen", relay, Optional.empty(), List.of(options));
    }

    /**
     * Starts an endpoint that dials another through a relay, knowing of it no more than its id and the relay.
     *
     * @param peer     which package
     * @param relay    the home relay of both
     * @param remoteId whom to dial
     * @param options  further options of the driver
     */
    static PeerProcess connect(Peer peer, RelayUnderTest relay, String remoteId, String... options) {
        return connect(peer, relay.url(), relay.trustedCertificate(), remoteId, options);
    }

    /**
     * Starts an endpoint that dials another through a relay on plain HTTP, knowing of it no more than its id and the
     * relay.
     *
     * @param peer     which package
     * @param relay    the home relay of both
     * @param remoteId whom to dial
     * @param options  further options of the driver
     */
    static PeerProcess connect(Peer peer, URI relay, String remoteId, String... options) {
        return connect(peer, relay, Optional.empty(), remoteId, options);
    }

    /**
     * Starts an endpoint that dials another through a relay with a certificate of its own, knowing of it no more than its id and
     * the relay.
     *
     * @param peer               which package
     * @param relay              the home relay of both
     * @param trustedCertificate PEM file of whom it is to trust
     * @param remoteId           whom to dial
     * @param options            further options of the driver
     */
    static PeerProcess connect(Peer peer, URI relay, Path trustedCertificate, String remoteId, String... options) {
        return connect(peer, relay, Optional.of(trustedCertificate), remoteId, options);
    }

    /**
     * Starts an endpoint that accepts connections without any relay, on the loopback network.
     *
     * @param peer    which package
     * @param options further options of the driver
     */
    static PeerProcess listenAlone(Peer peer, String... options) {
        var all = new ArrayList<>(List.of("--no-online", "--bind", "127.0.0.1:0"));
        all.addAll(Arrays.asList(options));
        return start(peer, "listen", all);
    }

    /**
     * Starts an endpoint that dials another without any relay.
     *
     * @param peer     which package
     * @param remoteId whom to dial
     * @param address  where that one is, IP and port
     * @param options  further options of the driver
     */
    static PeerProcess connectAlone(Peer peer, String remoteId, String address, String... options) {
        var all = new ArrayList<>(
                List.of("--no-online", "--bind", "127.0.0.1:0", "--id", remoteId, "--peer-addr", address));
        all.addAll(Arrays.asList(options));
        return start(peer, "connect", all);
    }

    private static PeerProcess connect(
            Peer peer, URI relay, Optional<Path> trustedCertificate, String remoteId, String... options) {
        var all = new ArrayList<>(List.of("--id", remoteId, "--peer-relay", relay.toString()));
        all.addAll(Arrays.asList(options));
        return start(peer, "connect", relay, trustedCertificate, all);
    }

    private static PeerProcess start(
            Peer peer, String role, URI relay, Optional<Path> trustedCertificate, List<String> options) {
        var all = new ArrayList<>(List.of("--relay", relay.toString(), "--online-timeout", "30"));
        trustedCertificate.ifPresent(file -> all.addAll(List.of("--trust-ca", file.toString())));
        all.addAll(options);
        return start(peer, role, all);
    }

    private static PeerProcess start(Peer peer, String role, List<String> options) {
        var root = PeerPackages.root();
        var command = new ArrayList<>(peer.command(root));
        command.add(role);
        command.addAll(options);
        var builder = new ProcessBuilder(command);
        builder.environment().put("IROH_NPM_DIR", root.resolve(".peers/npm").toString());
        return new PeerProcess(Program.start(peer.name().toLowerCase(Locale.ROOT) + " " + role, builder));
    }

    /**
     * {@return the endpoint's id, once it is bound}
     */
    String id() throws InterruptedException {
        return await("bound").text("id");
    }

    /**
     * Waits until the endpoint has its home relay.
     *
     * @return this endpoint
     */
    PeerProcess awaitOnline() throws InterruptedException {
        await("online");
        return this;
    }

    /**
     * {@return the first event of a kind, past ones included}
     *
     * @param kind which
     */
    PeerEvent await(String kind) throws InterruptedException {
        return await(kind, _ -> true);
    }

    /**
     * {@return the first event of a kind for which a condition holds, past ones included}
     *
     * @param kind      which
     * @param condition what must be true of it
     */
    PeerEvent await(String kind, Predicate<PeerEvent> condition) throws InterruptedException {
        return program.await(
                "event \"%s\"".formatted(kind),
                line -> PeerEvent.parse(line).filter(event -> event.kind().equals(kind) && condition.test(event)));
    }

    /**
     * {@return the first event of any kind for which a condition holds, past ones included}
     *
     * @param condition what must be true of it
     */
    PeerEvent awaitAny(Predicate<PeerEvent> condition) throws InterruptedException {
        return program.await("event", line -> PeerEvent.parse(line).filter(condition));
    }

    /**
     * {@return all events of a kind so far}
     *
     * @param kind which
     */
    List<PeerEvent> events(String kind) {
        return program.lines().stream()
                .flatMap(line -> PeerEvent.parse(line).stream())
                .filter(event -> event.kind().equals(kind))
                .toList();
    }

    /**
     * {@return the driver's exit status, once it has ended}
     */
    int awaitExit() throws InterruptedException {
        return program.awaitExit();
    }

    /** Waits until the endpoint has done all that it was told, and done it well. */
    void awaitSuccess() throws InterruptedException {
        int status = awaitExit();
        if (status != 0) {
            throw program.failure("exit status %d (expected: 0)".formatted(status));
        }
    }

    /** Asks the endpoint to leave, and waits until it has closed its connections. */
    void leave() throws InterruptedException {
        program.terminate();
        awaitSuccess();
    }

    @Override
    public void close() {
        program.close();
    }
}
