/**
 * A relay's configuration file: from TOML to a {@code RelayServerConfig}, or to a list of what is wrong with it.
 *
 * <p>Keys, types and defaults are those of iroh's relay server (iroh relay spec, sections 5 and 6). Begin with
 * {@link io.teahouse.cli.config.RelayFile}. Nothing here listens, logs or starts anything; the command line is the
 * caller.
 */
@NullMarked
package io.teahouse.cli.config;

import org.jspecify.annotations.NullMarked;
