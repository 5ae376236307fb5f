/** Asking for addresses, over a network that only the test knows. */
@NullMarked
package io.teahouse.endpoint.netreport;

import org.jspecify.annotations.NullMarked;
