/**
 * Proxies and load balancers before the relay: which are trusted, and what they tell of the clients behind them.
 *
 * <p>Only text and addresses here, no socket; {@code io.teahouse.relay.server.http} asks. How the programs are set up is in
 * {@code docs/proxies.md}.
 */
@NullMarked
package io.teahouse.relay.server.proxy;

import org.jspecify.annotations.NullMarked;
