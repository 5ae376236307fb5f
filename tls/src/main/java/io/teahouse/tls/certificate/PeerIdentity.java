package io.teahouse.tls.certificate;

import io.teahouse.core.EndpointId;
import java.security.cert.X509Certificate;

/** Who the peer has shown to be. */
public sealed interface PeerIdentity {
    /** Nobody in particular: a client that was not asked. */
    record Anonymous() implements PeerIdentity {}

    /**
     * The endpoint of an id.
     *
     * @param id its public key
     */
    record Endpoint(EndpointId id) implements PeerIdentity {}

    /**
     * Whoever a certificate was issued to, which is trusted for the name that was asked for.
     *
     * @param certificate its own, without the chain
     */
    record Certified(X509Certificate certificate) implements PeerIdentity {}
}
