package io.teahouse.quic.stream;

/**
 * How much we may send, on one stream or on all together: what the peer has allowed less what was sent (RFC 9000,
 * section 4.1). Not thread-safe.
 */
public final class SendCredit {
    private long limit;
    private long used;

    /**
     * Creates a credit.
     *
     * @param limit what the peer's transport parameters allow
     */
    public SendCredit(long limit) {
        this.limit = limit;
    }

    /**
     * Takes in a limit that the peer tells; one that is lower than before came late and is ignored.
     *
     * @param newLimit counted from the beginning
     * @return whether it is higher
     */
    public boolean onLimit(long newLimit) {
        boolean higher = newLimit > limit;
        limit = Math.max(limit, newLimit);
        return higher;
    }

    /**
     * Takes in that nothing of what was sent has counted, nor what was allowed.
     *
     * @param newLimit what is allowed now, which may be less than before
     */
    public void restart(long newLimit) {
        limit = newLimit;
        used = 0;
    }

    /**
     * Takes in that new bytes were sent.
     *
     * @param bytes how many, {@link #available} at most
     */
    public void onSent(long bytes) {
        assert bytes <= available() : bytes;
        used += bytes;
    }

    /**
     * {@return how many new bytes may be sent}
     */
    public long available() {
        return limit - used;
    }

    /**
     * {@return the limit}
     */
    public long limit() {
        return limit;
    }
}
