/** Holds the key schedule to RFC 8448 and to recorded secrets. */
@NullMarked
package io.teahouse.tls.schedule;

import org.jspecify.annotations.NullMarked;
