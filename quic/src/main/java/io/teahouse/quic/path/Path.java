package io.teahouse.quic.path;

import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.recovery.AckSchedule;
import io.teahouse.quic.recovery.ReceivedPackets;
import io.teahouse.quic.wire.NetworkPath;
import java.util.LinkedHashSet;
import java.util.OptionalLong;
import java.util.SequencedSet;
import java.util.function.Function;

/**
 * One path of a connection: a number, the addresses at its ends, and all that is known and owed there (iroh QUIC
 * spec, section 2).
 *
 * <p>What an address is, UDP or a relay, means nothing here. A path begins unproven, carries data once a challenge was
 * answered, and is gone three probe timeouts after one side has given it up. Not thread-safe.
 *
 * @param <C> what is in the packets
 */
public final class Path<C> {
    private static final int PROBE_TIMEOUTS_AFTER_ABANDON = 3;

    /** How often the peer may move without acknowledging anything. */
    private static final int MAX_MOVES = 64;

    private final long id;
    private NetworkPath network;
    private boolean validated;
    private int moves;
    private boolean onceValidated;
    private OptionalLong forgetAtNanos = OptionalLong.empty();

    private final PathRecovery<C> recovery;
    private final MtuDiscovery mtu;
    private final ReceivedPackets received = new ReceivedPackets();
    private final AckSchedule acks;
    private final PathChallenges challenges = new PathChallenges();
    private final PathResponses<NetworkPath> responses = new PathResponses<>();
    private final PathStatus status;
    private IdleTimer idle;
    private AmplificationLimit amplification = new AmplificationLimit();
    private final AddressReports reports = new AddressReports();
    private final ProbesDue probes = new ProbesDue();
    private final SequencedSet<Frame> pending = new LinkedHashSet<>();
    private long lastReceivedNanos = Long.MIN_VALUE;
    private long keepAliveAtNanos = Long.MAX_VALUE;

    /**
     * Creates a path that is not proven.
     *
     * @param id       its number
     * @param network  the addresses at its ends
     * @param recovery watches over what is sent on it
     * @param mtu      finds out how large datagrams may be
     * @param acks     makes, of the 1-RTT packets that are received, what says when they are acknowledged
     * @param idle     says how long it may be silent
     */
    public Path(
            long id,
            NetworkPath network,
            PathRecovery<C> recovery,
            MtuDiscovery mtu,
            Function<ReceivedPackets, AckSchedule> acks,
            IdleTimer idle) {
        this.id = id;
        this.network = network;
        this.recovery = recovery;
        this.mtu = mtu;
        this.acks = acks.apply(received);
        this.status = new PathStatus(id);
        this.idle = idle;
    }

    /**
     * {@return its number}
     */
    public long id() {
        return id;
    }

    /**
     * {@return the addresses at its ends}
     */
    public NetworkPath network() {
        return network;
    }

    /**
     * Takes in that a packet came on it and was opened.
     *
     * @param nowNanos now
     */
    public void onReceived(long nowNanos) {
        lastReceivedNanos = nowNanos;
        idle.onReceived(recovery.probeTimeoutNanos(), nowNanos);
    }

    /**
     * {@return when a packet came on it the last time; {@link Long#MIN_VALUE} if none did}
     */
    public long lastReceivedNanos() {
        return lastReceivedNanos;
    }

    /**
     * {@return whether data may be sent on it}
     */
    public boolean isUsable() {
        return validated && forgetAtNanos.isEmpty();
    }

    /**
     * {@return whether the address at its other end is proven}
     */
    public boolean isValidated() {
        return validated;
    }

    /**
     * {@return whether the address at its other end, or another one from which the peer has moved there, was proven}
     */
    public boolean wasValidated() {
        return onceValidated;
    }

    /**
     * {@return whether one side has given it up}
     */
    public boolean isAbandoned() {
        return forgetAtNanos.isPresent();
    }

    /**
     * Takes in that a client has found out at which of the server's addresses it is answered.
     *
     * @param answered where it is
     */
    public void bind(NetworkPath answered) {
        network = answered;
    }

    /** Takes in that the address is proven, by an answer, or because another path has proven it. */
    public void onValidated() {
        validated = true;
        onceValidated = true;
        challenges.stop();
        amplification.lift();
    }

    /**
     * Takes in that the peer now sends from another address, which is not proven (iroh QUIC spec, section 2.8). Unless
     * only the port is another, {@link PathRecovery#onNewAddress} has to know, too.
     *
     * @param newNetwork the addresses now
     * @param nowNanos   now
     */
    public void onMigrated(NetworkPath newNetwork, long nowNanos) {
        network = newNetwork;
        validated = false;
        amplification = new AmplificationLimit();
        challenges.start(nowNanos);
        moves++;
    }

    /**
     * {@return whether the peer is followed to one more address: what is sent there is remembered until it is
     * acknowledged, and a peer that never does so is not to move for ever}
     */
    public boolean mayMove() {
        return moves < MAX_MOVES;
    }

    /** Takes in that the peer has acknowledged something. */
    public void onAcknowledged() {
        moves = 0;
    }

    /**
     * Takes in that one side has given the path up.
     *
     * @param nowNanos now
     * @return whether that is news
     */
    public boolean onAbandoned(long nowNanos) {
        if (forgetAtNanos.isPresent()) {
            return false;
        }
        challenges.stop();
        forgetAtNanos = OptionalLong.of(nowNanos + PROBE_TIMEOUTS_AFTER_ABANDON * recovery.probeTimeoutNanos());
        return true;
    }

    /**
     * {@return when a path that was given up can be forgotten; until then late packets are acknowledged; empty if it
     * was not}
     */
    public OptionalLong forgetAtNanos() {
        return forgetAtNanos;
    }

    /**
     * {@return what is on its way}
     */
    public PathRecovery<C> recovery() {
        return recovery;
    }

    /**
     * {@return how large datagrams may be}
     */
    public MtuDiscovery mtu() {
        return mtu;
    }

    /**
     * {@return the 1-RTT packets that were received}
     */
    public ReceivedPackets received() {
        return received;
    }

    /**
     * {@return when they are acknowledged}
     */
    public AckSchedule acks() {
        return acks;
    }

    /**
     * {@return what we ask}
     */
    public PathChallenges challenges() {
        return challenges;
    }

    /**
     * {@return what we owe those who ask us, on the path or with its connection ids from elsewhere}
     */
    public PathResponses<NetworkPath> responses() {
        return responses;
    }

    /**
     * {@return whether it is to be used}
     */
    public PathStatus status() {
        return status;
    }

    /**
     * {@return how long it may be silent}
     */
    public IdleTimer idle() {
        return idle;
    }

    /**
     * Begins to count how long the path is silent anew.
     *
     * @param timeoutNanos how long it may be
     * @param nowNanos     now
     */
    public void restartIdle(long timeoutNanos, long nowNanos) {
        idle = new IdleTimer(timeoutNanos, nowNanos);
    }

    /**
     * {@return at which address the peer sees us there}
     */
    public AddressReports reports() {
        return reports;
    }

    /**
     * {@return which packets have to go there so that the peer answers}
     */
    public ProbesDue probes() {
        return probes;
    }

    /**
     * {@return frames that mean something on this path only, and wait to be sent there}
     */
    public SequencedSet<Frame> pending() {
        return pending;
    }

    /**
     * Says when something is sent just to be heard.
     *
     * @param atNanos when
     */
    public void setKeepAliveAtNanos(long atNanos) {
        keepAliveAtNanos = atNanos;
    }

    /**
     * {@return when something is sent just to be heard}
     */
    public long keepAliveAtNanos() {
        return keepAliveAtNanos;
    }

    /**
     * {@return how much may be sent to its address}
     */
    public AmplificationLimit amplification() {
        return amplification;
    }
}
