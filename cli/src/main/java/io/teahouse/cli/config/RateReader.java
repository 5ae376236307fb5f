package io.teahouse.cli.config;

import io.teahouse.relay.server.RelayServerConfig.ReceiveLimit;
import java.util.List;
import java.util.Optional;

/** Reads a rate and its burst, {@code bytes_per_second} and {@code max_burst_bytes} of one table. */
final class RateReader {
    private RateReader() {}

    static Optional<ReceiveLimit> read(Settings settings, List<Problem> problems, String table) {
        String rateKey = table + ".bytes_per_second";
        String burstKey = table + ".max_burst_bytes";
        // A lower rate would let nobody finish the handshake.
        var rate =
                settings.number(rateKey, ReceiveLimit.MIN_BYTES_PER_SECOND, ReceiveLimit.MAX_BYTES, "bytes per second");
        var burst = settings.number(burstKey, 1, ReceiveLimit.MAX_BYTES, "bytes");
        if (settings.has(burstKey) && !settings.has(rateKey)) {
            problems.add(new Problem.Missing(
                    settings.place(burstKey), rateKey, "max_burst_bytes is set, and a burst needs a rate"));
        }
        if (rate.isEmpty()) {
            return Optional.empty();
        }
        var usual = ReceiveLimit.ofRate(rate.getAsLong());
        settings.usual(burstKey, usual.maxBurstBytes());
        return Optional.of(burst.isEmpty() ? usual : new ReceiveLimit(rate.getAsLong(), burst.getAsLong()));
    }
}
