package io.teahouse.relay.client;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks what only decides, among classes that act: it is handed bytes, times and randomness, and hands back what is to be
 * done. A test reads the compiled classes and holds these to it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.CLASS)
@interface SansIo {}
