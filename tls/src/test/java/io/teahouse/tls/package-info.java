/** Holds the machines to each other, to the rules of the RFC, and to software that nobody here wrote. */
@NullMarked
package io.teahouse.tls;

import org.jspecify.annotations.NullMarked;
