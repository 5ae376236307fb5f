/** Tickets: text that one person hands to another so that their programs find each other. */
@NullMarked
package io.teahouse.core.ticket;

import org.jspecify.annotations.NullMarked;
