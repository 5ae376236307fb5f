/**
 * Certificates that a certification authority issues over ACME (RFC 8555) and that are replaced before they expire: when ({@code
 * RenewalSchedule}), how ({@code CertificateOrder}), and what is kept ({@code AcmeCache}).
 *
 * <p>Only a relay with such a certificate loads these classes, and the libraries behind them.
 */
@NullMarked
package io.teahouse.relay.server.acme;

import org.jspecify.annotations.NullMarked;
