/**
 * Who the peer is: certificates of X.509 and raw public keys (RFC 8446, sections 4.4.2 and 4.4.3; RFC 7250).
 *
 * <p>{@link io.teahouse.tls.certificate.Credential} is what one has oneself,
 * {@link io.teahouse.tls.certificate.PeerVerifier} what one demands of the other, and
 * {@link io.teahouse.tls.certificate.PeerIdentity} what came of it. Nothing here asks the network: no revocation, no missing
 * issuers.
 */
@NullMarked
package io.teahouse.tls.certificate;

import org.jspecify.annotations.NullMarked;
