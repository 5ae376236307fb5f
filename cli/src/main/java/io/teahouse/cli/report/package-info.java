/**
 * {@code teahouse report}: at which addresses relays see this machine, over IPv4 and IPv6, and how far away they are.
 *
 * <p>The asking itself is in {@code io.teahouse.endpoint.netreport}.
 */
@NullMarked
package io.teahouse.cli.report;

import org.jspecify.annotations.NullMarked;
