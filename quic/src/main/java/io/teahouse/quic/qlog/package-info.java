/** Writes down what a connection does, in the form that tools for QUIC read. */
@NullMarked
package io.teahouse.quic.qlog;

import org.jspecify.annotations.NullMarked;
