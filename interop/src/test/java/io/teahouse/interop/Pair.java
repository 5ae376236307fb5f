package io.teahouse.interop;

import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Two real endpoints that are to meet.
 *
 * @param listener accepts
 * @param dialler  connects
 */
record Pair(Peer listener, Peer dialler) {
    static Stream<Pair> all() {
        return Arrays.stream(Peer.values())
                .flatMap(listener -> Arrays.stream(Peer.values()).map(dialler -> new Pair(listener, dialler)));
    }

    @Override
    public String toString() {
        return "%s dials %s".formatted(dialler, listener);
    }
}
