/** Runs the machines of {@link io.teahouse.endpoint.netreport} on sockets, with a thread and clocks. */
@NullMarked
package io.teahouse.endpoint.netreport.io;

import org.jspecify.annotations.NullMarked;
