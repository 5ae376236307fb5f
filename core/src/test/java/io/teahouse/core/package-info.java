/** Holds the values to what iroh endpoints were observed to accept, refuse and write. */
@NullMarked
package io.teahouse.core;

import org.jspecify.annotations.NullMarked;
