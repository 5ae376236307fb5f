/**
 * The key schedule (RFC 8446, section 7): from the shared secret and the transcript to all other secrets.
 *
 * <p>One class for each stage, {@link io.teahouse.tls.schedule.EarlySecret}, {@link io.teahouse.tls.schedule.HandshakeSecret}
 * and {@link io.teahouse.tls.schedule.MasterSecret}: what cannot be derived yet cannot be asked for, and going on to the
 * next stage wipes the one before.
 *
 * <p>What is wiped are the arrays of this package. Copies that the JDK's cryptography makes for a moment live until they are
 * collected.
 */
@NullMarked
package io.teahouse.tls.schedule;

import org.jspecify.annotations.NullMarked;
