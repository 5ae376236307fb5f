/** What messages to people have in common. */
@NullMarked
package io.teahouse.cli.text;

import org.jspecify.annotations.NullMarked;
