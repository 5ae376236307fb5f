/** Tests. */
@NullMarked
package io.teahouse.cli.text;

import org.jspecify.annotations.NullMarked;
