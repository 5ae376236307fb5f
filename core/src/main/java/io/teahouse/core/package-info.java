/**
 * Who and where: endpoint ids, the keys behind them, relay URLs and addresses.
 *
 * <p>Everything here is an immutable value that any thread may use. Nothing opens a socket, starts a thread or reads
 * a clock, and randomness is handed in. What comes as text or bytes becomes a value or a
 * {@link io.teahouse.core.FormatException}; once it is a value, it is valid.
 */
@NullMarked
package io.teahouse.core;

import org.jspecify.annotations.NullMarked;
