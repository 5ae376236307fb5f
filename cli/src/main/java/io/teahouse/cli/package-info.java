/**
 * The {@code teahouse} program: {@code teahouse relay} starts a relay from a configuration file and runs it until a
 * signal ends it.
 *
 * <p>Everything a relay does is in {@code io.teahouse.relay.server}; here is what stands between it and a terminal:
 * options, exit codes, and what is said at the start, at the end, and when it cannot start.
 */
@NullMarked
package io.teahouse.cli;

import org.jspecify.annotations.NullMarked;
