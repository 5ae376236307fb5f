/** Placeholder. */
@NullMarked
package io.teahouse.core;

import org.jspecify.annotations.NullMarked;
