/**
 * Where log lines go when the program runs by itself: through {@link java.lang.System.Logger}, SLF4J and Logback to
 * standard error, one line for each event. Set up in code, which takes a fraction of the time that Logback's own
 * configuration files take.
 */
@NullMarked
package io.teahouse.cli.logging;

import org.jspecify.annotations.NullMarked;
