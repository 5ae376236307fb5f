package io.teahouse.quic.stream;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Bytes of a stream by their offset, as many as are needed between the first and the last.
 *
 * <p>They lie in pages, so that a byte far ahead costs a page and not all that is in between, and pieces cost nothing
 * but their bytes. What was put where is for the caller to know. Not thread-safe.
 */
final class StreamBytes {
    static final int PAGE_LENGTH = 4096;

    private static final byte[] NO_PAGE = new byte[0];
    private static final int INITIAL_PAGES = 4;

    /** A ring: the page of an offset is at the offset's page number modulo the ring's length, a power of two. */
    private byte[][] pages = new byte[INITIAL_PAGES][];

    /** The number of the first page that is kept. */
    private long firstPage;

    StreamBytes() {
        Arrays.fill(pages, NO_PAGE);
    }

    /** Takes in bytes; their offset must not be below what was discarded. */
    void put(long offset, ByteBuffer data) {
        long at = offset;
        while (data.hasRemaining()) {
            byte[] page = pageFor(at);
            int within = (int) (at % PAGE_LENGTH);
            int length = Math.min(data.remaining(), PAGE_LENGTH - within);
            data.get(page, within, length);
            at += length;
        }
    }

    /** Copies bytes that were put. */
    void copyTo(long offset, int length, ByteBuffer out) {
        long at = offset;
        int left = length;
        while (left > 0) {
            byte[] page = pages[slot(at / PAGE_LENGTH)];
            int within = (int) (at % PAGE_LENGTH);
            int piece = Math.min(left, PAGE_LENGTH - within);
            out.put(page, within, piece);
            at += piece;
            left -= piece;
        }
    }

    /** Forgets all bytes before an offset. */
    void discardBefore(long offset) {
        long page = offset / PAGE_LENGTH;
        long last = Math.min(page, firstPage + pages.length);
        for (long discarded = firstPage; discarded < last; discarded++) {
            pages[slot(discarded)] = NO_PAGE;
        }
        firstPage = Math.max(firstPage, page);
    }

    /** How many bytes of memory are in use. */
    long footprint() {
        return Arrays.stream(pages).mapToLong(page -> page.length).sum();
    }

    private byte[] pageFor(long offset) {
        long page = offset / PAGE_LENGTH;
        assert page >= firstPage : offset;
        while (page - firstPage >= pages.length) {
            grow();
        }
        int slot = slot(page);
        if (pages[slot].length == 0) {
            pages[slot] = new byte[PAGE_LENGTH];
        }
        return pages[slot];
    }

    private void grow() {
        byte[][] smaller = pages;
        pages = new byte[2 * smaller.length][];
        Arrays.fill(pages, NO_PAGE);
        for (long page = firstPage; page < firstPage + smaller.length; page++) {
            pages[slot(page)] = smaller[(int) (page & (smaller.length - 1))];
        }
    }

    private int slot(long page) {
        return (int) (page & (pages.length - 1));
    }
}
