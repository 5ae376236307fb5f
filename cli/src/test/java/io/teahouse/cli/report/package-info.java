/** What {@code teahouse report} says of what it found. */
@NullMarked
package io.teahouse.cli.report;

import org.jspecify.annotations.NullMarked;
