package io.teahouse.quic.io;

import java.io.IOException;

/** The peer has given a stream up, or we have, so nothing more can be read from it. */
public final class StreamResetException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long code;

    StreamResetException(String what, long code) {
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
