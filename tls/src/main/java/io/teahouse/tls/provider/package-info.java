/** Where cryptography comes from that the JDK is slow at. Which of it that is, its users say. */
@NullMarked
package io.teahouse.tls.provider;

import org.jspecify.annotations.NullMarked;
