package io.teahouse.quic.path;

import io.teahouse.quic.frame.AddressFrame;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Which address the peer sees us at on one path (iroh QUIC spec, section 3.1).
 *
 * <p>The newest report holds; that it says the same as before is no news. Not thread-safe.
 */
public final class AddressReports {
    private long sequence = -1;
    private Optional<InetSocketAddress> address = Optional.empty();

    /** Creates one without a report. */
    public AddressReports() {}

    /**
     * Takes in a report.
     *
     * @param report from the peer
     * @return the address, if it is another than before
     */
    public Optional<InetSocketAddress> onReport(AddressFrame.ObservedAddress report) {
        if (report.sequence() <= sequence) {
            return Optional.empty();
        }
        sequence = report.sequence();
        var before = address;
        address = Optional.of(report.address());
        return address.equals(before) ? Optional.empty() : address;
    }

    /**
     * {@return the address of the newest report}
     */
    public Optional<InetSocketAddress> address() {
        return address;
    }
}
