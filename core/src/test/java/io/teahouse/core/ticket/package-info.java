/** Holds tickets to those that iroh endpoints wrote. */
@NullMarked
package io.teahouse.core.ticket;

import org.jspecify.annotations.NullMarked;
