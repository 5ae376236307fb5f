/** Micro benchmarks. Figures are quoted in {@code docs/performance.md}, with the machine they come from. */
@NullMarked
package io.teahouse.bench;

import org.jspecify.annotations.NullMarked;
