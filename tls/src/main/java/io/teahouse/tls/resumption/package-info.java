/**
 * Taking up where an earlier connection left off (RFC 8446, sections 2.2, 4.6.1 and 8): tickets of a server, which keeps
 * nothing for them but keys; tickets of a client, which keeps few; and what guards data in 0-RTT packets against replay.
 */
@NullMarked
package io.teahouse.tls.resumption;

import org.jspecify.annotations.NullMarked;
