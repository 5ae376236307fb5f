package io.teahouse.relay.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads WebSocket messages from a stream of buffers (RFC 6455, sections 5 and 8.1), copying none that it need not.
 *
 * <p>Asked by whoever owns the connection: call {@link #next} with the same buffer until it says
 * {@link Event#NEED_MORE}, then with the next buffer. A message that lies whole in the buffer stays there, masked, and
 * its reader unmasks it on the way to where it is to go. One that is cut by the end of the buffer is unmasked into a
 * buffer of its own as it comes. Text is checked and skipped (iroh relay spec, section 2.3).
 *
 * <p>This is the fast path: an event is a constant, and what belongs to it is read from this object until the next
 * call. Not thread-safe: confined to the connection's thread. {@link #close} gives back what it holds.
 */
public final class WebSocketReader implements AutoCloseable {
    /** Bytes free before the payload of an {@linkplain #isAssembled assembled} message, for a header to be put there. */
    public static final int HEADROOM = FrameHeader.MAX_LENGTH;

    /** Largest payload of a control frame (RFC 6455, section 5.5). */
    public static final int MAX_CONTROL_PAYLOAD = 125;

    /** Longest text message that is skipped; above it the connection is closed. */
    public static final int MAX_TEXT = 1 << 20;

    /** No buffer grows beyond this many times the bytes that really came: a length alone is not believed. */
    private static final int GROWTH_FACTOR = 4;

    private static final int MIN_ASSEMBLY = 512;
    private static final int MAX_HEADER = 14;
    private static final int FIN = 0x80;
    private static final int RESERVED = 0x70;
    private static final int CONTROL = 0x08;
    private static final int MASKED = 0x80;

    /** What was found. */
    public enum Event {
        /** Nothing more in this buffer: come back with the next one. */
        NEED_MORE,
        /** A binary message: see {@link #source()}, {@link #index()}, {@link #length()}, {@link #mask()}. */
        BINARY,
        /** A ping, to be answered with its {@link #controlPayload()}. */
        PING,
        /** A pong. */
        PONG,
        /** The other side closes; its {@link #controlPayload()} may begin with a code. Nothing follows. */
        CLOSE
    }

    private final ByteBufAllocator allocator;
    private final boolean expectMasked;
    private final int maxMessage;

    /** A header that the end of a buffer cut in two. */
    private final byte[] headerPart = new byte[MAX_HEADER];

    private int headerPartLength;

    // The frame whose payload is being read; frameLeft < 0 while a header is awaited.
    private int frameLeft = -1;
    private int frameMask;
    private int frameOpcode;
    private boolean frameFin;

    /** Opcode of the message of which parts are still to come; CONTINUATION when there is none. */
    private int messageOpcode = Opcode.CONTINUATION;

    private int textLength;
    private final Utf8Check utf8 = new Utf8Check();
    private @Nullable ByteBuf assembly;
    private byte[] control = new byte[0];
    private int controlLength;
    private boolean closed;

    // What the last event was about.
    private @Nullable ByteBuf source;
    private boolean assembled;
    private int index;
    private int length;
    private int mask;

    /**
     * Creates a reader at the beginning of a stream.
     *
     * @param allocator    makes the buffers for messages that come in pieces
     * @param expectMasked whether the other side is a client, which must mask, or a server, which must not
     * @param maxMessage   longest binary message, in bytes; a longer one is an error as soon as its length is known
     */
    public WebSocketReader(ByteBufAllocator allocator, boolean expectMasked, int maxMessage) {
        this.allocator = allocator;
        this.expectMasked = expectMasked;
        this.maxMessage = maxMessage;
    }

    /**
     * Reads on.
     *
     * @param in bytes of the stream; those that were dealt with are skipped
     * @return what was found
     * @throws WebSocketException when the other side broke the rules; no more can be read then
     */
    public Event next(ByteBuf in) throws WebSocketException {
        releaseDelivered();
        while (!closed) {
            if (frameLeft < 0 && !readHeader(in)) {
                return Event.NEED_MORE;
            }
            var event = readPayload(in);
            if (event != null) {
                return event;
            }
            if (frameLeft >= 0) {
                return Event.NEED_MORE;
            }
        }
        in.skipBytes(in.readableBytes());
        return Event.NEED_MORE;
    }

    /**
     * {@return the buffer that holds the message; valid until the next call of {@link #next}}
     */
    public ByteBuf source() {
        return Objects.requireNonNull(source, "no message");
    }

    /**
     * {@return where in {@link #source()} the message begins}
     */
    public int index() {
        return index;
    }

    /**
     * {@return the length of the message in bytes}
     */
    public int length() {
        return length;
    }

    /**
     * {@return the key that the message is masked with, in the form of {@link Masking}; 0 if it lies there clear}
     */
    public int mask() {
        return mask;
    }

    /**
     * {@return whether the message lies clear in a buffer of its own, behind {@link #HEADROOM} free bytes; who wants
     * to keep that buffer retains it}
     */
    public boolean isAssembled() {
        return assembled;
    }

    /**
     * {@return a copy of the message, clear}
     */
    public ByteBuffer unmaskedCopy() {
        var bytes = new byte[length];
        source().getBytes(index, bytes);
        for (int i = 0; mask != 0 && i < length; i++) {
            bytes[i] ^= (byte) (mask >>> ((i & 3) * 8));
        }
        return ByteBuffer.wrap(bytes);
    }

    /**
     * {@return a copy of the payload of the control frame that was found, at most {@link #MAX_CONTROL_PAYLOAD} bytes}
     */
    public byte[] controlPayload() {
        return Arrays.copyOf(control, controlLength);
    }

    /** Gives back the buffer of a message that will not be completed. May be called twice. */
    @Override
    public void close() {
        closed = true;
        source = null;
        if (assembly != null) {
            assembly.release();
            assembly = null;
        }
    }

    private void releaseDelivered() {
        if (assembled && assembly != null) {
            assembly.release();
            assembly = null;
        }
        assembled = false;
        source = null;
    }

    /** Reads a header, from one buffer or from two; returns whether it is complete. */
    private boolean readHeader(ByteBuf in) throws WebSocketException {
        int available = in.readableBytes();
        if (headerPartLength == 0 && available >= 2) {
            int headerLength = headerLength(in.getUnsignedByte(in.readerIndex() + 1));
            if (available >= headerLength) {
                int at = in.readerIndex();
                int second = in.getUnsignedByte(at + 1);
                long payloadLength = second & 0x7F;
                if (payloadLength == 126) {
                    payloadLength = in.getUnsignedShort(at + 2);
                } else if (payloadLength == 127) {
                    payloadLength = in.getLong(at + 2);
                }
                boolean masked = (second & MASKED) != 0;
                int key = masked ? in.getIntLE(at + headerLength - 4) : 0;
                in.skipBytes(headerLength);
                begin(in.getUnsignedByte(at), second & 0x7F, payloadLength, masked, key);
                return true;
            }
        }
        return readHeaderInParts(in);
    }

    private boolean readHeaderInParts(ByteBuf in) throws WebSocketException {
        while (in.isReadable()) {
            headerPart[headerPartLength++] = in.readByte();
            if (headerPartLength < 2 || headerPartLength < headerLength(headerPart[1] & 0xFF)) {
                continue;
            }
            int second = headerPart[1] & 0xFF;
            long payloadLength = second & 0x7F;
            int at = 2;
            if (payloadLength >= 126) {
                int bytes = payloadLength == 126 ? 2 : 8;
                payloadLength = 0;
                for (; at < 2 + bytes; at++) {
                    payloadLength = (payloadLength << 8) | (headerPart[at] & 0xFF);
                }
            }
            boolean masked = (second & MASKED) != 0;
            int key = 0;
            for (int i = 0; masked && i < 4; i++) {
                key |= (headerPart[at + i] & 0xFF) << (8 * i);
            }
            headerPartLength = 0;
            begin(headerPart[0] & 0xFF, second & 0x7F, payloadLength, masked, key);
            return true;
        }
        return false;
    }

    private static int headerLength(int second) {
        int extended = (second & 0x7F) == 126 ? 2 : (second & 0x7F) == 127 ? 8 : 0;
        return 2 + extended + ((second & MASKED) != 0 ? 4 : 0);
    }

    /** Checks a header against all rules before a single byte of payload is looked at. */
    private void begin(int first, int shortLength, long payloadLength, boolean masked, int key)
            throws WebSocketException {
        if ((first & RESERVED) != 0) {
            throw protocolError("reserved bits set (expected: none, no extension was negotiated)");
        }
        if (masked != expectMasked) {
            throw protocolError(masked ? "masked frame from a server" : "frame that is not masked from a client");
        }
        if (payloadLength < 0
                || (shortLength == 126 && payloadLength < 126)
                || (shortLength == 127 && payloadLength <= 0xFFFF)) {
            throw protocolError("payload length that is not in its shortest form");
        }
        int opcode = first & 0x0F;
        boolean fin = (first & FIN) != 0;
        if ((opcode & CONTROL) != 0) {
            checkControl(opcode, fin, payloadLength);
        } else {
            checkData(opcode, payloadLength);
        }
        frameOpcode = opcode;
        frameFin = fin;
        frameMask = key;
        frameLeft = (int) payloadLength;
    }

    private void checkControl(int opcode, boolean fin, long payloadLength) throws WebSocketException {
        if (opcode > Opcode.PONG) {
            throw protocolError("opcode %d (expected: 0, 1, 2, 8, 9 or 10)".formatted(opcode));
        }
        if (!fin || payloadLength > MAX_CONTROL_PAYLOAD) {
            throw protocolError("control frame of %d bytes%s (expected: at most %d, whole)"
                    .formatted(payloadLength, fin ? "" : " in parts", MAX_CONTROL_PAYLOAD));
        }
        controlLength = 0;
    }

    private void checkData(int opcode, long payloadLength) throws WebSocketException {
        if (opcode > Opcode.BINARY) {
            throw protocolError("opcode %d (expected: 0, 1, 2, 8, 9 or 10)".formatted(opcode));
        }
        boolean continues = messageOpcode != Opcode.CONTINUATION;
        if (continues != (opcode == Opcode.CONTINUATION)) {
            throw protocolError(continues ? "new message inside another" : "continuation of no message");
        }
        if (!continues) {
            messageOpcode = opcode;
            textLength = 0;
            utf8.reset();
        }
        boolean text = messageOpcode == Opcode.TEXT;
        int limit = text ? MAX_TEXT : maxMessage;
        int before = text ? textLength : assembledLength();
        if (payloadLength > limit - before) {
            throw new WebSocketException(
                    CloseCode.TOO_BIG,
                    "%s message of %s bytes or more (expected: at most %d)"
                            .formatted(text ? "text" : "binary", Long.toUnsignedString(before + payloadLength), limit));
        }
    }

    private int assembledLength() {
        return assembly == null ? 0 : assembly.writerIndex() - HEADROOM;
    }

    /** Reads what is there of the payload; returns an event when that completes one. */
    private @Nullable Event readPayload(ByteBuf in) throws WebSocketException {
        int count = Math.min(frameLeft, in.readableBytes());
        if ((frameOpcode & CONTROL) != 0) {
            return readControl(in, count);
        }
        if (messageOpcode == Opcode.TEXT) {
            return readText(in, count);
        }
        if (count == frameLeft && frameFin && assembly == null) {
            source = in;
            index = in.readerIndex();
            length = count;
            mask = frameMask;
            in.skipBytes(count);
            return endMessage(Event.BINARY);
        }
        assemble(in, count);
        if (frameLeft > 0) {
            return null;
        }
        frameLeft = -1;
        if (!frameFin) {
            return null;
        }
        source = assembly;
        assembled = true;
        index = HEADROOM;
        length = assembledLength();
        mask = 0;
        return endMessage(Event.BINARY);
    }

    private Event endMessage(Event event) {
        frameLeft = -1;
        messageOpcode = Opcode.CONTINUATION;
        return event;
    }

    private void assemble(ByteBuf in, int count) {
        var target = assembly;
        if (target == null) {
            int wanted = HEADROOM + frameLeft;
            int believed = HEADROOM + Math.max(MIN_ASSEMBLY, GROWTH_FACTOR * count);
            target = allocator.directBuffer(Math.min(wanted, believed), HEADROOM + maxMessage);
            target.writerIndex(HEADROOM);
            assembly = target;
        }
        if (target.writableBytes() < count) {
            // At least twofold, or a message in thousands of tiny parts would be copied as many times.
            int held = target.writerIndex() + count;
            int wanted = Math.max(target.writerIndex() + frameLeft, 2 * held);
            target.capacity(Math.min(target.maxCapacity(), Math.min(wanted, GROWTH_FACTOR * held)));
        }
        Masking.copy(in, in.readerIndex(), target, target.writerIndex(), count, frameMask);
        target.writerIndex(target.writerIndex() + count);
        in.skipBytes(count);
        frameMask = Masking.rotate(frameMask, count);
        frameLeft -= count;
    }

    private @Nullable Event readText(ByteBuf in, int count) throws WebSocketException {
        for (int i = 0; i < count; i++) {
            int b = (in.readByte() ^ (frameMask >>> ((i & 3) * 8))) & 0xFF;
            if (!utf8.accept(b)) {
                throw new WebSocketException(CloseCode.INVALID_TEXT, "text that is not UTF-8");
            }
        }
        frameMask = Masking.rotate(frameMask, count);
        frameLeft -= count;
        textLength += count;
        if (frameLeft == 0) {
            frameLeft = -1;
            if (frameFin) {
                messageOpcode = Opcode.CONTINUATION;
                if (!utf8.isComplete()) {
                    throw new WebSocketException(CloseCode.INVALID_TEXT, "text that ends within a character");
                }
            }
        }
        return null;
    }

    private @Nullable Event readControl(ByteBuf in, int count) throws WebSocketException {
        if (control.length == 0 && count > 0) {
            control = new byte[MAX_CONTROL_PAYLOAD];
        }
        for (int i = 0; i < count; i++) {
            control[controlLength++] = (byte) (in.readByte() ^ (frameMask >>> ((i & 3) * 8)));
        }
        frameMask = Masking.rotate(frameMask, count);
        frameLeft -= count;
        if (frameLeft > 0) {
            return null;
        }
        frameLeft = -1;
        if (frameOpcode == Opcode.PING) {
            return Event.PING;
        }
        if (frameOpcode == Opcode.PONG) {
            return Event.PONG;
        }
        checkClose();
        closed = true;
        return Event.CLOSE;
    }

    private void checkClose() throws WebSocketException {
        if (controlLength == 0) {
            return;
        }
        if (controlLength == 1) {
            throw protocolError("close frame of 1 byte (expected: none, or a code)");
        }
        int code = ((control[0] & 0xFF) << 8) | (control[1] & 0xFF);
        if (!CloseCode.isSendable(code)) {
            throw protocolError("close code %d (expected: one that may be sent)".formatted(code));
        }
        utf8.reset();
        for (int i = 2; i < controlLength; i++) {
            if (!utf8.accept(control[i] & 0xFF)) {
                throw new WebSocketException(CloseCode.INVALID_TEXT, "close reason that is not UTF-8");
            }
        }
        if (!utf8.isComplete()) {
            throw new WebSocketException(CloseCode.INVALID_TEXT, "close reason that ends within a character");
        }
    }

    private static WebSocketException protocolError(String message) {
        return new WebSocketException(CloseCode.PROTOCOL_ERROR, message);
    }
}
