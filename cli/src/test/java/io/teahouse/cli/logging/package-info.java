/** Tests. */
@NullMarked
package io.teahouse.cli.logging;

import org.jspecify.annotations.NullMarked;
