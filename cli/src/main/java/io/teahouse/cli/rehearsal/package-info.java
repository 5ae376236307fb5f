/**
 * A relay that serves itself for a moment, so that the JVM can write down what a start needs. Only {@code ./teahouse}
 * runs this, after a build; nothing that serves others comes near it.
 */
@NullMarked
package io.teahouse.cli.rehearsal;

import org.jspecify.annotations.NullMarked;
