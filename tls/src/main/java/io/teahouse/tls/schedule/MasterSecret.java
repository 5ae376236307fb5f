package io.teahouse.tls.schedule;

import java.util.Arrays;

/** The last stage: the secrets of the connection. Not thread-safe. */
public final class MasterSecret {
    private final HashAlgorithm hash;
    private final byte[] secret;

    MasterSecret(HashAlgorithm hash, byte[] secret) {
        this.hash = hash;
        this.secret = secret;
    }

    /**
     * {@return the first secret of what the client sends in 1-RTT packets}
     *
     * @param suite              the one that was chosen
     * @param serverFinishedHash of everything up to the server's Finished
     */
    public TrafficSecret clientTraffic(CipherSuite suite, byte[] serverFinishedHash) {
        return new TrafficSecret(suite, Hkdf.deriveSecret(hash, secret, "c ap traffic", serverFinishedHash));
    }

    /**
     * {@return the first secret of what the server sends in 1-RTT packets}
     *
     * @param suite              the one that was chosen
     * @param serverFinishedHash of everything up to the server's Finished
     */
    public TrafficSecret serverTraffic(CipherSuite suite, byte[] serverFinishedHash) {
        return new TrafficSecret(suite, Hkdf.deriveSecret(hash, secret, "s ap traffic", serverFinishedHash));
    }

    /**
     * {@return the secret from which keying material is exported}
     *
     * @param serverFinishedHash of everything up to the server's Finished
     */
    public ExporterSecret exporter(byte[] serverFinishedHash) {
        return new ExporterSecret(hash, Hkdf.deriveSecret(hash, secret, "exp master", serverFinishedHash));
    }

    /**
     * {@return the secret from which the keys of tickets are made; this stage is wiped, since nothing else comes after}
     *
     * @param clientFinishedHash of everything up to the client's Finished
     */
    public ResumptionSecret toResumption(byte[] clientFinishedHash) {
        try {
            return new ResumptionSecret(hash, Hkdf.deriveSecret(hash, secret, "res master", clientFinishedHash));
        } finally {
            destroy();
        }
    }

    /** Wipes it. */
    public void destroy() {
        Arrays.fill(secret, (byte) 0);
    }

    /** The secret itself, for the vectors. */
    byte[] bytes() {
        return secret;
    }
}
