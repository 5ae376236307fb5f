/**
 * Sets of numbers that come in runs: which packets were received, which bytes of a stream are there, which are lost.
 */
@NullMarked
package io.teahouse.quic.range;

import org.jspecify.annotations.NullMarked;
