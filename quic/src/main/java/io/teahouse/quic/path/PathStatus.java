package io.teahouse.quic.path;

import io.teahouse.quic.frame.PathFrame;

/**
 * Whether a path is to be used while there are others: what we say of it, and what the peer says (iroh QUIC spec,
 * section 2.6). Not thread-safe.
 */
public final class PathStatus {
    private final long pathId;
    private boolean available = true;
    private long nextSequence;
    private boolean peerAvailable = true;
    private long peersSequence = -1;

    /**
     * Creates the status of a new path, which is available for both.
     *
     * @param pathId the path
     */
    public PathStatus(long pathId) {
        this.pathId = pathId;
    }

    /**
     * Sets what we say.
     *
     * @param nowAvailable whether the path is to be used while there are others
     * @return what to tell the peer
     */
    public PathFrame set(boolean nowAvailable) {
        available = nowAvailable;
        long sequence = nextSequence++;
        return nowAvailable
                ? new PathFrame.PathStatusAvailable(pathId, sequence)
                : new PathFrame.PathStatusBackup(pathId, sequence);
    }

    /**
     * Takes in what the peer says; what was overtaken by something newer is ignored.
     *
     * @param nowAvailable whether the path is to be used while there are others
     * @param sequence     counts what the peer says of this path
     */
    public void onPeer(boolean nowAvailable, long sequence) {
        if (sequence > peersSequence) {
            peersSequence = sequence;
            peerAvailable = nowAvailable;
        }
    }

    /**
     * {@return whether nothing newer was said of it by us}
     *
     * @param sequence of something that was said
     */
    public boolean isNewest(long sequence) {
        return sequence == nextSequence - 1;
    }

    /**
     * {@return whether we use the path while there are others}
     */
    public boolean isAvailable() {
        return available;
    }

    /**
     * {@return whether the peer would like us to}
     */
    public boolean isPeerAvailable() {
        return peerAvailable;
    }
}
