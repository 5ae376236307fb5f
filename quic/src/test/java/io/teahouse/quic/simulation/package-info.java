@NullMarked
package io.teahouse.quic.simulation;

import org.jspecify.annotations.NullMarked;
