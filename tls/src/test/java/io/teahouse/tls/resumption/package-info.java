/** Holds tickets to their keys, times and limits. */
@NullMarked
package io.teahouse.tls.resumption;

import org.jspecify.annotations.NullMarked;
