/** {@code teahouse admin}: asks a running relay over its admin listener. */
@NullMarked
package io.teahouse.cli.admin;

import org.jspecify.annotations.NullMarked;
