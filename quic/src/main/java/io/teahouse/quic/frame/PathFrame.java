package io.teahouse.quic.frame;

/** What concerns paths: the connection ids that lead to them, whether they carry, and how they are used. */
public sealed interface PathFrame extends Frame {

    /**
     * A connection id for path 0 (RFC 9000, section 19.15).
     *
     * @param issued the id
     */
    record NewConnectionId(IssuedId issued) implements PathFrame {
        @Override
        public FrameType type() {
            return FrameType.NEW_CONNECTION_ID;
        }
    }

    /**
     * A connection id for a path (iroh QUIC spec, section 2.2).
     *
     * @param pathId the path, 0 to 2^32 - 1
     * @param issued the id
     */
    record PathNewConnectionId(long pathId, IssuedId issued) implements PathFrame {
        @Override
        public FrameType type() {
            return FrameType.PATH_NEW_CONNECTION_ID;
        }
    }

    /**
     * A connection id of path 0 is no longer used (RFC 9000, section 19.16).
     *
     * @param sequence its number
     */
    record RetireConnectionId(long sequence) implements PathFrame {
        @Override
        public FrameType type() {
            return FrameType.RETIRE_CONNECTION_ID;
        }
    }

    /**
     * A connection id of a path is no longer used (iroh QUIC spec, section 2.2).
     *
     * @param pathId   the path, 0 to 2^32 - 1
     * @param sequence its number among the path's
     */
    record PathRetireConnectionId(long pathId, long sequence) implements PathFrame {
        @Override
        public FrameType type() {
            return FrameType.PATH_RETIRE_CONNECTION_ID;
        }
    }

    /**
     * Asks whether the path carries in both directions (RFC 9000, section 19.17).
     *
     * @param data eight random bytes, big-endian
     */
    record PathChallenge(long data) implements PathFrame {
        @Override
        public FrameType type() {
            return FrameType.PATH_CHALLENGE;
        }
    }

    /**
     * Answers a {@link PathChallenge} (RFC 9000, section 19.18).
     *
     * @param data those of the challenge
     */
    record PathResponse(long data) implements PathFrame {
        @Override
        public FrameType type() {
            return FrameType.PATH_RESPONSE;
        }
    }

    /**
     * The sender has stopped using a path (iroh QUIC spec, section 2.7).
     *
     * @param pathId the path, 0 to 2^32 - 1
     * @param code   why: one of the path codes of {@link io.teahouse.quic.wire.TransportError} or another
     */
    record PathAbandon(long pathId, long code) implements PathFrame {
        @Override
        public FrameType type() {
            return FrameType.PATH_ABANDON;
        }
    }

    /**
     * The sender would rather not be sent to on this path, while another is there (iroh QUIC spec, section 2.6).
     *
     * @param pathId   the path, 0 to 2^32 - 1
     * @param sequence counts the statuses of this path; the receiver obeys the highest
     */
    record PathStatusBackup(long pathId, long sequence) implements PathFrame {
        @Override
        public FrameType type() {
            return FrameType.PATH_STATUS_BACKUP;
        }
    }

    /**
     * The sender is glad to be sent to on this path (iroh QUIC spec, section 2.6).
     *
     * @param pathId   the path, 0 to 2^32 - 1
     * @param sequence counts the statuses of this path; the receiver obeys the highest
     */
    record PathStatusAvailable(long pathId, long sequence) implements PathFrame {
        @Override
        public FrameType type() {
            return FrameType.PATH_STATUS_AVAILABLE;
        }
    }

    /**
     * Up to which id the receiver may use paths (iroh QUIC spec, section 2.2).
     *
     * @param maxPathId the highest id, 0 to 2^32 - 1
     */
    record MaxPathId(long maxPathId) implements PathFrame {
        @Override
        public FrameType type() {
            return FrameType.MAX_PATH_ID;
        }
    }

    /**
     * The sender would open a path, and the limit for ids keeps it from it (iroh QUIC spec, section 2.2).
     *
     * @param maxPathId which limit, 0 to 2^32 - 1
     */
    record PathsBlocked(long maxPathId) implements PathFrame {
        @Override
        public FrameType type() {
            return FrameType.PATHS_BLOCKED;
        }
    }

    /**
     * The sender would use a path, and has no connection id for it (iroh QUIC spec, section 2.2).
     *
     * @param pathId       the path, 0 to 2^32 - 1
     * @param nextSequence the number of the id that it waits for
     */
    record PathCidsBlocked(long pathId, long nextSequence) implements PathFrame {
        @Override
        public FrameType type() {
            return FrameType.PATH_CIDS_BLOCKED;
        }
    }
}
