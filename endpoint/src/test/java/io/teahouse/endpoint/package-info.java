/** What holds for all of the endpoint. */
@NullMarked
package io.teahouse.endpoint;

import org.jspecify.annotations.NullMarked;
