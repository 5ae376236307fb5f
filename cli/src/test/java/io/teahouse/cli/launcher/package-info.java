/** The scripts at the root of the project: what they build, find and start. */
@NullMarked
package io.teahouse.cli.launcher;

import org.jspecify.annotations.NullMarked;
