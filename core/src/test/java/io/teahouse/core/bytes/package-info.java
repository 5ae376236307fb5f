/** Holds the encodings to the examples of their documents, and to what they write themselves. */
@NullMarked
package io.teahouse.core.bytes;

import org.jspecify.annotations.NullMarked;
