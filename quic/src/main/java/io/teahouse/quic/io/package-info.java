/**
 * The only package of this module with sockets, threads, clocks and randomness.
 *
 * <p>{@link io.teahouse.quic.io.UdpTransport} is a socket that gives and takes datagrams in batches, with the marks of
 * explicit congestion notification and the local addresses where the system has them.
 */
@NullMarked
package io.teahouse.quic.io;

import org.jspecify.annotations.NullMarked;
