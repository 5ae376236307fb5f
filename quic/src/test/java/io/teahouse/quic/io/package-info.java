@NullMarked
package io.teahouse.quic.io;

import org.jspecify.annotations.NullMarked;
