/** Load for address discovery. */
@NullMarked
package io.teahouse.bench.discovery;

import org.jspecify.annotations.NullMarked;
