/** Holds the key exchanges to published values and the providers to each other. */
@NullMarked
package io.teahouse.tls.exchange;

import org.jspecify.annotations.NullMarked;
