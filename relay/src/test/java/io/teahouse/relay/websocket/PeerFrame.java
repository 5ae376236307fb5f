package io.teahouse.relay.websocket;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A frame as the other side writes it, right or wrong, laid out from RFC 6455, section 5.2, without any of the code that
 * is under test. Starts as a good one and is spoilt step by step; immutable.
 */
@SuppressWarnings("ArrayRecordComponent") // test data, never compared
record PeerFrame(int first, boolean masked, int key, LengthForm form, long announced, byte[] payload) {

    /** In which of the three forms the length is written. */
    enum LengthForm {
        SHORTEST,
        TWO_BYTES,
        EIGHT_BYTES
    }

    /** Returns a whole message of a client. */
    static PeerFrame of(int opcode, byte... payload) {
        return new PeerFrame(0x80 | opcode, true, 0x5A3C96E1, LengthForm.SHORTEST, payload.length, payload);
    }

    /** Returns the frame with more parts to come. */
    PeerFrame inParts() {
        return new PeerFrame(first & 0x7F, masked, key, form, announced, payload);
    }

    PeerFrame reserved(int bits) {
        return new PeerFrame(first | bits, masked, key, form, announced, payload);
    }

    /** Returns the frame with another key, whose highest byte is the first on the wire. */
    PeerFrame key(int newKey) {
        return new PeerFrame(first, masked, newKey, form, announced, payload);
    }

    /** Returns the frame as a server writes it. */
    PeerFrame unmasked() {
        return new PeerFrame(first, false, 0, form, announced, payload);
    }

    PeerFrame form(LengthForm newForm) {
        return new PeerFrame(first, masked, key, newForm, announced, payload);
    }

    /** Returns the frame with a header that promises another length than follows. */
    PeerFrame announcing(long length) {
        return new PeerFrame(first, masked, key, form, length, payload);
    }

    byte[] bytes() {
        var out = ByteBuffer.allocate(14 + payload.length);
        out.put((byte) first);
        int maskBit = masked ? 0x80 : 0;
        if (form == LengthForm.EIGHT_BYTES || announced > 0xFFFF || announced < 0) {
            out.put((byte) (maskBit | 127)).putLong(announced);
        } else if (form == LengthForm.TWO_BYTES || announced > 125) {
            out.put((byte) (maskBit | 126)).putShort((short) announced);
        } else {
            out.put((byte) (maskBit | (int) announced));
        }
        if (masked) {
            out.putInt(key);
        }
        for (int i = 0; i < payload.length; i++) {
            out.put((byte) (payload[i] ^ (key >>> (24 - 8 * (i % 4)))));
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /** Returns the bytes of several frames, one behind the other. */
    static byte[] stream(PeerFrame... frames) {
        int length = 0;
        for (var frame : frames) {
            length += frame.bytes().length;
        }
        var all = ByteBuffer.allocate(length);
        for (var frame : frames) {
            all.put(frame.bytes());
        }
        return all.array();
    }
}
