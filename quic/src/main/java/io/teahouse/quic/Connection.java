package io.teahouse.quic;

import io.teahouse.quic.crypto.OneRttKeys;
import io.teahouse.quic.frame.ConnectionFrame;
import io.teahouse.quic.packet.PacketNumber;
import io.teahouse.quic.packet.PacketWriter;
import io.teahouse.quic.packet.UnsealedPackets;
import io.teahouse.quic.parameter.IntegerParameter;
import io.teahouse.quic.parameter.ParameterEncoder;
import io.teahouse.quic.parameter.TransportParameters;
import io.teahouse.quic.path.Path;
import io.teahouse.quic.recovery.Ecn;
import io.teahouse.quic.stream.ApplicationStreams;
import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.NetworkPath;
import io.teahouse.quic.wire.Role;
import io.teahouse.tls.EncryptionLevel;
import io.teahouse.tls.Handshake;
import io.teahouse.tls.message.Opaque;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * A QUIC connection, as a machine: datagrams and time go in, datagrams, events and the time of the next call come out.
 *
 * <p>After each call that changes something ({@link #receive}, {@link #handleTimeout}, {@link #close}, and what is done
 * with streams and datagrams) ask {@link #pollOutgoing} and {@link #pollEvent} until nothing more comes, then wait for the
 * next datagram or {@link #nextTimeoutNanos}. Once that is never and {@link #isOver}, the connection can be forgotten.
 *
 * <p>Begins on one path; where both sides speak of several ({@link MultipathConfig}) the client opens others, and data goes where
 * it arrives soonest. Not thread-safe.
 */
public final class Connection {
    /** When nothing has to be done. */
    public static final long NEVER = Long.MAX_VALUE;

    final ConnectionState state;
    private final HandshakeDriver handshake;
    private final Receiver receiver;
    private final Sender sender;
    private final Timers timers;

    private Connection(
            ConnectionState state, Function<Opaque, Handshake> tls, Optional<Opaque> remembered, long nowNanos) {
        this.state = state;
        var parameters = state.ids.addTo(state.config.parameters());
        if (state.role == Role.SERVER) {
            parameters.statelessResetToken(state.idSource.tokenOf(state.ids.own()));
        }
        var built = parameters.build();
        state.trace.trace().onParameters(true, built, nowNanos);
        var encoded = Opaque.copyOf(ParameterEncoder.encode(built, state.random));
        this.handshake = new HandshakeDriver(state, tls.apply(encoded), remembered);
        this.receiver = new Receiver(state, handshake);
        this.sender = new Sender(state);
        this.timers = new Timers(state, sender);
    }

    /**
     * {@return a client's connection, which has a first datagram to send}
     *
     * @param config     what it is like
     * @param idSource   makes its ids
     * @param tls        makes the client's side of the handshake of our transport parameters, and has it started
     * @param remembered the server's transport parameters of the connection that the ticket is from, if TLS was started
     *                   with one: early data keeps to them
     * @param network    where the server is; from where it is reached is best left open
     * @param random     for what must not be guessed
     * @param nowNanos   now
     */
    public static Connection client(
            ConnectionConfig config,
            ConnectionIdSource idSource,
            Function<Opaque, Handshake> tls,
            Optional<Opaque> remembered,
            NetworkPath network,
            RandomGenerator random,
            long nowNanos) {
        return client(config, idSource, tls, remembered, List.of(network), random, nowNanos);
    }

    /**
     * {@return a client's connection to a server that may be at any of several addresses: what it sends goes to all of them
     * until one answers}
     *
     * @param config     what it is like
     * @param idSource   makes its ids
     * @param tls        makes the client's side of the handshake of our transport parameters, and has it started
     * @param remembered the server's transport parameters of the connection that the ticket is from, if TLS was started
     *                   with one: early data keeps to them
     * @param networks   where the server may be, 1 to {@link #MAX_ADDRESSES}, each once
     * @param random     for what must not be guessed
     * @param nowNanos   now
     */
    public static Connection client(
            ConnectionConfig config,
            ConnectionIdSource idSource,
            Function<Opaque, Handshake> tls,
            Optional<Opaque> remembered,
            List<NetworkPath> networks,
            RandomGenerator random,
            long nowNanos) {
        if (networks.isEmpty() || networks.size() > MAX_ADDRESSES) {
            throw new IllegalArgumentException(
                    "networks: %d (expected: 1 to %d)".formatted(networks.size(), MAX_ADDRESSES));
        }
        var ids = HandshakeIds.ofClient(idSource.next(), idSource.next());
        var state = new ConnectionState(Role.CLIENT, config, random, ids, idSource, networks.getFirst(), nowNanos);
        if (networks.size() > 1) {
            state.search.begin(networks);
        }
        var connection = new Connection(state, tls, remembered, nowNanos);
        connection.handshake.start(nowNanos);
        return connection;
    }

    /** At how many addresses a server is looked for at a time. */
    public static final int MAX_ADDRESSES = 32;

    /**
     * {@return a server's connection, which has to be given the client's first datagram next}
     *
     * @param config        what it is like
     * @param idSource      makes its ids
     * @param tls           makes the server's side of the handshake of our transport parameters
     * @param ids           of that first datagram
     * @param addressProven whether the client has shown a token
     * @param network       where the client's first datagram came from and went to
     * @param random        for what must not be guessed
     * @param nowNanos      now
     */
    public static Connection server(
            ConnectionConfig config,
            ConnectionIdSource idSource,
            Function<Opaque, Handshake> tls,
            HandshakeIds ids,
            boolean addressProven,
            NetworkPath network,
            RandomGenerator random,
            long nowNanos) {
        var state = new ConnectionState(Role.SERVER, config, random, ids, idSource, network, nowNanos);
        if (addressProven) {
            state.paths.initial().onValidated();
        }
        return new Connection(state, tls, Optional.empty(), nowNanos);
    }

    // The network.

    /**
     * Takes a datagram in.
     *
     * @param datagram backed by an array, which is changed: packets are opened in place
     * @param from     from whom, and to which of our addresses
     * @param mark     how it was marked
     * @param nowNanos now
     */
    public void receive(ByteBuffer datagram, NetworkPath from, Ecn mark, long nowNanos) {
        if (state.closing.state() != ClosingState.State.CLOSED) {
            receiver.receive(datagram, from, mark, nowNanos);
        }
    }

    /**
     * {@return the next datagram to send now, or empty}
     *
     * @param nowNanos now
     */
    public Optional<OutgoingDatagram> pollOutgoing(long nowNanos) {
        return sender.next(nowNanos);
    }

    /**
     * {@return when {@link #handleTimeout} has to be called, or {@link #NEVER}}
     *
     * @param nowNanos now
     */
    public long nextTimeoutNanos(long nowNanos) {
        return timers.nextNanos(nowNanos);
    }

    /**
     * Does what has to be done by now; before its time it does nothing.
     *
     * @param nowNanos now
     */
    public void handleTimeout(long nowNanos) {
        timers.handle(nowNanos);
    }

    /**
     * {@return our connection ids by which the peer's packets find this connection; they change as it goes}
     */
    public Collection<ConnectionId> ids() {
        return state.table.own();
    }

    /** Where the peer's packets come from. */
    Set<SocketAddress> remotes() {
        var paths = state.paths.all();
        return paths.size() == 1
                ? Set.of(paths.iterator().next().network().remote())
                : paths.stream().map(path -> path.network().remote()).collect(Collectors.toSet());
    }

    /** Whether a datagram says that the peer has forgotten the connection; it is not changed. */
    boolean isResetBy(ByteBuffer datagram) {
        return UnsealedPackets.resetToken(datagram)
                .filter(state.table::hasToken)
                .isPresent();
    }

    /** Whether a genuine packet of the peer's was seen. */
    boolean hasHeardPeer() {
        return state.paths.initial().lastReceivedNanos() != Long.MIN_VALUE;
    }

    /**
     * {@return where a client's first packets go, before it knows one of {@link #ids}}
     */
    public ConnectionId initialId() {
        return state.ids.initialKeys();
    }

    // The application.

    /**
     * {@return what has happened since it was asked for the last time, one after the other; or empty}
     */
    public Optional<ConnectionEvent> pollEvent() {
        return Optional.ofNullable(state.events.poll());
    }

    /**
     * {@return the streams}
     */
    public ApplicationStreams streams() {
        return state.streams.application();
    }

    /**
     * {@return how large a datagram of the application's may be now; negative if the peer takes none}
     */
    public int maxDatagramSize() {
        long peers = state.peer
                .map(parameters -> parameters.get(IntegerParameter.MAX_DATAGRAM_FRAME_SIZE))
                .orElse(0L);
        int overhead = PacketWriter.shortOverhead(ConnectionId.MAX_LENGTH, PacketNumber.MAX_LENGTH);
        return (int) Math.min(peers, inUse().mtu().mtuBytes() - overhead) - DATAGRAM_HEADER;
    }

    /** Bytes of a DATAGRAM frame beside its data, at most. */
    private static final int DATAGRAM_HEADER = 5;

    /**
     * Sends a datagram, if there is not too much else to send.
     *
     * @param data copied
     * @return whether it is small enough
     */
    public boolean sendDatagram(ByteBuffer data) {
        if (data.remaining() > maxDatagramSize()) {
            return false;
        }
        state.datagramsOut.add(data);
        return true;
    }

    /**
     * {@return a datagram of the peer's, or empty}
     */
    public Optional<ByteBuffer> pollDatagram() {
        return state.datagramsIn.poll();
    }

    /**
     * Ends the connection.
     *
     * @param code     the application's
     * @param reason   for a person
     * @param nowNanos now
     */
    public void close(long code, String reason, long nowNanos) {
        state.close(
                new ConnectionFrame.ApplicationClose(code, ConnectionState.utf8(reason)),
                new CloseCause.Local(code),
                nowNanos);
    }

    /**
     * {@return whether the handshake is complete}
     */
    public boolean isConnected() {
        return state.connected;
    }

    /**
     * {@return whether nothing is left to do, not even to tell the peer that it is over}
     */
    public boolean isOver() {
        return state.closing.state() == ClosingState.State.CLOSED;
    }

    /** Wipes secrets; to be called when the connection is forgotten. */
    public void destroy() {
        handshake.close();
    }

    /**
     * {@return keying material that both sides can make and nobody else}
     *
     * @param label   in ASCII, at most 249 characters
     * @param context any
     * @param length  how many bytes are wanted
     */
    public byte[] exportKeyingMaterial(String label, byte[] context, int length) {
        return handshake.exportKeyingMaterial(label, context, length);
    }

    /**
     * Shows the server a token that it gave us in an earlier connection ({@link ConnectionEvent.TokenReceived}), so that it need
     * not ask whether our address is ours. To be called before anything was sent.
     *
     * @param token as it was received, used once
     */
    public void useToken(ByteBuffer token) {
        state.ids.useToken(token);
    }

    /** Gives the client a token for its next connection. */
    void offerToken(ByteBuffer token) {
        state.pending.add(new ConnectionFrame.NewToken(token));
    }

    /**
     * Replaces the keys of what we send, if that is possible now: the handshake is confirmed, and the present keys are in use
     * on both sides. It happens by itself before they wear out.
     *
     * @param nowNanos now
     * @return whether it was possible
     */
    public boolean updateKeys(long nowNanos) {
        boolean possible = state.confirmed
                && state.isOpen()
                && state.keys.oneRtt().filter(keys -> keys.mayUpdate(nowNanos)).isPresent();
        if (possible) {
            state.keys.oneRtt().orElseThrow().update(nowNanos);
        }
        return possible;
    }

    /**
     * {@return how often what we send was given new keys, by us or since the peer has begun}
     */
    public long keyGeneration() {
        return state.keys.oneRtt().map(OneRttKeys::sealingGeneration).orElse(0L);
    }

    /**
     * {@return what the peer has said of itself, once it has}
     */
    public Optional<TransportParameters> peerParameters() {
        return state.peer;
    }

    /**
     * {@return at which address the peer sees us where data goes now, if it has said so}
     */
    public Optional<InetSocketAddress> observedAddress() {
        return inUse().reports().address();
    }

    /**
     * {@return the shortest round trip so far where data goes now, if one was measured}
     */
    public Optional<Duration> minRoundTrip() {
        var rtt = inUse().recovery().rtt();
        return rtt.hasSample() ? Optional.of(Duration.ofNanos(rtt.minNanos())) : Optional.empty();
    }

    /**
     * {@return the peer's address, and at which of our own it finds us, where data goes now}
     */
    public NetworkPath network() {
        return inUse().network();
    }

    private Path<PacketContent> inUse() {
        return state.paths.forData().orElse(state.paths.initial());
    }

    // Paths.

    /**
     * {@return the paths, the lowest number first; among them for a while those that were given up}
     */
    public List<PathInfo> paths() {
        var inUse = state.paths.forData();
        return state.paths.all().stream()
                .map(path ->
                        PathInfo.of(path, inUse.filter(chosen -> chosen == path).isPresent()))
                .toList();
    }

    /**
     * {@return whether both sides speak of several paths}
     */
    public boolean hasSeveralPaths() {
        return state.paths.several;
    }

    /**
     * Opens another path to the server, as soon as there is a number and an id for it.
     *
     * @param network   the addresses at its ends
     * @param available whether it is to be used while there are others
     * @param nowNanos  now
     * @return its number, or that of the path that is there already; empty if that takes a while, or is not possible at all: we
     *     are the server, or there is only one path
     */
    public OptionalLong openPath(NetworkPath network, boolean available, long nowNanos) {
        return state.control.open(network, available, nowNanos);
    }

    /**
     * Says whether a path is to be used while there are others.
     *
     * @param pathId    its number
     * @param available whether it is
     * @return whether there is such a path
     */
    public boolean setPathStatus(long pathId, boolean available) {
        var path = state.paths.find(pathId).filter(known -> !known.isAbandoned());
        if (path.isPresent() && state.paths.several && path.get().status().isAvailable() != available) {
            state.control.setStatus(path.get(), available);
        }
        return path.isPresent();
    }

    /**
     * Gives a path up.
     *
     * @param pathId   its number
     * @param code     why: one of the path codes of {@link io.teahouse.quic.wire.TransportError} or another
     * @param nowNanos now
     * @return whether it was given up; not if there is no such path, or no other that carries
     */
    public boolean abandonPath(long pathId, long code, long nowNanos) {
        var path = state.paths
                .find(pathId)
                .filter(known -> state.isOpen() && !known.isAbandoned() && state.paths.hasAnotherUsable(known));
        path.ifPresent(known -> state.control.abandon(known, code, false, nowNanos));
        return path.isPresent();
    }

    /** Takes in that the network has changed: each path has to show that it still carries, with another id of the peer's. */
    public void onNetworkChange() {
        if (state.confirmed && state.isOpen()) {
            for (var path : state.paths.all()) {
                if (!path.isAbandoned()) {
                    path.probes().add(EncryptionLevel.ONE_RTT, 1);
                    state.table.remote(path.id()).useNext();
                }
            }
        }
    }

    // Ways through NATs.

    /**
     * {@return whether both sides look for ways through NATs}
     */
    public boolean hasTraversal() {
        return state.traversal.isAgreedOn();
    }

    /**
     * Says where we may be reached. A server tells its client; a client tells in the next round.
     *
     * @param addresses all of them, in place of those that were said before
     */
    public void setCandidates(Collection<InetSocketAddress> addresses) {
        state.traversal.setCandidates(addresses);
    }

    /**
     * {@return where the server has said that it may be reached; of a server, nothing}
     */
    public Collection<InetSocketAddress> peerCandidates() {
        return state.traversal.serverAddresses();
    }

    /**
     * Begins a round of probes to where the server may be, and has the server probe us; the one before is over.
     *
     * @param nowNanos now
     * @return whether that is possible: we are the client, it was agreed on, the handshake is confirmed, and there is a
     *     candidate of ours
     */
    public boolean startRound(long nowNanos) {
        return state.traversal.startRound(nowNanos);
    }
}
