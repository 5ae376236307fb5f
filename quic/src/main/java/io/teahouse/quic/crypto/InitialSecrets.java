package io.teahouse.quic.crypto;

import io.teahouse.quic.wire.ConnectionId;
import io.teahouse.quic.wire.Role;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.Hkdf;
import io.teahouse.tls.schedule.TrafficSecret;
import java.util.HexFormat;

/**
 * The secrets of Initial packets, which follow from the connection id that the client chose for the server (RFC 9001,
 * section 5.2).
 *
 * <p>After a Retry packet they follow from the id in that.
 */
public final class InitialSecrets {
    private static final CipherSuite SUITE = CipherSuite.AES_128_GCM_SHA256;

    /** Version 1's. */
    private static final byte[] SALT = HexFormat.of().parseHex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");

    private InitialSecrets() {}

    /**
     * {@return the secret of the Initial packets that one side sends}
     *
     * @param sender      who sends
     * @param destination the client's first destination connection id, or the source connection id of the Retry packet
     */
    public static TrafficSecret of(Role sender, ConnectionId destination) {
        byte[] initialSecret = initialSecret(destination);
        String label = sender == Role.CLIENT ? "client in" : "server in";
        return new TrafficSecret(
                SUITE,
                Hkdf.expandLabel(
                        SUITE.hash(),
                        initialSecret,
                        label,
                        new byte[0],
                        SUITE.hash().length()));
    }

    static byte[] initialSecret(ConnectionId destination) {
        return Hkdf.extract(SUITE.hash(), SALT, destination.toBytes());
    }
}
