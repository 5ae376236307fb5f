/** Holds tokens and secrets to those that the published client packages made. */
@NullMarked
package io.teahouse.core.token;

import org.jspecify.annotations.NullMarked;
