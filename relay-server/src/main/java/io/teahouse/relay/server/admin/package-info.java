/** What operators ask of a running relay over its admin listener, and how it answers. */
@NullMarked
package io.teahouse.relay.server.admin;

import org.jspecify.annotations.NullMarked;
