/** TLS of the TCP listener: certificates and keys from files, BoringSSL where it runs, and keying material of sessions. */
@NullMarked
package io.teahouse.relay.server.tls;

import org.jspecify.annotations.NullMarked;
