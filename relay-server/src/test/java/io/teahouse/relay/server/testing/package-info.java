/**
 * A real relay for any test, published as this module's test jar.
 *
 * <p>{@link io.teahouse.relay.server.testing.RelayServerExtension} starts a relay on a free port and ends it again;
 * {@link io.teahouse.relay.server.testing.TestCertificateAuthority} makes the certificates of a relay behind TLS. Users
 * bring JUnit 6 themselves and, for TLS, {@code bcpkix} of BouncyCastle: a test jar brings nothing along. Nothing here
 * is meant for production.
 */
@NullMarked
package io.teahouse.relay.server.testing;

import org.jspecify.annotations.NullMarked;
