/** Tests to copy: what a program that embeds the relay, or talks to one, writes in its own tests. */
@NullMarked
package io.teahouse.interop.examples;

import org.jspecify.annotations.NullMarked;
