/** The parts of a connection at work together, over simulated paths, with secrets that were agreed on before. */
@NullMarked
package io.teahouse.quic.conversation;

import org.jspecify.annotations.NullMarked;
