/** Connections, and parts of them with secrets that were agreed on before, at work together over simulated networks. */
@NullMarked
package io.teahouse.quic.conversation;

import org.jspecify.annotations.NullMarked;
