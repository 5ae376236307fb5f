/** Tests. */
@NullMarked
package io.teahouse.cli;

import org.jspecify.annotations.NullMarked;
