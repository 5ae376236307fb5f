/** Asking for addresses, over real sockets. */
@NullMarked
package io.teahouse.endpoint.netreport.io;

import org.jspecify.annotations.NullMarked;
