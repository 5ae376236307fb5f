/** Clients that mean harm, for {@code floods.sh}: it shows what they do to those who do not. */
@NullMarked
package io.teahouse.bench.flood;

import org.jspecify.annotations.NullMarked;
