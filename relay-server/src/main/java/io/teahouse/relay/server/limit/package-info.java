/**
 * How much a client may send: the arithmetic of it, without a clock.
 *
 * <p>{@link io.teahouse.relay.server.limit.TokenBucket} is told what was read and when, and says for how long not to read.
 * That nothing is read is what slows the client down, by TCP's own means; nothing is dropped here. What comes
 * before and after is in {@code docs/datagram.md}.
 */
@NullMarked
package io.teahouse.relay.server.limit;

import org.jspecify.annotations.NullMarked;
