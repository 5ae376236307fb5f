package io.teahouse.quic.path;

/**
 * Keeps us from being used against others: to an address that has not been proven, three times as much is sent as came
 * from it (RFC 9000, section 8). Not thread-safe.
 */
public final class AmplificationLimit {
    private static final int FACTOR = 3;

    private boolean lifted;
    private long received;
    private long sent;

    /** Creates one for an address that is not proven. */
    public AmplificationLimit() {}

    /**
     * Takes in that a datagram came from the address.
     *
     * @param bytes its UDP payload, all of it
     */
    public void onReceived(int bytes) {
        received += bytes;
    }

    /**
     * Takes in that a datagram was sent there.
     *
     * @param bytes its UDP payload
     */
    public void onSent(int bytes) {
        sent += bytes;
    }

    /** Takes in that the address is proven: there is no limit any more. */
    public void lift() {
        lifted = true;
    }

    /**
     * {@return whether a datagram may be sent}
     *
     * @param bytes its UDP payload
     */
    public boolean allows(int bytes) {
        return bytes <= room();
    }

    /**
     * {@return how many bytes may be sent until something comes}
     */
    public long room() {
        return lifted ? Long.MAX_VALUE : Math.max(0, FACTOR * received - sent);
    }

    /**
     * {@return whether nothing may be sent until something comes, so that no timer helps}
     */
    public boolean isReached() {
        return !allows(1);
    }
}
