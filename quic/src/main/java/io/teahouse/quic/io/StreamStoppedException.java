package io.teahouse.quic.io;

import java.io.IOException;

/** The peer wants nothing more of a stream, or we have given it up, so nothing more can be written to it. */
public final class StreamStoppedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long code;

    StreamStoppedException(String what, long code) {
        super("%s with code %d".formatted(what, code));
        this.code = code;
    }

    /**
     * {@return the code of the application that has done it}
     */
    public long code() {
        return code;
    }
}
