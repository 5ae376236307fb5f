/** Holds the codec to recorded messages, to the examples of RFC 8448, and to bytes that are none. */
@NullMarked
package io.teahouse.tls.message;

import org.jspecify.annotations.NullMarked;
