package io.teahouse.tls.schedule;

import java.util.HexFormat;
import java.util.function.Consumer;

/**
 * Writes the secrets of a connection down, in the lines that Wireshark reads (NSS key log format), for who asks for it.
 *
 * <p>Whoever has these lines can read everything that was said. Nothing is written without a request.
 */
@FunctionalInterface
public interface KeyLog {
    /**
     * Takes in one secret.
     *
     * @param label        such as {@code CLIENT_TRAFFIC_SECRET_0}
     * @param clientRandom of ClientHello, in hex: the name of the connection
     * @param secret       in hex
     */
    void log(String label, String clientRandom, String secret);

    /**
     * {@return one that writes lines}
     *
     * @param lines takes them, each without its end
     */
    static KeyLog toLines(Consumer<String> lines) {
        return (label, clientRandom, secret) -> lines.accept(label + " " + clientRandom + " " + secret);
    }

    /**
     * Takes in the secret of a direction.
     *
     * @param label        its name
     * @param clientRandom of ClientHello
     * @param secret       not kept
     */
    default void log(String label, byte[] clientRandom, TrafficSecret secret) {
        log(label, HexFormat.of().formatHex(clientRandom), secret.toHex());
    }

    /**
     * Takes in the secret of the exporter.
     *
     * @param clientRandom of ClientHello
     * @param secret       not kept
     */
    default void log(byte[] clientRandom, ExporterSecret secret) {
        var hex = HexFormat.of();
        log("EXPORTER_SECRET", hex.formatHex(clientRandom), hex.formatHex(secret.bytes()));
    }
}
