package io.teahouse.quic.qlog;

/**
 * JSON on one line, written from left to right. Only what qlog needs: the caller closes what it opens. Not thread-safe.
 *
 * <p>Own code, since nothing else is needed of JSON here, and QUIC knows no libraries.
 */
final class JsonText {
    private static final int FIRST_PRINTABLE = 0x20;

    private final StringBuilder text = new StringBuilder();

    JsonText begin(char bracket) {
        separate();
        text.append(bracket);
        return this;
    }

    JsonText end(char bracket) {
        text.append(bracket);
        return this;
    }

    JsonText name(String name) {
        separate();
        quote(name);
        text.append(':');
        return this;
    }

    JsonText field(String name, String value) {
        name(name);
        quote(value);
        return this;
    }

    JsonText field(String name, long value) {
        name(name);
        text.append(value);
        return this;
    }

    JsonText field(String name, boolean value) {
        name(name);
        text.append(value);
        return this;
    }

    /** Milliseconds, to the microsecond. */
    JsonText millis(String name, long nanos) {
        name(name);
        number(nanos);
        return this;
    }

    JsonText value(String value) {
        separate();
        quote(value);
        return this;
    }

    JsonText value(long value) {
        separate();
        text.append(value);
        return this;
    }

    private void number(long nanos) {
        long micros = Math.abs(nanos) / 1000;
        text.append(nanos < 0 ? "-" : "").append(micros / 1000).append('.');
        text.append((char) ('0' + micros / 100 % 10)).append((char) ('0' + micros / 10 % 10));
        text.append((char) ('0' + micros % 10));
    }

    private void separate() {
        if (!text.isEmpty() && "{[:".indexOf(text.charAt(text.length() - 1)) < 0) {
            text.append(',');
        }
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char character = value.charAt(i);
            if (character == '"' || character == '\\') {
                text.append('\\').append(character);
            } else if (character < FIRST_PRINTABLE) {
                text.append("\\u%04x".formatted((int) character));
            } else {
                text.append(character);
            }
        }
        text.append('"');
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
