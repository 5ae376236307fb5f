package io.teahouse.quic.path;

import io.teahouse.quic.frame.Frame;
import io.teahouse.quic.range.RangeSet;
import io.teahouse.quic.wire.TransportError;
import io.teahouse.quic.wire.TransportException;
import java.util.OptionalLong;

/**
 * Which numbers paths may have: how high both sides allow, which were used, and for which connection ids are owed
 * (iroh QUIC spec, sections 2.1, 2.4 and 2.7).
 *
 * <p>A number is never used again; for each path that is abandoned one more is allowed, so that as many can be in use
 * as in the beginning. Not thread-safe.
 */
public final class PathIds {
    private long ownMax;
    private long peersMax;
    private long highestUsed;
    private long highestSupplied;
    private final RangeSet abandoned = new RangeSet();
    private final RangeSet abandonedByPeer = new RangeSet();

    /**
     * Creates the numbers of a connection on path 0.
     *
     * @param ownMax   how high we allow, 0 if there cannot be several paths
     * @param peersMax how high the peer allows
     */
    public PathIds(long ownMax, long peersMax) {
        this.ownMax = ownMax;
        this.peersMax = peersMax;
    }

    /**
     * Takes in how high the peer allows; less than before came late and is ignored.
     *
     * @param max 0 to 2^32 - 1
     */
    public void onMaxPathId(long max) {
        peersMax = Math.max(peersMax, max);
    }

    /**
     * {@return the highest number that both sides allow}
     */
    public long usableMax() {
        return Math.min(ownMax, peersMax);
    }

    /**
     * {@return how high we allow}
     */
    public long ownMax() {
        return ownMax;
    }

    /**
     * {@return how high the peer allows}
     */
    public long peersMax() {
        return peersMax;
    }

    /**
     * Breaks off if the peer speaks of a path that we have not allowed.
     *
     * @param pathId what it speaks of
     * @throws TransportException with PROTOCOL_VIOLATION
     */
    public void requireAllowed(long pathId) throws TransportException {
        if (pathId > ownMax) {
            throw new TransportException(
                    TransportError.PROTOCOL_VIOLATION, "path %d (expected: 0 to %d)".formatted(pathId, ownMax));
        }
    }

    /**
     * {@return the number for a new path, or empty if the limit has to be raised first}
     */
    public OptionalLong nextToOpen() {
        return highestUsed < usableMax() ? OptionalLong.of(highestUsed + 1) : OptionalLong.empty();
    }

    /**
     * Takes in that a path is in use.
     *
     * @param pathId opened by us or by the peer
     */
    public void onUsed(long pathId) {
        highestUsed = Math.max(highestUsed, pathId);
    }

    /**
     * {@return whether a path is or was in use}
     *
     * @param pathId the path
     */
    public boolean isUsed(long pathId) {
        return pathId <= highestUsed;
    }

    /**
     * Takes in that a path is given up by one of the sides.
     *
     * @param pathId the path
     * @return whether that is news
     */
    public boolean onAbandoned(long pathId) {
        if (abandoned.contains(pathId)) {
            return false;
        }
        abandoned.add(pathId, pathId + 1);
        onUsed(pathId);
        return true;
    }

    /**
     * Takes in that the peer says that it has given a path up.
     *
     * @param pathId the path, which is or was in use
     * @return whether it says so for the first time: then it may have another one
     */
    public boolean onPeerAbandoned(long pathId) {
        if (abandonedByPeer.contains(pathId)) {
            return false;
        }
        abandonedByPeer.add(pathId, pathId + 1);
        return true;
    }

    /**
     * {@return whether a path was given up}
     *
     * @param pathId the path
     */
    public boolean isAbandoned(long pathId) {
        return abandoned.contains(pathId);
    }

    /**
     * Allows one more path, in place of one that both sides have given up.
     *
     * @return the new limit to tell the peer
     */
    public long raise() {
        ownMax = Math.min(Frame.MAX_PATH_ID, ownMax + 1);
        return ownMax;
    }

    /**
     * {@return the number of a path for which connection ids are to be given out for the first time, or empty}
     *
     * <p>Only for those that both sides allow: a peer that has not allowed a path takes ids for it for a breach of the
     * rules.
     */
    public OptionalLong nextToSupply() {
        while (highestSupplied < usableMax()) {
            highestSupplied++;
            if (!isAbandoned(highestSupplied)) {
                return OptionalLong.of(highestSupplied);
            }
        }
        return OptionalLong.empty();
    }
}
