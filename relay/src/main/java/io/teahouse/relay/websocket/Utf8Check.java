package io.teahouse.relay.websocket;

/**
 * Checks that bytes which arrive piece by piece are UTF-8 (RFC 3629), without keeping them.
 *
 * <p>Not thread-safe.
 */
final class Utf8Check {
    private int bytesToCome;
    /** Range in which the next continuation byte must be; narrower than usual behind some first bytes. */
    private int low = 0x80;

    private int high = 0xBF;

    /** Takes in one byte; returns false once the text cannot be UTF-8 any more. */
    boolean accept(int b) {
        if (bytesToCome > 0) {
            if (b < low || b > high) {
                return false;
            }
            bytesToCome--;
            low = 0x80;
            high = 0xBF;
            return true;
        }
        if (b < 0x80) {
            return true;
        }
        if (b < 0xC2 || b > 0xF4) {
            return false;
        }
        bytesToCome = b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
        // No overlong forms, no surrogates, nothing above U+10FFFF.
        low = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80;
        high = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
        return true;
    }

    /** Returns whether the bytes so far end with a whole character. */
    boolean isComplete() {
        return bytesToCome == 0;
    }

    /** Forgets what was taken in. */
    void reset() {
        bytesToCome = 0;
        low = 0x80;
        high = 0xBF;
    }
}
