/** Holds signatures, names and chains to what may pass and what may not. */
@NullMarked
package io.teahouse.tls.certificate;

import org.jspecify.annotations.NullMarked;
