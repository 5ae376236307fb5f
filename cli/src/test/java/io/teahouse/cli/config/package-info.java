/** Tests. */
@NullMarked
package io.teahouse.cli.config;

import org.jspecify.annotations.NullMarked;
