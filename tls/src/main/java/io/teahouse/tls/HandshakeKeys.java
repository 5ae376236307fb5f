package io.teahouse.tls;

import io.teahouse.tls.exchange.NamedGroup;
import io.teahouse.tls.message.Alert;
import io.teahouse.tls.message.Finished;
import io.teahouse.tls.message.TlsException;
import io.teahouse.tls.schedule.CipherSuite;
import io.teahouse.tls.schedule.EarlySecret;
import io.teahouse.tls.schedule.HandshakeSecret;
import io.teahouse.tls.schedule.TrafficSecret;
import java.security.MessageDigest;

/**
 * What both sides have once keys are exchanged.
 *
 * @param suite  the one that was chosen
 * @param group  how keys were exchanged
 * @param secret the stage of the key schedule
 * @param client secret of the client's packets, and of its Finished
 * @param server secret of the server's packets, and of its Finished
 */
record HandshakeKeys(
        CipherSuite suite, NamedGroup group, HandshakeSecret secret, TrafficSecret client, TrafficSecret server) {
    /** Derives them; the early stage and the shared secret are wiped. */
    static HandshakeKeys derive(
            CipherSuite suite, NamedGroup group, EarlySecret early, byte[] sharedSecret, byte[] serverHelloHash) {
        var secret = early.toHandshake(sharedSecret);
        return new HandshakeKeys(
                suite,
                group,
                secret,
                secret.clientTraffic(suite, serverHelloHash),
                secret.serverTraffic(suite, serverHelloHash));
    }

    /** Makes sure that the peer has seen and said the same. */
    static void requireFinished(Finished finished, TrafficSecret ofSender, byte[] transcriptHash) throws TlsException {
        if (!MessageDigest.isEqual(finished.verifyData().toArray(), ofSender.finished(transcriptHash))) {
            throw new TlsException(Alert.DECRYPT_ERROR, "finished: it does not fit what was said before");
        }
    }

    void destroy() {
        secret.destroy();
        client.destroy();
        server.destroy();
    }
}
