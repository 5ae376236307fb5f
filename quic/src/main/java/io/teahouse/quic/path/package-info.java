/**
 * Paths: whether they carry, how large datagrams on them may be, which connection ids lead to them, how long they may
 * be silent, and what of theirs is on its way (RFC 9000, sections 5.1, 8, 10.1 and 14; RFC 9002; iroh QUIC spec,
 * section 2).
 *
 * <p>A connection has one path or several, and of everything here one for each. Each class knows one chapter, is told
 * the time, and is asked what it wants and when: {@code deadlineNanos} or {@code nextDeadlineNanos} is when to ask
 * again. Randomness comes from the caller.
 */
@NullMarked
package io.teahouse.quic.path;

import org.jspecify.annotations.NullMarked;
