/**
 * The commands {@code teahouse token} and {@code teahouse key}: make keys and tokens, and look into them.
 *
 * <p>What tokens are is in {@code io.teahouse.core.token}; what a relay makes of them in
 * {@code io.teahouse.relay.server.access}.
 */
@NullMarked
package io.teahouse.cli.token;

import org.jspecify.annotations.NullMarked;
