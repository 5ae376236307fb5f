/**
 * Meetings with software that nobody here wrote: published iroh endpoints, WebSocket clients of other libraries.
 *
 * <p>The endpoints are programs of {@code interop/peers}, each a {@link io.teahouse.interop.PeerProcess}; {@code
 * interop/peers/install} gets what they need. Without it these tests are skipped, and say so; where {@code
 * TEAHOUSE_PEERS=required} is in the environment they fail. The same tests can be held against the reference relay, to
 * see whether it is the test that is wrong: {@code TEAHOUSE_REFERENCE_RELAY} names its program.
 */
@NullMarked
package io.teahouse.interop;

import org.jspecify.annotations.NullMarked;
