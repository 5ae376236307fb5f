@NullMarked
package io.teahouse.quic.recording;

import org.jspecify.annotations.NullMarked;
