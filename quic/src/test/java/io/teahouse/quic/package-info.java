@NullMarked
package io.teahouse.quic;

import org.jspecify.annotations.NullMarked;
